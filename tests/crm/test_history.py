"""What happened to a contact, what people wrote down about it, and who it belongs to."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from crm import contacts, history, notes
from crm.models import HistoryEntry, Note
from tests.factories import CrmContactFactory

pytestmark = pytest.mark.django_db


def ago(hours: int):
    return timezone.now() - timedelta(hours=hours)


def test_the_timeline_has_history_and_notes_newest_first(django_assert_num_queries) -> None:
    contact, user = CrmContactFactory(), get_user_model().objects.create_user("grace")
    history.record(contact, "sent", "A message was sent.", at=ago(3))
    history.record(contact, "replied", "They replied.", user, ago(1))
    note = notes.add(contact, " Met at the fair ", user)
    Note.objects.filter(pk=note.pk).update(created_at=ago(2))
    history.record(CrmContactFactory(), "sent", "To somebody else.")
    with django_assert_num_queries(2):
        lines = history.timeline(contact, 10)
    assert [(line.kind, line.text, line.actor) for line in lines] == [
        ("replied", "They replied.", "grace"),
        ("note", "Met at the fair", "grace"),
        ("sent", "A message was sent.", ""),
    ]
    assert [line.kind for line in history.timeline(contact, 2)] == ["replied", "note"]


@pytest.mark.parametrize(("text", "sentence"), [(" \n", "is empty"), ("x" * 10_001, "10001 characters")])
def test_a_note_has_something_to_say_and_an_end(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        notes.add(CrmContactFactory(), text, None)
    assert not Note.objects.exists()


def test_an_owner_is_set_for_many_and_told_where_it_was_another(django_assert_max_num_queries) -> None:
    boss, owner = [get_user_model().objects.create_user(name) for name in ("boss", "grace")]
    hers = CrmContactFactory(owner=owner)
    others = CrmContactFactory.create_batch(20)
    with django_assert_max_num_queries(12):
        assert contacts.set_owner([hers, *others], owner, boss) == 20
    assert contacts.set_owner([hers, *others], owner, boss) == 0
    assert owner.owned_contacts.count() == 21
    assert contacts.set_owner([hers], None, boss) == 1
    entries = HistoryEntry.objects.order_by("created_at")
    assert {(row.kind, row.sentence, row.actor) for row in entries} == {
        ("owner_changed", "Owner is now grace.", boss),
        ("owner_changed", "Nobody is the owner any more.", boss),
    }
    assert entries.count() == 21


def test_the_relationship_is_set_and_told_once() -> None:
    contact = CrmContactFactory()
    assert contacts.set_relationship(contact, "Customer", None)
    assert not contacts.set_relationship(contact, "Customer", None)
    contact.refresh_from_db()
    assert contact.relationship_status == "Customer"
    assert contact.history.get().sentence == "Relationship is now Customer."
    with pytest.raises(ValueError, match="“Friend” is no relationship status: write one of New"):
        contacts.set_relationship(contact, "Friend", None)
