"""Two found contacts made one, and two again."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from core.fields import EncryptedTextField
from enrichment import merged_fields, merging, store
from enrichment.models import (
    BatchKind,
    ContactEmail,
    ContactMerge,
    ContactNote,
    EnrichedContact,
    JobContact,
    JobItem,
    ReviewBatch,
    ReviewItem,
)
from tests.factories import BrandFactory, ContactFactory, CrmContactFactory, EmailFactory, JobFactory
from tests.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("best_addresses_noted")]

ROWS = (EnrichedContact, ContactEmail, ContactNote, JobContact, JobItem, ReviewItem)


@pytest.fixture
def user() -> Any:
    return get_user_model().objects.create_user("grace")


def claim(value: str, field: str = "title", source: str = "website", seen: str = "2026-11-24T10:00:00Z") -> dict:
    return {
        "field": field, "value": value, "url": "https://acme.example/team", "snippet": value, "source": source,
        "seenAt": seen,
    }  # fmt: skip


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return every row of everything, decrypted, without the moment and the note of the change itself."""
    return {
        model.__name__: [
            {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields
             if field.attname not in ("updated_at", "activity")}
            for row in model._base_manager.order_by("pk")
        ]
        for model in ROWS
    }  # fmt: skip


def full(contact: EnrichedContact, user: Any, *emails: str) -> None:
    """Give a contact a row of everything that may point to one."""
    for email in emails:
        EmailFactory(enriched_contact=contact, email=email)
    ContactNote.objects.create(contact=contact, text="Met at the fair", author=user)
    JobContact.objects.create(job=JobFactory(), contact=contact)
    JobItem.objects.create(job=JobFactory(), position=1, contact=contact)
    batch = ReviewBatch.objects.create(kind=BatchKind.REJECT, user=user)
    ReviewItem.objects.create(batch=batch, position=1, contact=contact)


def test_everything_of_the_contact_that_goes_is_the_kept_contacts_afterwards(user) -> None:
    kept, gone = ContactFactory.create_batch(2)
    full(kept, user, "ada@acme.example")
    full(gone, user, "al@acme.example")
    merged = merging.merge(kept, gone, {}, user)
    assert not EnrichedContact.objects.filter(pk=gone.pk).exists()
    for model, name in [(ContactEmail, "enriched_contact"), (ContactNote, "contact"), (JobContact, "contact"),
                        (JobItem, "contact"), (ReviewItem, "contact")]:  # fmt: skip
        assert model.objects.filter(**{name: kept}).count() == 2, model
    assert (merged.kept, merged.gone_id, merged.merged_by) == (kept, gone.pk, user)
    kept.refresh_from_db()
    assert kept.activity[-1]["label"] == "Merged with another contact by grace"


def test_values_are_chosen_and_blanks_filled_from_the_other() -> None:
    kept = ContactFactory(
        first_name="Ada", last_name="Example", job_title="CEO", seniority="c_level", region_code=None, company="Acme"
    )
    gone = ContactFactory(
        first_name="Al", last_name="Sample", job_title="Head of Sales", seniority="head", department="sales",
        decision_maker=True, region_code="GB", company="Acme", linkedin_url="https://www.linkedin.com/in/al",
        linkedin_id="al",
    )  # fmt: skip
    assert merged_fields.differences(kept, gone) == {"first_name", "last_name", "job_title"}
    merging.merge(kept, gone, {"last_name": "gone", "job_title": "gone", "region_code": "kept"}, None)
    kept.refresh_from_db()
    assert (str(kept), kept.name_key) == ("Ada Sample", "ada example"), "the key is the name as it was found"
    assert (kept.job_title, kept.seniority, kept.department, kept.decision_maker) == (
        "Head of Sales", "head", "sales", True,
    )  # fmt: skip
    assert (kept.region_code, kept.linkedin_id) == ("GB", "al")
    assert kept.linkedin_id_index == EnrichedContact._meta.get_field("linkedin_id_index").index("al")


def test_what_both_know_counts_for_the_one() -> None:
    early, late = timezone.now() - timedelta(days=80), timezone.now() - timedelta(days=2)
    own, by_hand = claim("CEO", seen="2026-11-26T10:00:00Z"), claim("Chief", source="manual")
    kept = ContactFactory(discovered_at=late, verified_at=None, confidence_score=60, evidence=[own])
    gone = ContactFactory(
        discovered_at=early, verified_at=late, confidence_score=90, source="manual",
        evidence=[by_hand, claim("CEO"), claim("ada@acme.example", "email")],
    )  # fmt: skip
    merging.merge(kept, gone, {}, None)
    kept.refresh_from_db()
    assert kept.evidence == [by_hand, own, claim("ada@acme.example", "email")]
    assert (kept.discovered_at, kept.verified_at, kept.confidence_score) == (early, late, 90)
    assert kept.source == "manual", "later discoveries leave what was entered by hand alone"


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [("new", "rejected", "rejected"), ("approved", "rejected", "approved"), ("new", "approved", "approved")],
)
def test_the_stronger_review_counts(one: str, other: str, both: str) -> None:
    for kept_status, gone_status in ((one, other), (other, one)):
        kept, gone = ContactFactory(review_status=kept_status), ContactFactory(review_status=gone_status)
        assert merged_fields.review_of(kept, gone) == both
        merging.merge(kept, gone, {}, None)
        kept.refresh_from_db()
        assert kept.review_status == both


def test_the_kept_contact_takes_over_the_crm_contact() -> None:
    crm_contact, moment = CrmContactFactory(), timezone.now()
    kept, gone = ContactFactory(), ContactFactory(linked_contact=crm_contact, added_to_crm_at=moment)
    merging.merge(kept, gone, {}, None)
    kept.refresh_from_db()
    assert (kept.linked_contact, kept.added_to_crm_at) == (crm_contact, moment)


def test_two_of_the_crm_are_not_made_one_behind_its_back() -> None:
    kept, gone = (ContactFactory(linked_contact=CrmContactFactory()) for _ in range(2))
    with pytest.raises(ValueError, match="two contacts of the CRM: merge those first"):
        merging.merge(kept, gone, {}, None)
    gone.linked_contact = kept.linked_contact
    gone.save()
    merging.merge(kept, gone, {}, None)


CHECKED = timezone.now()


@pytest.mark.parametrize(
    ("mine", "theirs", "stays"),
    [
        ({}, {}, "mine"),
        ({}, {"verification_method": "published"}, "theirs"),
        ({"verification_method": "published"}, {"verification_method": "smtp_ping"}, "theirs"),
        ({"verification_method": "manual"}, {"verification_method": "api"}, "mine"),
        ({"last_checked_at": CHECKED - timedelta(days=9)}, {"last_checked_at": CHECKED, "verification_score": 40},
         "theirs"),
    ],
)  # fmt: skip
def test_of_an_address_that_both_have_the_better_proven_row_stays(mine: dict, theirs: dict, stays: str) -> None:
    one = EmailFactory(email="ada@acme.example", **mine)
    other = EmailFactory(email="Ada@ACME.example", **theirs)
    before = rows()
    merged = merging.merge(one.enriched_contact, other.enriched_contact, {}, None)
    (row,) = one.enriched_contact.emails.all()
    assert row.pk == {"mine": one, "theirs": other}[stays].pk
    kept = EnrichedContact.objects.get()
    assert (kept.best_status, kept.best_score) == (row.verification_status, row.verification_score)
    merging.undo(merged, None)
    assert rows() == before


def random_pair(chance: random.Random, user: Any) -> list[EnrichedContact]:
    """Two contacts with whatever may be, often the same."""
    brand, crm_contact, job = BrandFactory(), CrmContactFactory(), JobFactory()
    pair = []
    for _ in range(2):
        contact = ContactFactory(
            first_name=chance.choice(["Ada", "Al"]),
            job_title=chance.choice([None, "", "CEO", "Head of Sales"]),
            seniority=chance.choice(["unknown", "head"]),
            linkedin_url=chance.choice([None, "https://www.linkedin.com/in/ada"]),
            linkedin_id=chance.choice([None, "ada", "al"]),
            linked_brand=chance.choice([None, brand]),
            linked_contact=chance.choice([None, crm_contact]),
            lawful_basis=chance.choice([None, "manual"]),
            region_code=chance.choice([None, "GB", "DE"]),
            review_status=chance.choice(["new", "rejected", "approved"]),
            reviewed_by=chance.choice([None, user]),
            source=chance.choice(["website", "manual"]),
            verified_at=chance.choice([None, timezone.now()]),
            discovered_at=timezone.now() - timedelta(days=chance.randrange(50)),
            confidence_score=chance.randrange(100),
            evidence=[claim(chance.choice("abc"), source=chance.choice(["website", "manual"])) for _ in range(3)],
            activity=[{"at": f"2026-11-2{day}T10:00:00Z", "label": chance.choice("xy")} for day in range(3)],
        )
        for name in chance.sample(["ada", "al", "a.example"], chance.randrange(4)):
            EmailFactory(
                enriched_contact=contact, email=f"{name}@acme.example", probability=chance.choice([None, 0.1, 0.9]),
                verification_method=chance.choice([None, "smtp_ping", "published", "manual"]),
                verification_score=chance.randrange(100),
            )  # fmt: skip
        full(contact, user)
        if chance.random() < 0.7:
            JobContact.objects.create(job=job, contact=contact)
        pair.append(contact)
    store.note_best(pair)
    return pair


@pytest.mark.parametrize("seed", range(12))
def test_undoing_restores_every_row_exactly(seed: int, user) -> None:
    chance = random.Random(seed)
    kept, gone = random_pair(chance, user)
    before, activities = rows(), (list(kept.activity), list(gone.activity))
    choices = {name: chance.choice(["kept", "gone"]) for name in merged_fields.FIELDS if chance.random() < 0.7}
    merged = merging.merge(kept, gone, choices, user)
    assert rows() != before
    back = merging.undo(merged, user)
    assert rows() == before
    assert back.pk == gone.pk
    kept.refresh_from_db()
    assert kept.activity[:-2] == activities[0]
    assert EnrichedContact.objects.get(pk=gone.pk).activity[:-1] == activities[1]
    merged.refresh_from_db()
    assert (merged.undone_by, merged.undone_at is not None) == (user, True)


def test_undoing_leaves_what_changed_since(user) -> None:
    kept = ContactFactory(job_title=None, region_code=None, evidence=[claim("a")])
    gone = ContactFactory(job_title="CMO", region_code="GB", evidence=[claim("b")])
    merged = merging.merge(kept, gone, {}, None)
    kept.refresh_from_db()
    kept.job_title = "Founder"
    kept.evidence = [claim("c"), *kept.evidence]
    kept.save()
    note = ContactNote.objects.create(contact=kept, text="Called")
    merging.undo(merged, None)
    kept.refresh_from_db()
    assert (kept.job_title, kept.region_code, kept.evidence) == ("Founder", None, [claim("c"), claim("a")])
    assert kept.notes.get() == note


@pytest.mark.parametrize(
    ("decided", "of_the_other"), [("new", "new"), ("rejected", "rejected"), ("approved", "approved")]
)
def test_an_approval_that_was_undone_since_is_undone_for_both(decided: str, of_the_other: str) -> None:
    kept, gone = ContactFactory(), ContactFactory(review_status="approved")
    merged = merging.merge(kept, gone, {}, None)
    kept.refresh_from_db()
    kept.review_status = decided
    kept.save()
    back = merging.undo(merged, None)
    assert EnrichedContact.objects.get(pk=back.pk).review_status == of_the_other
    kept.refresh_from_db()
    assert kept.review_status == {"approved": "new"}.get(decided, decided)


def test_an_approval_since_does_not_count_for_the_other() -> None:
    kept, gone = ContactFactory(), ContactFactory(review_status="rejected")
    merged = merging.merge(kept, gone, {}, None)
    kept.refresh_from_db()
    kept.review_status = "approved"
    kept.save()
    back = merging.undo(merged, None)
    kept.refresh_from_db()
    assert (kept.review_status, back.review_status) == ("approved", "rejected")


def test_what_was_deleted_meanwhile_does_not_stop_the_undoing(user) -> None:
    kept, gone = ContactFactory(), ContactFactory(linked_contact=CrmContactFactory(), created_by=user)
    job, address = JobFactory(), EmailFactory(enriched_contact=gone)
    for contact in (kept, gone):
        JobContact.objects.create(job=job, contact=contact)
        EmailFactory(enriched_contact=contact, email="same@acme.example")
    merged = merging.merge(kept, gone, {}, user)
    address.delete()
    job.delete()
    gone.linked_contact.delete()
    gone.linked_brand.delete()
    kept.emails.all().delete()
    EmailFactory(enriched_contact=kept, email="Same@acme.example")
    user.delete()
    back = EnrichedContact.objects.get(pk=merging.undo(merged, None).pk)
    assert (back.created_by, back.linked_brand, back.linked_contact) == (None, None, None)
    assert [row.email for row in back.emails.all()] == ["same@acme.example"]
    assert [row.email for row in kept.emails.all()] == ["Same@acme.example"]


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"email": "gone"}, "“email” cannot be chosen"),
        ({"job_title": "both"}, "“both” is no choice for job_title: write kept or gone."),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(choices: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        merging.merge(*ContactFactory.create_batch(2), choices, None)
    assert EnrichedContact.objects.count() == 2


def test_a_contact_is_not_merged_with_itself_nor_with_one_that_is_gone() -> None:
    kept, gone = ContactFactory.create_batch(2)
    with pytest.raises(ValueError, match="merged with itself"):
        merging.merge(kept, kept, {}, None)
    store.delete(gone.pk)
    with pytest.raises(ValueError, match="not there any more"):
        merging.merge(kept, gone, {}, None)


def test_merges_are_undone_the_last_one_first() -> None:
    first, second, third = [EmailFactory().enriched_contact for _ in range(3)]
    before = rows()
    early = merging.merge(second, third, {}, None)
    late = merging.merge(first, second, {}, None)
    with pytest.raises(ValueError, match="undo the later merge first"):
        merging.undo(early, None)
    merging.undo(late, None)
    merging.undo(early, None)
    assert rows() == before
    with pytest.raises(ValueError, match="undone already"):
        merging.undo(early, None)


def test_a_merge_of_a_contact_that_was_deleted_is_not_undone() -> None:
    kept, gone = ContactFactory.create_batch(2)
    merged = merging.merge(kept, gone, {}, None)
    store.delete(kept.pk)
    with pytest.raises(ValueError, match="merged again or deleted meanwhile"):
        merging.undo(merged, None)


def test_erasing_the_one_contact_leaves_nothing_of_either() -> None:
    kept, gone = ContactFactory(), ContactFactory(first_name="Al", last_name="Sample")
    merging.merge(kept, gone, {}, None)
    store.delete(kept.pk)
    assert not ContactMerge.objects.exists()


def test_erasing_a_contact_that_was_merged_by_mistake_leaves_nothing_with_the_other() -> None:
    kept = ContactFactory()
    gone = EmailFactory(email="al@acme.example", enriched_contact__first_name="Al").enriched_contact
    merging.undo(merging.merge(kept, gone, {}, None), None)
    store.delete(gone.pk)
    kept.refresh_from_db()
    left = f"{ContactMerge.objects.get().snapshot} {kept.evidence} {kept.activity}"
    assert gone.last_name not in left
    assert "al@acme.example" not in left


def test_nothing_of_the_person_is_readable_in_the_snapshot() -> None:
    kept, gone = ContactFactory(), EmailFactory(email="al@acme.example").enriched_contact
    merging.merge(kept, gone, {}, None)
    assert isinstance(ContactMerge._meta.get_field("snapshot"), EncryptedTextField)
    stored = ContactMerge.objects.extra(select={"stored": "snapshot"}).values_list("stored", flat=True).get()
    assert gone.last_name not in stored


@pytest.mark.django_db(transaction=True)
def test_of_merges_that_meet_one_comes_about_and_nothing_is_lost() -> None:
    for _ in range(3):
        pair = [EmailFactory().enriched_contact for _ in range(2)]

        def merge(index: int, pair: list[EnrichedContact] = pair) -> object:
            try:
                return merging.merge(pair[index % 2], pair[1 - index % 2], {}, None)
            except ValueError as error:
                return str(error)

        results = race(4, merge)
        assert [result for result in results if isinstance(result, str)] == [merging.NOT_THERE] * 3
        (left,) = EnrichedContact.objects.filter(pk__in=[contact.pk for contact in pair])
        assert left.emails.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_merge_is_undone_once_by_many_at_once() -> None:
    merged = merging.merge(*ContactFactory.create_batch(2), {}, None)

    def undo(_index: int) -> bool:
        try:
            merging.undo(merged, None)
        except ValueError:
            return False
        return True

    assert sum(race(4, undo)) == 1
    assert EnrichedContact.objects.count() == 2
