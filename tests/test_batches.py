"""A decision about many contacts is carried out once, goes on after a crash, and is taken back as far as it can be."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from core.fields import blind_index
from crm import contacts as crm_contacts
from crm import notes, suppression
from crm.models import Contact as CrmContact
from crm.models import ContactAddress
from enrichment import approval, batches, editing, previewing, store
from enrichment.models import EnrichedContact, ReviewBatch, ReviewItem
from enrichment.tasks import sweep_jobs
from outreach import default_sequence
from outreach.models import Enrolment, Event, Message, Sequence, Task
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, EmailFactory
from tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sequence(db: None) -> Sequence:
    default_sequence.create()
    return Sequence.objects.get()


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_user("boss")


def found(**fields: Any) -> EnrichedContact:
    """Return a contact in Great Britain with a published address."""
    contact = ContactFactory(region_code="GB", seniority="head", **fields)
    email = f"{contact.last_name.lower()}@acme.example"
    EmailFactory(enriched_contact=contact, email=email, generation_method="published", probability=0.95)
    return contact


def made(kind: str, *contacts: EnrichedContact, user: User | None = None, **options: Any) -> ReviewBatch:
    return batches.make(kind, [contact.pk for contact in contacts], user, **options)


def approved(*contacts: EnrichedContact, user: User | None = None) -> ReviewBatch:
    return batches.confirm(made("approve", *contacts).pk, user, Sequence.objects.get().pk)


def outcomes(batch: ReviewBatch) -> list[tuple[str, str]]:
    return list(batch.items.order_by("position").values_list("outcome", "reason"))


def status(contact: EnrichedContact) -> str:
    contact.refresh_from_db()
    return contact.review_status


def test_whom_a_decision_is_about_is_frozen() -> None:
    contacts = [found(), found()]
    batch = batches.make("approve", [contacts[1].pk, contacts[0].pk, contacts[1].pk], None, filters="q=Ada")
    found()
    assert (batch.state, batch.total) == ("draft", 2)
    items = batch.items.order_by("position").values_list("contact_id", flat=True)
    assert list(items) == [contacts[1].pk, contacts[0].pk]
    store.delete(contacts[0].pk)
    with pytest.raises(batches.NotPossible, match="any more"):
        batches.make("approve", [contacts[0].pk], None)


@pytest.mark.parametrize("reason", ["write to ada@acme.example", "x" * 201])
def test_a_reason_that_cannot_be_kept_is_refused_before_anything_is_done(reason: str) -> None:
    with pytest.raises(batches.NotPossible, match="reason"):
        made("reject", found(), reason=reason)
    assert not ReviewBatch.objects.exists()


def test_what_came_of_each_contact_is_remembered(boss: User) -> None:
    fine, bare, listed, there, gone = found(), ContactFactory(), found(), found(), found()
    suppression.add([listed.emails.get().email], "objection")
    approval.approve([str(there.pk)], user=None)
    batch = made("approve", fine, bare, listed, there, gone)
    store.delete(gone.pk)
    batch = batches.confirm(batch.pk, boss, Sequence.objects.get().pk)
    assert (batch.state, batch.user) == ("done", boss)
    assert outcomes(batch) == [
        ("done", ""),
        ("skipped", "no_address"),
        ("skipped", "suppressed"),
        ("skipped", "already_approved"),
        ("skipped", "not_found"),
    ]
    item = batch.items.get(contact=fine)
    fine.refresh_from_db()
    assert (item.crm_contact, item.enrolment.contact) == (fine.linked_contact, fine.linked_contact)
    batches.confirm(batch.pk, boss, Sequence.objects.get().pk)
    assert Enrolment.objects.filter(contact=fine.linked_contact).count() == 1


def test_parts_go_on_where_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PART", 2)
    told: list[Any] = []
    monkeypatch.setattr(batches, "wake", told.append)
    contacts = [found() for _ in range(5)]
    batch = approved(*contacts)
    assert (batch.state, told) == ("running", [batch.pk])

    real, calls = approval.approve, []

    def dies_at_the_second(*args: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            real(*args, **options)
            raise MemoryError
        return real(*args, **options)

    monkeypatch.setattr(approval, "approve", dies_at_the_second)
    with pytest.raises(MemoryError):
        batches.run(batch.pk)
    assert [outcome for outcome, _ in outcomes(batch)] == ["done", "done", "waiting", "waiting", "waiting"]
    assert Enrolment.objects.count() == 2

    ReviewBatch.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    sweep_jobs()
    assert told == [batch.pk], "it moved a moment ago"
    ReviewBatch.objects.update(finished_at=timezone.now() - timedelta(minutes=2))
    sweep_jobs()
    sweep_jobs()
    assert told == [batch.pk, batch.pk], "once in a while"
    batches.run(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Enrolment.objects.count(), Message.objects.count()) == ("done", 5, 20)


def test_a_sequence_switched_off_before_the_first_contact_leaves_a_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    contact = found()
    batch, key = made("approve", contact), Sequence.objects.get().pk
    Sequence.objects.update(active=False)
    with pytest.raises(batches.NotPossible, match="switched off"):
        batches.confirm(batch.pk, None, key)
    monkeypatch.setattr(batches, "_check_sequence", lambda *_: None)  # as if it was switched off a moment later
    with pytest.raises(batches.NotPossible, match="meanwhile"):
        batches.confirm(batch.pk, None, key)
    batch.refresh_from_db()
    assert (batch.state, status(contact), outcomes(batch)) == ("draft", "new", [("waiting", "")])


def test_a_sequence_switched_off_in_the_middle_skips_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PART", 1)
    monkeypatch.setattr(batches, "wake", lambda _: True)
    batch = approved(found(), found())
    batches._part(batch.pk)
    Sequence.objects.update(active=False)
    batches.run(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, outcomes(batch)) == ("done", [("done", ""), ("skipped", "sequence_off")])


def test_undoing_an_approval_leaves_nothing_of_it(boss: User) -> None:
    first = found()
    twin = ContactFactory(first_name=first.first_name, last_name=first.last_name, linked_brand=first.linked_brand)
    EmailFactory(enriched_contact=twin, email=first.emails.get().email)
    rejected = found()
    editing.reject(rejected.pk, "Not now", boss)
    rejected.refresh_from_db()
    before = (rejected.reviewed_at, rejected.reviewed_by)
    batch = approved(first, twin, rejected, user=boss)
    assert (CrmContact.objects.count(), Enrolment.objects.count()) == (2, 2)
    assert outcomes(batch)[1] == ("done", "in_sequence")

    undone = batches.undo(batch.pk, boss)
    assert (undone.undone, dict(undone.kept)) == (3, {})
    left = (CrmContact.objects.count(), ContactAddress.objects.count(), Enrolment.objects.count())
    assert (*left, Message.objects.count()) == (0, 0, 0, 0)
    assert [status(contact) for contact in (first, twin, rejected)] == ["new", "new", "rejected"]
    assert (rejected.reviewed_at, rejected.reviewed_by) == before
    assert (first.linked_contact, first.added_to_crm_at) == (None, None)
    assert first.activity[-1]["label"] == "Approval undone by boss"
    batch.refresh_from_db()
    assert (batch.state, {outcome for outcome, _ in outcomes(batch)}) == ("undone", {"undone"})
    with pytest.raises(batches.NotPossible, match="only once"):
        batches.undo(batch.pk, boss)
    assert len(approval.approve([str(first.pk)], user=None).approved) == 1


BEGUN = {
    "due": lambda message: Message.objects.filter(pk=message.pk).update(due_at=timezone.now()),
    "sent": lambda message: Message.objects.filter(pk=message.pk).update(state="sent"),
    "cancelled": lambda message: Message.objects.filter(pk=message.pk).update(state="cancelled"),
    "task": lambda message: Task.objects.create(message=message, expires_at=timezone.now()),
    "stopped": lambda message: Enrolment.objects.filter(pk=message.enrolment_id).update(state="stopped"),
}


@pytest.mark.parametrize("how", BEGUN)
def test_where_outreach_has_begun_the_approval_stays_and_others_go(how: str) -> None:
    late, free = found(), found()
    batch = approved(late, free)
    late.refresh_from_db()
    BEGUN[how](Message.objects.filter(enrolment__contact=late.linked_contact).order_by("step__position")[0])
    undone = batches.undo(batch.pk, None)
    assert (undone.undone, dict(undone.kept)) == (1, {"begun": 1})
    assert outcomes(batch) == [("done", "begun"), ("undone", "")]
    assert (status(late), status(free)) == ("approved", "new")
    assert Enrolment.objects.get().contact == late.linked_contact


WORKED_WITH = {
    "note": lambda person: notes.add(person, "Met at the fair.", None),
    "relationship": lambda person: crm_contacts.set_relationship(person, "Customer", None),
    "owner": lambda person: crm_contacts.set_owner([person], User.objects.create_user("owner"), None),
    "address": lambda person: CrmAddressFactory(contact=person, email="other@acme.example", is_primary=False),
    "answer": lambda person: Event.objects.create(
        kind="reply", source="mailbox", key="1", contact=person, happened_at=timezone.now()
    ),
    "another contact": lambda person: approval.link(found().pk, person.pk, None),
}


@pytest.mark.parametrize("how", WORKED_WITH)
def test_a_crm_contact_that_was_worked_with_stays(how: str) -> None:
    contact = found()
    batch = approved(contact)
    contact.refresh_from_db()
    person = contact.linked_contact
    WORKED_WITH[how](person)
    assert batches.undo(batch.pk, None).undone == 1
    assert outcomes(batch) == [("undone", "crm_kept")]
    assert (status(contact), contact.linked_contact, Enrolment.objects.count()) == ("new", person, 0)
    assert "approval_undone" in person.history.values_list("kind", flat=True)


def test_an_enrolment_about_which_something_came_in_is_stopped_and_kept() -> None:
    contact = found()
    batch = approved(contact)
    enrolment = Enrolment.objects.get()
    Event.objects.create(kind="reply", source="mailbox", key="1", enrolment=enrolment, happened_at=timezone.now())
    batches.undo(batch.pk, None)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.stop_reason, status(contact)) == ("stopped", "approval undone", "new")


@pytest.mark.parametrize("used", [False, True])
def test_addresses_given_to_a_crm_contact_that_was_there_are_taken_out_unless_used(used: bool) -> None:
    contact = found()
    known = CrmAddressFactory(contact__brand=contact.linked_brand, email="ada@acme.example")
    approval.link(contact.pk, known.contact_id, None)
    EmailFactory(enriched_contact=contact, email="new@acme.example")
    batch = approved(contact)
    new = ContactAddress.objects.get(email_index=blind_index("new@acme.example"))
    if used:
        crm_contacts.make_primary(known.contact, new)
    assert batches.undo(batch.pk, None).undone == 1
    assert ContactAddress.objects.filter(pk=new.pk).exists() is used
    contact.refresh_from_db()
    assert contact.linked_contact == known.contact, "it was linked before"
    assert known.contact.addresses.count() == (3 if used else 2)


def test_a_rejection_is_undone_unless_somebody_decided_again(boss: User) -> None:
    plain, again, there = found(), found(), found()
    approval.approve([str(there.pk)], user=None)
    batch = batches.confirm(made("reject", plain, again, there, reason="Left the company", user=boss).pk, boss)
    assert outcomes(batch) == [("done", ""), ("done", ""), ("skipped", "already_approved")]
    assert status(plain) == "rejected"
    approval.approve([str(again.pk)], user=None)
    assert batches.last_undoable(boss) == batch
    undone = batches.undo(batch.pk, boss)
    assert (undone.undone, dict(undone.kept)) == (1, {"changed": 1})
    assert (status(plain), status(again), plain.reviewed_at) == ("new", "approved", None)
    assert batches.last_undoable(boss) is None


def test_a_deletion_forgets_the_contacts_and_cannot_be_undone(boss: User) -> None:
    contact, other = found(), found()
    approval.approve([str(other.pk)], user=None)
    batch = batches.confirm(made("delete", contact, other).pk, boss)
    assert (EnrichedContact.objects.count(), CrmContact.objects.count()) == (0, 1)
    assert outcomes(batch) == [("done", ""), ("done", "")]
    assert batches.last_undoable(boss) is None
    with pytest.raises(batches.NotPossible, match="deletion"):
        batches.undo(batch.pk, boss)


def test_drafts_are_forgotten_after_a_day_and_decisions_are_not() -> None:
    contact = found()
    old, new, done = made("approve", contact), made("reject", contact), approved(contact)
    ReviewBatch.objects.filter(pk__in=[old.pk, done.pk]).update(created_at=timezone.now() - timedelta(days=2))
    assert batches.purge(timezone.now()) == 1
    assert set(ReviewBatch.objects.values_list("pk", flat=True)) == {new.pk, done.pk}
    assert ReviewItem.objects.count() == 2
    assert (batches.discard(new.pk), batches.discard(done.pk)) == (True, False)


def test_a_preview_writes_nothing(sequence: Sequence) -> None:
    contact = found()
    shown = previewing.preview(contact.pk, sequence)
    assert [message.step for message in shown.messages] == [1, 2, 3, 4]
    assert (status(contact), CrmContact.objects.count(), Message.objects.count()) == ("new", 0, 0)


@pytest.mark.django_db(transaction=True)
def test_confirmed_and_undone_by_many_at_once_it_is_done_and_undone_once() -> None:
    default_sequence.create()
    brand, key = BrandFactory(), Sequence.objects.get().pk
    contacts = [found(linked_brand=brand) for _ in range(3)]
    batch = made("approve", *contacts)
    race(4, lambda _: batches.confirm(batch.pk, None, key))
    batches.run(batch.pk)
    assert (Enrolment.objects.count(), ReviewItem.objects.filter(outcome="done").count()) == (3, 3)

    def work(number: int) -> int:
        try:
            return batches.undo(batch.pk, None).undone
        except batches.NotPossible:
            return 0

    race(4, work)
    assert (Enrolment.objects.count(), CrmContact.objects.count()) == (0, 0)
    batch.refresh_from_db()
    assert batch.state == "undone"
