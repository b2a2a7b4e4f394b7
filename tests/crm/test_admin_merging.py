"""Notes, consent, history and owners on a contact's page, and merging two contacts, as an admin does it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from crm import consents, history, merging, notes
from crm.models import Consent, Contact, Merge, Note
from tests.crm.test_admin import CONTACTS, HOSTILE, change, page, save
from tests.factories import CrmAddressFactory, CrmContactFactory

pytestmark = pytest.mark.django_db

MERGES = reverse("admin:crm_merge_changelist")


@pytest.fixture
def boss():
    return get_user_model().objects.create_superuser("boss", password="!")


@pytest.fixture
def staff(client, boss):
    client.force_login(boss)
    return client


def rows(prefix: str, *forms: dict[str, object], there: int = 0) -> dict[str, object]:
    """Return an inline's fields: `there` of its forms are rows that exist."""
    fields = {f"{prefix}-{n}-{name}": value for n, form in enumerate(forms) for name, value in form.items()}
    return {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": there, **fields}


# Beside a contact


def test_a_note_is_kept_with_its_author_and_never_edited(staff, boss) -> None:
    contact = CrmContactFactory()
    assert save(staff, contact, more=rows("notes", {"text": f" {HOSTILE} "})).status_code == 302
    note = Note.objects.get()
    assert (note.text, note.author, note.contact) == (HOSTILE, boss, contact)
    assert HOSTILE not in page(staff, change(contact))
    save(staff, contact, more=rows("notes", {"id": note.pk, "text": "Other"}, there=1))
    note.refresh_from_db()
    assert note.text == HOSTILE
    assert "script" not in "".join(entry.change_message for entry in LogEntry.objects.all())


def test_an_empty_note_is_a_form_error(staff) -> None:
    answer = save(staff, CrmContactFactory(), more=rows("notes", {"text": "x" * 10_001}))
    assert "at most 10000 characters" in answer.content.decode()
    assert not Note.objects.exists()


def test_consent_is_recorded_and_withdrawn_on_the_contacts_page(staff, boss) -> None:
    contact = CrmContactFactory()
    day = (timezone.now() - timedelta(days=1)).date().isoformat()
    given = {"given_at_0": day, "given_at_1": "10:00:00", "source": "form"}
    assert save(staff, contact, more=rows("consents", given)).status_code == 302
    consent = Consent.objects.get()
    assert (consent.source, consent.recorded_by, consents.valid(contact)) == ("form", boss, consent)
    changed = {"id": consent.pk, "withdraw": "on", "source": "Other"}
    assert save(staff, contact, more=rows("consents", changed, there=1)).status_code == 302
    consent.refresh_from_db()
    assert (consent.source, consents.valid(contact)) == ("form", None)
    assert sorted(contact.history.values_list("kind", flat=True)) == ["consent_recorded", "consent_withdrawn"]


def test_a_consent_of_the_future_is_a_form_error(staff) -> None:
    given = {"given_at_0": "2099-01-01", "given_at_1": "10:00:00", "source": "form"}
    answer = save(staff, CrmContactFactory(), more=rows("consents", given))
    assert "lies in the future" in answer.content.decode()
    assert not Consent.objects.exists()


def test_a_change_of_owner_and_relationship_stands_in_the_history(staff, boss) -> None:
    contact = CrmContactFactory()
    more = {"owner": boss.pk, "relationship_status": "Customer"}
    assert save(staff, contact, more=more).status_code == 302
    lines = {(row.sentence, row.actor) for row in contact.history.all()}
    assert lines == {("Owner is now boss.", boss), ("Relationship is now Customer.", boss)}
    content = page(staff, change(contact))
    assert "Relationship is now Customer." in content
    save(staff, contact, more=more)
    assert contact.history.count() == 2


def test_contacts_are_listed_by_owner_without_a_query_per_row(staff, django_assert_max_num_queries) -> None:
    users = [get_user_model().objects.create_user(f"user{n}") for n in range(20)]
    contacts = [CrmContactFactory(owner=user) for user in users]
    with django_assert_max_num_queries(20):
        assert "user7" in page(staff, CONTACTS)
    content = page(staff, CONTACTS, owner__id__exact=users[7].pk)
    assert content.count('class="action-select"') == 1
    assert str(contacts[7]) in content


def test_a_contacts_page_asks_no_query_per_note_or_line_of_history(staff, django_assert_max_num_queries) -> None:
    contact = CrmContactFactory()
    for n in range(20):
        user = get_user_model().objects.create_user(f"user{n}")
        notes.add(contact, "Met", user)
        history.record(contact, "sent", "A message was sent.", user)
        consents.record(contact, timezone.now(), "form", user)
    with django_assert_max_num_queries(30):
        page(staff, change(contact))


# Merging


def chosen(client, *contacts: Contact):
    data = {"action": "merge", "_selected_action": [contact.pk for contact in contacts]}
    return client.post(CONTACTS, data, follow=True)


def test_two_selected_contacts_are_merged_with_the_values_chosen_and_made_two_again(staff, boss) -> None:
    first, second = [row.contact for row in CrmAddressFactory.create_batch(2)]
    Contact.objects.filter(pk=second.pk).update(job_title=HOSTILE)
    answer = chosen(staff, second, first)
    url = reverse("admin:crm_contact_merge", args=[first.pk, second.pk])
    assert answer.redirect_chain == [(url, 302)]
    content = answer.content.decode()
    assert HOSTILE not in content
    assert "&lt;script&gt;" in content
    assert reverse("admin:crm_contact_merge", args=[second.pk, first.pk]) in content
    assert Contact.objects.count() == 2, "nothing is done yet"
    answer = staff.post(url, {"job_title": "gone", "last_name": "kept"}, follow=True)
    assert answer.redirect_chain == [(change(first), 302)]
    assert f"Merged with {second}" in answer.content.decode()
    first.refresh_from_db()
    assert (first.job_title, first.addresses.count(), Merge.objects.get().merged_by) == (HOSTILE, 2, boss)

    content = page(staff, MERGES)
    assert str(second) in content
    answer = staff.post(MERGES, {"action": "undo", "_selected_action": [Merge.objects.get().pk]}, follow=True)
    assert f"{second} is a contact of their own again." in answer.content.decode()
    assert Contact.objects.count() == 2
    answer = staff.post(MERGES, {"action": "undo", "_selected_action": [Merge.objects.get().pk]}, follow=True)
    assert "This merge was undone already." in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_one_or_three_contacts_are_not_merged(staff, number: int) -> None:
    answer = chosen(staff, *CrmContactFactory.create_batch(number))
    assert "Choose two contacts to merge" in answer.content.decode()


def test_a_value_that_was_not_offered_and_contacts_that_are_not_there_are_refused(staff) -> None:
    first, second = CrmContactFactory.create_batch(2)
    url = reverse("admin:crm_contact_merge", args=[first.pk, second.pk])
    assert "is not one of the available choices" in staff.post(url, {"last_name": "x"}).content.decode()
    assert Contact.objects.count() == 2
    itself = reverse("admin:crm_contact_merge", args=[first.pk, first.pk])
    assert staff.get(itself).status_code == 404
    second.delete()
    assert staff.get(url).status_code == 404


def test_why_a_merge_is_refused_is_said_on_the_page(staff, monkeypatch) -> None:
    first, second = CrmContactFactory.create_batch(2, last_name="Example")

    def refuse(*_arguments: object) -> None:
        raise ValueError("Both contacts have one of which there may be only one.")

    monkeypatch.setattr(merging, "merge", refuse)
    url = reverse("admin:crm_contact_merge", args=[first.pk, second.pk])
    assert "of which there may be only one" in staff.post(url).content.decode()


def test_likely_the_same_person_is_offered_on_the_contacts_page(staff) -> None:
    first = CrmContactFactory(last_name="Example")
    second = CrmContactFactory(last_name="Example", brand=first.brand)
    for contact in (first, second):
        content = page(staff, change(contact))
        assert reverse("admin:crm_contact_merge", args=[first.pk, second.pk]) in content
        assert "the same name at the same company" in content


def test_the_list_of_merges_asks_no_query_per_row(staff, django_assert_max_num_queries) -> None:
    for _ in range(20):
        merging.merge(*CrmContactFactory.create_batch(2), {}, get_user_model().objects.get())
    with django_assert_max_num_queries(15):
        page(staff, MERGES)
    merge = Merge.objects.first()
    content = page(staff, reverse("admin:crm_merge_change", args=[merge.pk]))
    assert 'name="_save"' not in content


def test_who_may_not_delete_contacts_cannot_merge_them(client) -> None:
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    names = ["view_contact", "change_contact", "view_contactaddress", "change_contactaddress", "view_merge"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    first, second = CrmContactFactory.create_batch(2)
    assert "Merge two contacts" not in page(client, CONTACTS)
    assert client.get(reverse("admin:crm_contact_merge", args=[first.pk, second.pk])).status_code == 403
    merged = merging.merge(first, second, {}, None)
    client.post(MERGES, {"action": "undo", "_selected_action": [merged.pk]})
    merged.refresh_from_db()
    assert merged.undone_at is None
