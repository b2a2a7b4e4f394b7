"""Two contacts made one and two again, with all that points to them, also from outreach and enrichment."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from core.fields import EncryptedTextField, blind_index
from crm import consents, contacts, history, merging, notes, suppression
from crm.models import Consent, Contact, ContactAddress, HistoryEntry, Merge, Note
from enrichment import approval
from enrichment.models import EnrichedContact
from outreach.models import Enrolment, Event, Message
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, CrmContactFactory, EmailFactory
from tests.outreach.factories import EnrolmentFactory, MessageFactory
from tests.racing import race

pytestmark = pytest.mark.django_db

EVIDENCE = {"field": "name", "value": "Ada", "url": "https://acme.example/team"}
ROWS = (Contact, ContactAddress, Note, Consent, Enrolment, Message, Event, EnrichedContact)


@pytest.fixture
def user() -> Any:
    return get_user_model().objects.create_user("grace")


def full(contact: Contact, email: str, user: Any = None) -> Enrolment:
    """Give a contact a row of everything that may point to one."""
    address = CrmAddressFactory(contact=contact, email=email)
    CrmAddressFactory(contact=contact, email=f"second-{email}", is_primary=False)
    notes.add(contact, "Met at the fair", user)
    consents.record(contact, timezone.now(), "at the fair", user)
    history.record(contact, "sent", "A message was sent.", user)
    enrolment = EnrolmentFactory(address=address)
    message = MessageFactory(enrolment=enrolment)
    Event.objects.create(
        kind="reply", source="hand", key=email, contact=contact, enrolment=enrolment, message=message,
        happened_at=timezone.now(),
    )  # fmt: skip
    ContactFactory(linked_contact=contact)
    return enrolment


def snapshot(*left_out: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row of everything, decrypted."""
    return {
        model.__name__: [
            {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields
             if field.attname not in left_out}
            for row in model._base_manager.order_by("pk")
        ]
        for model in ROWS
    }  # fmt: skip


def test_everything_of_the_contact_that_goes_is_the_kept_contacts_afterwards(user) -> None:
    kept, gone = CrmContactFactory.create_batch(2)
    full(kept, "ada@acme.example")
    full(gone, "al@acme.example")
    merged = merging.merge(kept, gone, {}, user)
    assert not Contact.objects.filter(pk=gone.pk).exists()
    for model, name in [(Note, "contact"), (Consent, "contact"), (Enrolment, "contact"), (Event, "contact"),
                        (EnrichedContact, "linked_contact")]:  # fmt: skip
        assert model.objects.filter(**{name: kept}).count() == 2, model
    assert kept.addresses.count() == 4
    assert kept.addresses.get(is_primary=True).email == "ada@acme.example"
    assert (merged.kept, merged.gone_id, merged.merged_by) == (kept, gone.pk, user)
    entry = kept.history.get(kind="merged")
    assert (entry.sentence, entry.actor) == (f"Merged with {gone}.", user)


def test_undoing_restores_every_row_exactly(user) -> None:
    owner = get_user_model().objects.create_user("owner")
    kept = CrmContactFactory(job_title="", evidence=[])
    gone = CrmContactFactory(
        job_title="CMO", linkedin_url="https://linkedin.com/in/ada", owner=owner, created_by=user,
        lawful_basis="manual", relationship_status="Replied", evidence=[EVIDENCE], region_code="GB", seniority="head",
    )  # fmt: skip
    full(kept, "ada@acme.example")
    full(gone, "al@acme.example")
    CrmAddressFactory(contact=gone, email="ADA@acme.example", is_primary=False)
    before = snapshot()
    merged = merging.merge(kept, gone, {"first_name": "gone"}, user)
    assert snapshot() != before
    back = merging.undo(Merge.objects.get(pk=merged.pk), user)
    after = snapshot()
    moment = next(row.pop("updated_at") for row in after["Contact"] if row["id"] == kept.pk)
    assert moment > next(row.pop("updated_at") for row in before["Contact"] if row["id"] == kept.pk)
    assert after == before
    assert back.pk == gone.pk
    merged.refresh_from_db()
    assert (merged.undone_by, merged.undone_at is not None) == (user, True)
    assert {row.contact_id for row in HistoryEntry.objects.filter(kind="unmerged")} == {kept.pk, gone.pk}


def test_values_are_chosen_and_blanks_filled_from_the_other() -> None:
    kept = CrmContactFactory(first_name="Ada", last_name="Example", job_title="CEO", evidence=[EVIDENCE])
    gone = CrmContactFactory(
        first_name="Al", last_name="Sample", job_title="CMO", department="legal", relationship_status="Replied",
        evidence=[EVIDENCE, {"field": "title"}],
    )  # fmt: skip
    assert merging.differences(kept, gone) == {
        "first_name": ("Ada", "Al"), "last_name": ("Example", "Sample"), "job_title": ("CEO", "CMO"),
    }  # fmt: skip
    merging.merge(kept, gone, {"last_name": "gone", "job_title": "kept", "region_code": "gone"}, None)
    kept.refresh_from_db()
    assert (str(kept), kept.name_key, kept.job_title) == ("Ada Sample", "ada sample", "CEO")
    assert (kept.department, kept.relationship_status) == ("legal", "Replied")
    assert kept.evidence == [EVIDENCE, {"field": "title"}]


def test_a_contact_whose_rules_hold_makes_them_hold_for_both() -> None:
    kept, gone = CrmContactFactory(region_rules_apply=False), CrmContactFactory()
    merge = merging.merge(kept, gone, {}, None)
    assert Contact.objects.get().region_rules_apply
    merging.undo(merge, None)
    assert not Contact.objects.get(pk=kept.pk).region_rules_apply


def test_undoing_leaves_what_somebody_changed_since() -> None:
    kept, gone = CrmContactFactory(job_title="", region_code=""), CrmContactFactory(job_title="CMO", region_code="GB")
    merged = merging.merge(kept, gone, {}, None)
    kept.refresh_from_db()
    kept.job_title = "Founder"
    kept.save()
    since = notes.add(kept, "Called", None)
    merging.undo(merged, None)
    kept.refresh_from_db()
    assert (kept.job_title, kept.region_code) == ("Founder", "")
    assert kept.notes.get() == since


def test_the_kept_contacts_brand_stays() -> None:
    kept, gone = CrmContactFactory(brand=BrandFactory()), CrmContactFactory(brand=BrandFactory())
    merged = merging.merge(kept, gone, {}, None)
    kept.refresh_from_db()
    assert kept.brand != gone.brand
    assert merging.undo(merged, None).brand == gone.brand


def test_of_an_address_that_both_have_the_kept_contacts_row_stays_and_takes_what_pointed_to_the_other() -> None:
    mine = CrmAddressFactory(email="ada@acme.example", is_primary=False)
    theirs = CrmAddressFactory(email="Ada@Acme.example")
    enrolment = EnrolmentFactory(address=theirs)
    merged = merging.merge(mine.contact, theirs.contact, {}, None)
    row = mine.contact.addresses.get()
    assert (row.pk, row.email, row.is_primary) == (mine.pk, "ada@acme.example", True), "nobody else was the primary one"
    enrolment.refresh_from_db()
    assert (enrolment.address, enrolment.contact) == (mine, mine.contact)
    merging.undo(merged, None)
    enrolment.refresh_from_db()
    mine.refresh_from_db()
    assert (enrolment.address, enrolment.address.email, mine.is_primary) == (theirs, "Ada@Acme.example", False)


def test_an_address_that_went_back_is_not_written_to_for_the_other() -> None:
    kept, theirs = CrmContactFactory(), CrmAddressFactory()
    merged = merging.merge(kept, theirs.contact, {}, None)
    theirs.refresh_from_db()
    enrolment = EnrolmentFactory(address=theirs)
    merging.undo(merged, None)
    enrolment.refresh_from_db()
    assert (enrolment.contact, enrolment.address) == (kept, None)


def test_a_primary_address_that_was_moved_meanwhile_leaves_both_with_one() -> None:
    mine, theirs = CrmAddressFactory.create_batch(2)
    merged = merging.merge(mine.contact, theirs.contact, {}, None)
    contacts.make_primary(mine.contact, theirs)
    merging.undo(merged, None)
    for row in (mine, theirs):
        row.refresh_from_db()
        assert row.is_primary
    assert mine.contact != theirs.contact


def test_a_suppressed_address_comes_along_and_stays_suppressed() -> None:
    mine, theirs = CrmAddressFactory.create_batch(2)
    suppression.add([theirs.email], "objection")
    merging.merge(mine.contact, theirs.contact, {}, None)
    assert theirs.email in {row.email for row in mine.contact.addresses.all()}
    assert suppression.suppressed([theirs.email]) == {theirs.email}


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"brand": "gone"}, "“brand” cannot be chosen"),
        ({"job_title": "both"}, "“both” is no choice for job_title: write kept or gone."),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(choices: dict[str, str], sentence: str) -> None:
    kept, gone = CrmContactFactory.create_batch(2)
    with pytest.raises(ValueError, match=sentence):
        merging.merge(kept, gone, choices, None)
    assert Contact.objects.count() == 2


def test_a_contact_is_not_merged_with_itself_nor_with_one_that_is_gone() -> None:
    kept, gone = CrmContactFactory.create_batch(2)
    with pytest.raises(ValueError, match="merged with itself"):
        merging.merge(kept, kept, {}, None)
    Contact.objects.filter(pk=gone.pk).delete()
    with pytest.raises(ValueError, match="not there any more"):
        merging.merge(kept, gone, {}, None)


def test_what_cannot_be_one_is_refused_with_a_sentence_and_nothing_is_changed(monkeypatch) -> None:
    first, second = EnrolmentFactory(), EnrolmentFactory()
    Enrolment.objects.filter(pk=second.pk).update(sequence=first.sequence, version=first.version)
    monkeypatch.setattr(merging, "BEFORE", [])  # outreach would have stopped one
    before = snapshot()
    with pytest.raises(ValueError, match="Both contacts have enrolments of which there may be only one"):
        merging.merge(first.contact, second.contact, {}, None)
    assert snapshot() == before
    assert not Merge.objects.exists()


def test_undoing_twice_is_refused() -> None:
    merged = merging.merge(*CrmContactFactory.create_batch(2), {}, None)
    merging.undo(merged, None)
    with pytest.raises(ValueError, match="undone already"):
        merging.undo(merged, None)


def test_merges_are_undone_the_last_one_first() -> None:
    first, second, third = [row.contact for row in CrmAddressFactory.create_batch(3)]
    before = snapshot("updated_at")
    early = merging.merge(second, third, {}, None)
    late = merging.merge(first, second, {}, None)
    early.refresh_from_db()
    assert early.kept == first
    with pytest.raises(ValueError, match="undo the later merge first"):
        merging.undo(early, None)
    merging.undo(late, None)
    early.refresh_from_db()
    assert early.kept == second
    merging.undo(early, None)
    assert snapshot("updated_at") == before


def test_what_was_deleted_meanwhile_does_not_stop_the_undoing(user) -> None:
    kept = CrmContactFactory()
    gone = CrmContactFactory(owner=user, created_by=user)
    note = notes.add(gone, "Met", user)
    address = CrmAddressFactory(contact=gone)
    merged = merging.merge(kept, gone, {}, user)
    note.delete()
    address.delete()
    user.delete()
    back = merging.undo(Merge.objects.get(pk=merged.pk), None)
    back.refresh_from_db()
    kept.refresh_from_db()
    assert (back.owner, back.created_by, kept.owner, back.addresses.count()) == (None, None, None, 0)


def test_without_its_brand_a_contact_cannot_come_back() -> None:
    kept, gone = CrmContactFactory(), CrmContactFactory()
    merged = merging.merge(kept, gone, {}, None)
    gone.brand.delete()
    with pytest.raises(ValueError, match="The brand that it belonged to was deleted since"):
        merging.undo(merged, None)
    assert Merge.objects.get().undone_at is None


def test_nothing_of_the_person_is_readable_in_the_snapshot() -> None:
    kept, address = CrmContactFactory(), CrmAddressFactory(email="al@acme.example")
    merging.merge(kept, address.contact, {}, None)
    field = Merge._meta.get_field("snapshot")
    assert isinstance(field, EncryptedTextField)
    stored = Merge.objects.extra(select={"stored": "snapshot"}).values_list("stored", flat=True).get()
    assert address.contact.last_name not in stored
    assert blind_index("al@acme.example") not in stored


@pytest.mark.django_db(transaction=True)
def test_of_merges_that_meet_one_comes_about_and_nothing_is_lost() -> None:
    for _ in range(5):
        pair = [row.contact for row in CrmAddressFactory.create_batch(2)]
        for contact in pair:
            notes.add(contact, "Met", None)
            ContactFactory(linked_contact=contact)

        def merge(index: int, pair: list[Contact] = pair) -> object:
            try:
                return merging.merge(pair[index % 2], pair[1 - index % 2], {}, None)
            except ValueError as error:
                return str(error)

        results = race(4, merge)
        assert [result for result in results if isinstance(result, str)] == [merging.NOT_THERE] * 3
        (left,) = Contact.objects.filter(pk__in=[contact.pk for contact in pair])
        assert (left.notes.count(), left.addresses.count(), left.enriched_contacts.count()) == (2, 2, 2)


@pytest.mark.django_db(transaction=True)
def test_what_is_added_while_two_are_merged_is_not_lost() -> None:
    for _ in range(5):
        kept, gone = CrmContactFactory.create_batch(2)

        def work(index: int, kept: Contact = kept, gone: Contact = gone) -> str:
            try:
                if index:
                    contacts.set_relationship(gone, "Customer", None)
                else:
                    merging.merge(kept, gone, {}, None)
            except Contact.DoesNotExist:
                return "gone"
            return "done"

        results = race(2, work)
        kept.refresh_from_db()
        assert (kept.relationship_status == "Customer") == (results == ["done", "done"])


@pytest.mark.django_db(transaction=True)
def test_a_merge_is_undone_once_by_many_at_once() -> None:
    kept, gone = [row.contact for row in CrmAddressFactory.create_batch(2)]
    merged = merging.merge(kept, gone, {}, None)

    def undo(_index: int) -> bool:
        try:
            merging.undo(merged, None)
        except ValueError:
            return False
        return True

    assert sum(race(4, undo)) == 1
    assert [contact.addresses.count() for contact in Contact.objects.all()] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_merging_and_linking_the_same_contacts_do_not_lock_each_other_out() -> None:
    for _ in range(5):
        first, second = [row.contact for row in CrmAddressFactory.create_batch(2)]
        found = EmailFactory(enriched_contact__linked_contact=second).enriched_contact

        def work(index: int, first: Contact = first, second: Contact = second, key: Any = found.pk) -> bool:
            try:
                if index:
                    approval.link(key, second.pk, None)
                else:
                    merging.merge(first, second, {}, None)
            except Contact.DoesNotExist:
                return False
            return True

        assert race(2, work)[0]
        found.refresh_from_db()
        assert found.linked_contact == first
