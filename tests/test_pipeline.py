"""What a job does when a part of it goes wrong. The whole flow is in tests/flows."""

import time
from dataclasses import dataclass
from threading import Event

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from core import api_tokens, counts
from core.models import DailyCount
from crm import suppression
from crm.models import Brand
from enrichment import domain_profiles, editing, jobs, limits, pipeline, screening
from enrichment.discovery import registry
from enrichment.discovery.base import Brand as Wanted
from enrichment.discovery.base import Context, Diagnostic, Evidence, Findings, Person, SourceError
from enrichment.models import ContactEmail, DomainProfile, EnrichedContact, EnrichmentJob, Usage
from tests.factories import JobFactory
from tests.kit.dns import DnsServer
from tests.racing import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("best_addresses_noted")]


@dataclass
class Says:
    """A source that brings back, or raises, what it is told."""

    name: str
    answer: Findings | Exception
    seconds: float = 60.0

    def find(self, brand: Wanted, context: Context) -> Findings:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def _dns(settings):
    with DnsServer({}) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        yield


@pytest.fixture
def run(monkeypatch):
    """Run a job with these sources and return its row."""

    def run(*sources, **fields) -> EnrichmentJob:
        monkeypatch.setattr(registry, "sources", lambda _names, _configuration: list(sources))
        job = JobFactory(**fields)
        assert pipeline.run(job.pk)
        job.refresh_from_db()
        return job

    return run


ADA = Person("Ada", "Example", "CEO")


def test_a_source_that_cannot_tell_is_named_and_costs_the_job_nothing(run) -> None:
    sulks = Says("sulky", SourceError(Diagnostic("unreachable", "It does not answer.", "sulky")))
    job = run(sulks, Says("website", Findings((ADA,))))
    assert (job.status, job.contacts_discovered) == ("completed", 1)
    assert {"code": "unreachable", "sentence": "It does not answer.", "source": "sulky"} in job.diagnostics


def test_a_source_that_breaks_is_named_and_costs_the_others_nothing(run) -> None:
    job = run(Says("broken", ZeroDivisionError("oops")), Says("website", Findings((ADA,))))
    assert (job.status, job.contacts_discovered) == ("completed", 1)
    assert "broken failed unexpectedly (ZeroDivisionError)" in job.diagnostics[0]["sentence"]


def test_when_every_source_breaks_the_attempt_failed_and_says_what_to_do(run) -> None:
    job = run(Says("broken", ZeroDivisionError("oops")))
    assert (job.status, job.retry_count) == ("retrying", 1)
    assert "Retry the job" in job.error_message
    assert str(job.pk) in job.error_message


def test_a_job_over_its_time_limit_says_so(run, monkeypatch) -> None:
    def out_of_time(_held: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(jobs, "heartbeat", out_of_time)  # Celery raises it in the job's thread, wherever that is
    job = run(Says("slow", Findings((ADA,))))
    assert job.status == "retrying"
    assert "longer than" in job.error_message


def test_a_job_that_is_cancelled_meanwhile_writes_nothing_and_stops_its_sources(run) -> None:
    stopped = Event()

    @dataclass
    class Waits:
        name: str = "patient"
        seconds: float = 60.0

        def find(self, brand: Brand, context: Context) -> Findings:
            EnrichmentJob.objects.update(status="cancelled")
            for _ in range(500):
                if context.stopped():
                    stopped.set()
                    break
                Event().wait(0.02)
            connections.close_all()
            return Findings((ADA,))

    job = run(Waits())
    assert job.status == "cancelled"
    assert stopped.wait(10)
    assert not EnrichedContact.objects.exists()


def test_a_job_longer_than_its_lease_keeps_it(run, settings) -> None:
    settings.ENRICHMENT_JOB_LEASE_SECONDS = 1
    rivals: list[object] = []

    @dataclass
    class TakesLong:
        name: str = "thorough"
        seconds: float = 60.0

        def find(self, brand: Brand, context: Context) -> Findings:
            job_id, began = EnrichmentJob.objects.get().pk, time.monotonic()
            while time.monotonic() < began + 2.5:
                rivals.append(jobs.claim(job_id))
                time.sleep(0.1)
            connections.close_all()
            return Findings((ADA,))

    job = run(TakesLong())
    assert (job.status, job.retry_count, job.contacts_discovered) == ("completed", 0, 1)
    assert rivals
    assert not any(rivals)


def test_characters_no_database_takes_are_taken_out(run) -> None:
    person = Person("A\x00da", "Exa\ud800mple", "C\x00EO", email="ada\x00@acme.example")
    job = run(Says("website", Findings((person,))))
    assert job.status == "completed"
    assert EnrichedContact.objects.get().job_title == "C EO"


def test_a_person_whose_domain_is_unknown_has_no_guesses_and_the_job_says_why(run) -> None:
    job = run(Says("website", Findings((ADA,))))
    assert EnrichedContact.objects.get().emails.count() == 0
    assert "no_mail_domain" in {entry["code"] for entry in job.diagnostics}


def test_the_four_log_lines_of_the_specification_appear(run, caplog) -> None:
    caplog.set_level("INFO")
    run(Says("website", Findings((ADA,), addresses=("info@acme.example",))))
    lines = [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
    assert lines == [
        "[ENRICHMENT JOB] Started job for brand",
        "[CONTACT DISCOVERY] Discovered 1 unique domains",
        "[EMAIL ENRICHMENT] Generated 0 verified emails",
        "[ENRICHMENT JOB] Completed: 1 contacts, 3 emails",
    ]


def test_a_job_that_is_not_due_is_left_alone() -> None:
    job = JobFactory(status="completed")
    assert pipeline.run(job.pk) is False
    assert jobs.claim(job.pk) is None


def forbidden(*arguments: object, **options: object) -> None:
    raise AssertionError("no request may go out")


def test_a_brand_on_the_suppression_list_completes_with_nobody_and_without_a_request(run, monkeypatch) -> None:
    suppression.add(["acme.example"], "objection")
    monkeypatch.setattr(pipeline, "discover", forbidden)
    monkeypatch.setattr(domain_profiles, "load", forbidden)
    job = run(Says("website", Findings((ADA,))), brand_website="https://www.acme.example/")
    assert (job.status, job.contacts_discovered) == ("completed", 0)
    assert [(entry["code"], entry["source"]) for entry in job.diagnostics] == [("suppressed_domain", "suppression")]
    assert "acme.example is on the suppression list" in job.diagnostics[0]["sentence"]


def test_a_region_restricted_since_fails_the_attempt_without_a_request(run, settings, monkeypatch) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    monkeypatch.setattr(pipeline, "discover", forbidden)
    job = run(Says("website", Findings((ADA,))), region_code="DE")
    assert (job.status, job.error_message) == ("retrying", "Enrichment restricted in region: DE")


def test_people_on_the_suppression_list_are_left_out_and_forgotten(run) -> None:
    """By their likeliest address, or by the one they publish; the diagnostic says how many, not who."""
    suppression.add(["zoe.mueller@acme.example", "bo@private.example"], "objection")
    DomainProfile.objects.create(
        domain="acme.example",
        known_addresses=[
            {"name": "Zoe Mueller", "email": "zoe.mueller@acme.example", "source": "website", "seenAt": ""},
            {"name": "Cy Example", "email": "cy.example@acme.example", "source": "website", "seenAt": ""},
        ],
    )
    people = (
        Person("Zoe", "Mueller", "CEO"),
        Person("Bo", "Example", "CFO", email="bo@private.example"),
        Person("Ada", "Example", "CTO", email="ada.example@acme.example"),
    )
    job = run(Says("website", Findings(people)), brand_website="https://acme.example/")
    assert (job.status, job.contacts_discovered) == ("completed", 1)
    assert EnrichedContact.objects.get().first_name == "Ada"
    known = {pair["email"] for row in DomainProfile.objects.all() for pair in row.known_addresses}
    assert known == {"ada.example@acme.example", "cy.example@acme.example"}
    (note,) = [entry for entry in job.diagnostics if entry["code"] == "suppressed_people"]
    assert note["sentence"].endswith(": 2.")
    assert "Zoe" not in str(job.diagnostics)


def test_a_less_likely_address_on_the_suppression_list_is_dropped_and_the_person_kept(run) -> None:
    suppression.add(["aexample@acme.example"], "objection")
    run(Says("website", Findings((ADA,))), brand_website="https://acme.example/")
    emails = {email.email for email in EnrichedContact.objects.get().emails.all()}
    assert "ada.example@acme.example" in emails
    assert "aexample@acme.example" not in emails


def test_the_suppression_list_is_asked_about_everybody_together_before_and_while_storing(run, monkeypatch) -> None:
    asked, suppressed = [], suppression.suppressed
    monkeypatch.setattr(suppression, "suppressed", lambda addresses: asked.append(1) or suppressed(addresses))
    people = tuple(Person("Ada", f"Example{n}", "CEO") for n in range(20))
    run(Says("website", Findings(people)), brand_website="https://acme.example/")
    assert (len(asked), EnrichedContact.objects.count()) == (2, 20)


STAFF = (
    Person("Bo", "Staff", "Engineer", confidence=80),
    Person("Cy", "Staff", "Engineer", confidence=60),
    Person("Di", "Boss", "CEO", decision_maker=True, confidence=50),
    Person("Ed", "Boss", "CTO", decision_maker=True, confidence=70),
)


def test_a_job_that_came_with_a_token_counts_for_it_too_and_says_which_limit_it_met(run) -> None:
    user = User.objects.create_user("ada")
    token, _ = api_tokens.create(user, "Script", addresses_per_day=1)
    given = {"brand_website": "https://acme.example/", "created_by": user, "options": {"token": str(token.pk)}}
    job = run(Says("website", Findings(STAFF)), **given)
    assert (job.status, job.volume_limited) == ("completed", True)
    assert "limit of 1 people in 24 hours of the API token" in job.diagnostics[-1]["sentence"]
    assert ContactEmail.objects.values("enriched_contact").distinct().count() == 1
    assert Usage.objects.get(token=token).amount == 1
    assert DailyCount.objects.get(name="limit_hit").label == "token_addresses"
    token.delete()
    assert not run(Says("website", Findings(STAFF)), **given).volume_limited


@pytest.mark.parametrize(
    ("left", "served"),
    [(0, set()), (1, {"Ed"}), (2, {"Ed", "Di"}), (3, {"Ed", "Di", "Bo"}), (4, {"Ed", "Di", "Bo", "Cy"})],
)
def test_addresses_are_for_decision_makers_first_then_by_confidence_while_the_limit_lasts(
    run, settings, left, served
) -> None:
    user = User.objects.create_user("ada")
    settings.ENRICHMENT_LIMIT_EMAILS = 10
    limits.use_addresses(user, 10 - left)
    job = run(Says("website", Findings(STAFF)), brand_website="https://acme.example/", created_by=user)
    assert (job.status, job.contacts_discovered) == ("completed", 4)
    assert set(ContactEmail.objects.values_list("enriched_contact__first_name", flat=True)) == served
    assert sum(Usage.objects.values_list("amount", flat=True)) == 10
    assert job.volume_limited is (left < 4)
    sentences = [entry["sentence"] for entry in job.diagnostics if entry["code"] == "volume_limited"]
    assert [sentence[:2] for sentence in sentences] == ([f"{4 - left} "] if left < 4 else [])


def test_a_job_that_is_cancelled_at_the_last_moment_writes_nothing(run, monkeypatch) -> None:
    user = User.objects.create_user("ada")
    screen = screening.screen_people

    def cancel_and_screen(people):
        jobs.cancel(EnrichmentJob.objects.get().pk)
        return screen(people)

    monkeypatch.setattr(screening, "screen_people", cancel_and_screen)
    job = run(Says("website", Findings((ADA,))), brand_website="https://acme.example/", created_by=user)
    assert job.status == "cancelled"
    assert not EnrichedContact.objects.exists()
    assert not DomainProfile.objects.exists()
    assert not Usage.objects.exists()


def test_of_twenty_jobs_that_end_at_once_one_gets_the_last_addresses(monkeypatch, settings) -> None:
    user = User.objects.create_user("ada")
    settings.ENRICHMENT_LIMIT_EMAILS = 5
    limits.use_addresses(user, 4)
    monkeypatch.setattr(registry, "sources", lambda _names, _configuration: [Says("website", Findings((ADA,)))])
    made = [JobFactory(created_by=user, brand_website=f"https://acme{n}.example/") for n in range(20)]
    assert race(20, lambda index: pipeline.run(made[index].pk)) == [True] * 20
    ended = EnrichmentJob.objects.all()
    assert {job.status for job in ended} == {"completed"}, [job.error_message for job in ended]
    assert sorted(job.volume_limited for job in ended) == [False] + [True] * 19
    assert EnrichedContact.objects.filter(emails__isnull=False).distinct().count() == 1
    assert sum(Usage.objects.values_list("amount", flat=True)) == 5


def claim(field: str, value: str) -> Evidence:
    return Evidence(field, value, "https://acme.example/imprint", f"12345 Berlin, {value}", "website", timezone.now())


def test_where_nobody_said_where_the_company_sits_the_findings_do(run) -> None:
    person = Person("Ada", "Example", title="CEO")
    job = run(Says("website", Findings(people=(person,), company=(claim("country", "DE"),))))
    contact, brand = EnrichedContact.objects.get(), Brand.objects.get(pk=job.brand_id)
    assert (contact.region_code, contact.region_basis["how"]) == ("DE", "address")
    assert (brand.region_code, brand.region_basis["url"]) == ("DE", "https://acme.example/imprint")
    editing.edit(contact.pk, {"region": "AT"}, None)
    run(Says("website", Findings(people=(person,), company=(claim("country", "FR"),))), brand=brand)
    contact.refresh_from_db()
    assert contact.region_code == "AT", "corrected by hand"
    brand.refresh_from_db()
    assert brand.region_code == "FR"


def test_nobody_is_kept_where_the_company_turns_out_to_sit_in_a_restricted_region(run, settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    person = Person("Ada", "Example", title="CEO")
    job = run(Says("website", Findings(people=(person,), company=(claim("country", "DE"),))))
    assert (job.status, [said["code"] for said in job.diagnostics]) == ("completed", ["region_restricted"])
    assert not EnrichedContact.objects.exists()
    assert counts.totals(counts.REGION_REFUSED) == {"DE": 1}
    assert Brand.objects.get(pk=job.brand_id).region_code == "DE", "the next is refused at the door"
