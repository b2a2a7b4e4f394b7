"""What the audit trail says of found contacts: who found, saw, changed, decided about, exported and deleted whom."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core import api_tokens, audit
from core.models import AuditEntry, SubjectKey
from crm.models import Brand
from enrichment import batches, contact_checks, editing, jobs, merging, notes, store
from enrichment.models import EnrichedContact, EnrichmentJob, JobContact, ReviewBatch
from enrichment.verifying import Means
from outreach.default_sequence import create as create_sequence
from outreach.models import Sequence
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, EmailFactory, JobFactory
from tests.kit.dns import DnsServer
from tests.test_store import candidate, person, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("best_addresses_noted")]


@pytest.fixture
def brand() -> Brand:
    return BrandFactory(domain="acme.example")


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password="correct horse battery")


@pytest.fixture
def pages(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def ada() -> EnrichedContact:
    """A contact with an address."""
    return EmailFactory(email="ada@acme.example", enriched_contact__last_name="Example").enriched_contact


@pytest.fixture
def sequence() -> Sequence:
    return Sequence.objects.first() or create_sequence()


def entries(action: str = "") -> list[AuditEntry]:
    """Return the entries of an action, oldest first; of all but sign-ins without one."""
    rows = AuditEntry.objects.order_by("id")
    return list(rows.filter(action=action) if action else rows.exclude(action__startswith="sign_in"))


def actions() -> list[str]:
    return [entry.action for entry in entries()]


def values(entry: AuditEntry) -> Any:
    return audit.values_of([entry])[entry.pk]


def test_whom_a_job_found_is_written_with_values_under_the_persons_key(brand) -> None:
    job, _ = run(brand, (person("Ada", "Example"), [candidate("ada")]))
    found, contact = entries("contact.found")[0], EnrichedContact.objects.get()
    assert (found.object_id, found.subject) == (str(contact.pk), audit.person(contact))
    assert found.facts == {"job": str(job.pk), "source": "website"}
    said = values(found)["after"]
    assert (said["first_name"], said["job_title"]) == ("Ada", "Head of Sales")
    assert said["addresses"] == {"ada@acme.example": "verified"}
    assert "Ada" not in found.details + found.values
    assert "acme.example" not in found.details + found.values


def test_a_later_job_writes_what_it_changes_and_nothing_where_all_is_as_before(brand) -> None:
    ada, bo = (person("Ada", "Example"), [candidate("ada")]), (person("Bo", "Roe"), [])
    run(brand, ada, bo)
    run(brand, ada, bo)
    assert not entries("contact.changed")
    run(brand, (person("Ada", "Example", title="CEO"), [candidate("ada", score=60), candidate("a.example")]), bo)
    (changed,) = entries("contact.changed")
    told = values(changed)
    assert (told["before"]["job_title"], told["after"]["job_title"]) == ("Head of Sales", "CEO")
    assert told["before"]["addresses"] == {"ada@acme.example": "verified"}
    assert told["after"]["addresses"] == {"a.example@acme.example": "verified", "ada@acme.example": "unknown"}
    assert set(changed.facts["fields"]) >= {"job_title", "addresses"}


def test_a_hundred_people_take_no_query_each(brand, django_assert_max_num_queries) -> None:
    people = [(person("Ada", f"Example{n}"), [candidate(f"ada{n}")]) for n in range(100)]
    with django_assert_max_num_queries(30):
        run(brand, *people)
    with django_assert_max_num_queries(30):
        run(brand, *((person("Ada", f"Example{n}", title="CEO"), [candidate(f"ada{n}")]) for n in range(100)))
    assert (len(entries("contact.found")), len(entries("contact.changed"))) == (100, 100)


def test_a_change_by_hand_says_what_was_before(ada, boss) -> None:
    editing.edit(ada.pk, {"lastName": "Exemplar", "email": "a.exemplar@acme.example"}, boss)
    changed, vouched = entries()
    assert (changed.action, changed.actor, vouched.action) == ("contact.changed", "boss", "address.verified")
    told = values(changed)
    assert (told["before"]["last_name"], told["after"]["last_name"]) == ("Example", "Exemplar")
    assert (told["before"]["addresses"], told["after"]["addresses"]) == ({}, {"a.exemplar@acme.example": "verified"})
    assert values(vouched)["after"] == {"email": "a.exemplar@acme.example"}
    editing.edit(ada.pk, {"lastName": "Exemplar"}, boss)
    assert len(entries()) == 2, "nothing changed"


def test_a_verification_that_changes_an_address_is_written(ada, settings) -> None:
    with DnsServer({}) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        contact_checks.verify([ada.pk], Means())
    (changed,) = entries("contact.changed")
    assert changed.facts["verified"] is True
    assert "ada@acme.example" in values(changed)["before"]["addresses"]


def test_a_rejection_keeps_its_reason_to_those_who_have_the_key(ada, boss) -> None:
    editing.reject(ada.pk, "Left the company", boss)
    editing.reject(ada.pk, "Left the company", boss)
    (rejected,) = entries("contact.rejected")
    assert rejected.facts == {"status_before": "new"}
    assert values(rejected)["after"] == {"reason": "Left the company"}


def test_decisions_and_their_undoing_are_written_for_each_contact_at_once(boss, sequence) -> None:
    contacts = [EmailFactory(enriched_contact__region_code="US").enriched_contact for _ in range(3)]
    keys = [contact.pk for contact in contacts]
    batch = batches.make("approve", keys, boss)
    batches.confirm(batch.pk, boss, sequence.pk)
    approved = entries("contact.approved")
    assert [entry.object_id for entry in approved] == [str(key) for key in keys]
    assert set(approved[0].facts) == {"crm_contact", "enrolment", "status_before"}
    assert batches.undo(batch.pk, boss).undone == 3
    rejection = batches.make("reject", keys, boss, reason="Not now")
    batches.confirm(rejection.pk, boss)
    batches.undo(rejection.pk, boss)
    batches.discard(batches.make("delete", keys, boss).pk)
    own = [entry.action for entry in entries() if entry.object_type.startswith("enrichment.")]
    three = 3
    assert own == [
        *("batch.made", "batch.confirmed", *["contact.approved"] * three),
        *(*["contact.approval_undone"] * three, "batch.undone"),
        *("batch.made", "batch.confirmed", *["contact.rejected"] * three),
        *(*["contact.rejection_undone"] * three, "batch.undone"),
        *("batch.made", "batch.discarded"),
    ]
    assert {entry.actor for entry in entries() if entry.action != "batch.discarded"} == {"boss"}
    assert entries("batch.confirmed")[0].facts == {"count": 3, "kind": "approve", "sequence": str(sequence.pk)}


def test_a_deletion_destroys_the_persons_key_and_those_of_addresses_that_nobody_else_has(ada, boss) -> None:
    EmailFactory(enriched_contact=ada, email="info@acme.example")
    CrmAddressFactory(email="info@acme.example")
    other = ContactFactory()
    subjects = [audit.person(ada), audit.address("ada@acme.example")]
    for subject in (*subjects, audit.address("info@acme.example"), audit.person(other)):
        audit.record("x.noted", subject=subject, after={"name": "Ada"})
    batch = batches.make("delete", [ada.pk], boss)
    batches.confirm(batch.pk, boss)
    deleted = entries("contact.deleted")[0]
    assert (deleted.actor, deleted.subject, deleted.facts) == ("boss", subjects[0], {"addresses": 2})
    left = set(SubjectKey.objects.values_list("subject", flat=True))
    assert left == {audit.address("info@acme.example"), audit.person(other)}
    assert not store.delete(ada.pk)
    assert len(entries("contact.deleted")) == 1


def test_a_merge_and_its_undoing_say_what_became_of_the_values_and_deleting_forgets_both(ada, boss) -> None:
    gone = ContactFactory(linked_brand=ada.linked_brand, last_name="Exemplar", region_code="DE")
    merge = merging.merge(ada, gone, {"last_name": "gone"}, boss)
    merged, changed = entries()
    assert (merged.action, merged.facts) == ("contact.merged", {"gone": str(gone.pk)})
    assert values(changed)["before"] == {"last_name": "Example", "region_code": None}
    merging.undo(merge, boss)
    assert actions()[2:] == ["contact.merge_undone", "contact.changed"]
    merging.merge(ada, EnrichedContact.objects.get(pk=gone.pk), {}, boss)
    audit.record("x.noted", subject=audit.person(gone), after={"name": "Ada"})
    store.delete(ada.pk)
    assert not SubjectKey.objects.exists()


def test_a_note_is_written_without_its_words(ada, boss) -> None:
    notes.add(ada, "Met her at a fair", boss)
    (noted,) = entries()
    assert (noted.action, noted.subject, set(noted.facts)) == ("contact.noted", audit.person(ada), {"note"})
    assert not noted.values


def test_the_life_of_a_job_is_written(boss) -> None:
    job = jobs.create_email_enrichment(boss, addresses=["a@acme.example"] * 2, smtp=False, providers=False)
    jobs.cancel(job.pk)
    failed = JobFactory(status="failed")
    jobs.retry(failed.pk, boss)
    created, cancelled, retried = entries()
    assert (created.action, created.object_id, created.facts["addresses"]) == ("job.created", str(job.pk), 2)
    assert (cancelled.action, retried.action, retried.object_id) == ("job.cancelled", "job.retried", str(failed.pk))
    assert "acme.example" not in created.details


def test_whoever_looks_at_contacts_is_written_with_one_insert(ada, pages) -> None:
    bo = ContactFactory(first_name="Bo", last_name="Roe")
    pages.get("/contacts/", {"q": "ada", "reviewed": "new"})
    pages.get(f"/contacts/{ada.pk}/")
    pages.get(f"/contacts/{ada.pk}/edit/")
    pages.get(f"/contacts/{ada.pk}/duplicates/")
    listed, viewed, form, duplicates = entries()
    assert (listed.action, listed.via, listed.actor) == ("contacts.listed", "page", "boss")
    assert listed.facts == {"ids": [str(ada.pk)], "count": 1, "filters": ["q", "reviewed"]}
    assert (viewed.action, viewed.object_id, viewed.subject) == ("contact.viewed", str(ada.pk), audit.person(ada))
    assert (form.action, form.facts, duplicates.action) == ("contact.viewed", {"part": "form"}, "contacts.listed")
    assert str(bo.pk) not in listed.details
    assert not any(entry.values for entry in entries())


def test_whoever_reads_contacts_by_the_api_is_written_with_the_token(ada, boss) -> None:
    row, token = api_tokens.create(boss, "Script")
    job = JobFactory(brand=ada.linked_brand)
    JobContact.objects.create(job=job, contact=ada)
    client = Client(headers={"authorization": f"Bearer {token}"})
    client.get("/api/enrichment/contacts", {"search": "ada", "limit": 10})
    client.get(f"/api/enrichment/contacts/{ada.pk}")
    client.get(f"/api/enrichment/jobs/{job.pk}")
    client.get(f"/api/enrichment/jobs/{JobFactory().pk}")  # which found nobody
    listed, viewed, of_job = entries()
    assert (listed.via, listed.actor, listed.token_id, listed.client) == ("api", "boss", row.pk, "127.0.0.1")
    assert listed.facts == {"ids": [str(ada.pk)], "count": 1, "filters": ["search"]}
    assert (viewed.action, viewed.object_id) == ("contact.viewed", str(ada.pk))
    assert of_job.facts == {"ids": [str(ada.pk)], "count": 1, "job": str(job.pk)}


def test_an_export_says_who_and_by_which_filters_and_columns(ada, pages) -> None:
    pages.post("/contacts/export/", {"everything": "1", "filters": "q=ada"})
    pages.post("/contacts/export/", {"contact": [str(ada.pk)]})
    everybody, chosen = entries()
    assert (everybody.action, everybody.facts["filters"], chosen.facts["filters"]) == ("contacts.exported", ["q"], [])
    assert everybody.facts["ids"] == chosen.facts["ids"] == [str(ada.pk)]
    assert "linkedin" in everybody.facts["columns"]


def test_what_a_page_changes_leaves_its_own_entry_and_no_other(ada, pages) -> None:
    pages.post("/contacts/views/", {"name": "Ada's", "query": "q=ada"})
    pages.post(f"/contacts/{ada.pk}/notes/", {"text": "Met her"})
    pages.post("/discover/", {"brand": "Acme", "website": "", "region": "DE"})
    assert actions() == ["view.created", "contact.noted", "job.created"]
    assert EnrichmentJob.objects.get().created_by.username == "boss"
    assert not ReviewBatch.objects.exists()
