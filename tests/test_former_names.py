"""A contact is found, and forgotten, under the names of those who were merged into it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from enrichment import merging, retention, store
from enrichment.models import DomainProfile, EnrichedContact, JobContact
from tests.factories import BrandFactory, ContactFactory, EmailFactory
from tests.test_store import candidate, evidence, person, run

pytestmark = pytest.mark.django_db

OTHER = "https://acme.example/board"


@pytest.fixture
def brand():
    return BrandFactory()


@pytest.fixture
def kept(brand) -> EnrichedContact:
    """Zoë Müller, into whom Zoë Weber of the same brand was merged."""
    run(brand, (person(), []), (person(last="Weber", linkedin_id="zoe-weber"), []))
    kept, gone = (EnrichedContact.objects.get(last_name=name) for name in ("Müller", "Weber"))
    EnrichedContact.objects.filter(pk=gone.pk).update(first_name="Zora")  # by hand; the key is as it was found
    merging.merge(kept, gone, {}, None)
    return kept


@pytest.mark.parametrize(
    "found",
    [person(last="Weber"), person(first="ZOE", last="Weber"), person(last="Weber-Mueller", linkedin_id="Zoe-Weber")],
)  # fmt: skip
def test_who_was_merged_is_found_again_as_the_one(brand, kept, found) -> None:
    run(brand, (found, [candidate("zoe.weber")]))
    contact = EnrichedContact.objects.get()
    assert (contact.pk, str(contact)) == (kept.pk, "Zoë Müller")
    assert contact.emails.get().email.startswith("zoe.weber@")


@pytest.mark.parametrize("first", ["Müller", "Weber"])
def test_both_found_in_one_run_are_the_one_contact(brand, kept, first: str) -> None:
    weber = person(last="Weber", title="Sales")
    both = [
        (person(title="Head of Sales"), [candidate("zoe")]),
        (replace(weber, evidence=(evidence("name", "Zoë Weber", OTHER),)), [candidate("z.weber")]),
    ]
    job, stored = run(brand, *sorted(both, key=lambda found: found[0].last_name != first))
    contact = EnrichedContact.objects.get()
    assert contact.job_title == "Head of Sales", "the contact's own name tells what it is called"
    assert {entry["url"] for entry in contact.evidence} >= {"https://acme.example/team", OTHER}
    assert {row.email.partition("@")[0] for row in contact.emails.all()} >= {"zoe", "z.weber"}
    assert (stored.contacts, JobContact.objects.filter(job=job).count()) == (1, 1)


def test_after_undoing_they_are_found_as_two(brand, kept) -> None:
    merging.undo(kept.merges.get(), None)
    run(brand, (person(last="Weber"), []), (person(), []))
    assert EnrichedContact.objects.count() == 2


def test_the_name_at_another_brand_is_somebody_else(kept) -> None:
    run(BrandFactory(), (person(last="Weber"), []))
    assert EnrichedContact.objects.count() == 2


@pytest.mark.parametrize("how", ["erased", "purged"])
def test_whoever_goes_is_forgotten_under_all_names(how: str) -> None:
    old = timezone.now() - timedelta(days=400)
    kept, gone = (
        ContactFactory(first_name=name, last_name="Example", discovered_at=old, linked_brand=BrandFactory())
        for name in ("Ada", "Al")
    )
    EmailFactory(enriched_contact=kept, email="ada@acme.example")
    known = [
        {"name": name, "email": f"{name[:2].lower()}.x@acme.example", "source": "website", "seenAt": ""}
        for name in ("Ada Example", "Al Example", "Grace Sample")
    ]
    DomainProfile.objects.create(domain="acme.example", known_addresses=known)
    merging.merge(kept, gone, {}, None)
    if how == "erased":
        store.delete(kept.pk)
    else:
        retention.purge()
    assert not EnrichedContact.objects.exists()
    assert [pair["name"] for pair in DomainProfile.objects.get().known_addresses] == ["Grace Sample"]
