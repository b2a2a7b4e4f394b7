"""What a job does when a part of it goes wrong. The whole flow is in tests/flows."""

import time
from dataclasses import dataclass
from threading import Event

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connections

from enrichment import jobs, pipeline
from enrichment.discovery import registry
from enrichment.discovery.base import Brand, Context, Diagnostic, Findings, Person, SourceError
from enrichment.models import EnrichedContact, EnrichmentJob
from tests.factories import JobFactory
from tests.kit.dns import DnsServer

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Says:
    """A source that brings back, or raises, what it is told."""

    name: str
    answer: Findings | Exception

    def find(self, brand: Brand, context: Context) -> Findings:
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

    def run(*sources) -> EnrichmentJob:
        monkeypatch.setattr(registry, "sources", lambda _names, **_options: list(sources))
        job = JobFactory()
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
    assert stopped.is_set()
    assert not EnrichedContact.objects.exists()


def test_a_job_longer_than_its_lease_keeps_it(run, settings) -> None:
    settings.ENRICHMENT_JOB_LEASE_SECONDS = 1
    rivals: list[object] = []

    @dataclass
    class TakesLong:
        name: str = "thorough"

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


def test_without_a_source_the_job_says_which_setting_to_look_at(run) -> None:
    job = run()
    assert job.status == "completed"
    assert "ENRICHMENT_SOURCES" in job.diagnostics[0]["sentence"]


def test_a_job_that_is_not_due_is_left_alone() -> None:
    job = JobFactory(status="completed")
    assert pipeline.run(job.pk) is False
    assert jobs.claim(job.pk) is None
