"""A person is in every table; then they are in none, the audit trail holds, and nobody finds them anew."""

import pytest

from core import audit
from core.models import AuditEntry
from crm.models import Brand, ContactAddress, Suppression
from enrichment import jobs, pipeline, screening, store, subject_rights
from enrichment.discovery.base import Person
from enrichment.models import ContactEmail, DomainProfile, EnrichedContact, JobItem, JobProgress, KeptAnswer
from outreach.models import Event
from tests.factories import JobFactory
from tests.kit.person import ADDRESS, OTHER, SECRETS, make_person, traces
from tests.test_store import candidate

pytestmark = pytest.mark.django_db


def test_no_trace_is_left_of_whoever_is_erased_and_everything_of_their_colleague() -> None:
    person = make_person()
    assert len(traces(*SECRETS)) > 30
    gone = subject_rights.erase(ADDRESS)
    assert traces(*SECRETS) == []
    assert gone["crm.contact"] == gone["enrichment.enrichedcontact"] == 1
    assert gone["outreach.message"] == 2
    entry = AuditEntry.objects.get(action="subject.erased")
    assert (entry.subject, entry.facts["gone"]) == (audit.address(ADDRESS), gone)
    audit.verify()

    assert set(Suppression.objects.values_list("reason", flat=True)) == {"erasure"}
    assert Brand.objects.get(pk=person.brand.pk).facts[0]["value"] == "HRB 1"
    colleague = EnrichedContact.objects.get()
    assert colleague.evidence[0]["value"] == "Bo Other"
    assert [row.email for row in ContactEmail.objects.all()] == ["bo.other@acme.example"]
    assert [row.email for row in ContactAddress.objects.all()] == ["bo.other@acme.example"]
    assert [row.email for row in JobItem.objects.all()] == ["bo.other@acme.example"]
    assert [entry["name"] for entry in JobProgress.objects.get().found] == ["Bo Other"]
    assert [pair["name"] for pair in DomainProfile.objects.get().known_addresses] == ["Bo Other"]
    assert Event.objects.get().text == "On leave: write to [erased]."
    assert not KeptAnswer.objects.exists()


def test_whoever_was_erased_while_a_discovery_ran_is_not_stored_by_it() -> None:
    person = make_person()
    held = jobs.claim(JobFactory(brand=person.brand).pk)
    people = [(Person("Zoe", "Quist", "CEO", email=ADDRESS), [candidate("zoe.quist")])]
    screened = screening.screen_people(people)
    assert len(screened.kept) == 1  # nobody has asked for anything yet
    subject_rights.erase(ADDRESS)
    stored = pipeline._store(held, pipeline._Result([], screened))
    assert (stored.contacts, traces("quist")) == (0, [])
    again = screening.screen_people([(Person("Zoe", "Quist", "CEO"), [candidate("z.quist")])])
    assert (again.kept, again.left_out[0][1]) == ([], [OTHER])
    assert store.delete(person.found.pk) is False
