"""What is kept for those who watch a discovery: seen while it runs, gone when it ends, and never in its way."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import suppression
from enrichment import jobs, pipeline, progress, proving, sources
from enrichment.discovery import registry
from enrichment.discovery.base import Brand, Context, Diagnostic, Findings, Person, SourceError
from enrichment.discovery.breakers import Breakers
from enrichment.models import EnrichmentJob, JobProgress
from tests.factories import JobFactory
from tests.kit.company import HOST, WEBSITE, company
from tests.kit.dns import DnsServer
from tests.kit.web import Page

pytestmark = pytest.mark.django_db(transaction=True)

ADA = Person("Ada", "Example", "CEO", decision_maker=True)
BO = Person("Bo", "Example", "Engineer", email="bo@private.example")


@dataclass
class Says:
    """A source that brings back, or raises, what it is told, once `may_end`."""

    name: str
    answer: Findings | Exception
    may_end: Event = field(default_factory=Event)
    seconds: float = 60.0

    def find(self, brand: Brand, context: Context) -> Findings:
        while not self.may_end.wait(0.02) and not context.stopped():
            pass
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def says(name: str, answer: Findings | Exception) -> Says:
    source = Says(name, answer)
    source.may_end.set()
    return source


@pytest.fixture(autouse=True)
def _breakers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BREAKERS", Breakers())


@pytest.fixture(autouse=True)
def _dns(settings: Any) -> Iterator[None]:
    with DnsServer({}) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        yield


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def ask(*told: Says) -> None:
        monkeypatch.setattr(registry, "sources", lambda _names, _configuration: list(told))

    return ask


def in_background(job: EnrichmentJob) -> Thread:
    def run() -> None:
        try:
            pipeline.run(job.pk)
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread


def seen(job: EnrichmentJob, condition: Callable[[JobProgress], object]) -> JobProgress:
    """Wait until what is kept of the job is as wanted, and return it."""
    for _ in range(500):
        row = JobProgress.objects.filter(job=job).first()
        if row is not None and condition(row):
            return row
        Event().wait(0.02)
    raise AssertionError(f"waited in vain; last seen: {row and (row.steps, row.sources, row.found)}")


def states(row: JobProgress) -> dict[str, str]:
    return {entry["name"]: entry["state"] for entry in [*row.steps, *row.sources]}


def test_who_watches_sees_each_source_end_and_whom_it_found(asked: Any) -> None:
    suppression.add([BO.email], "objection")
    slow = Says("website", Findings((Person("Cy", "Example", "CFO"), ADA)))
    no_address = says("press", Findings((Person("Bo", "Example", "Engineer"),)))
    sulky = says("brave", SourceError(Diagnostic("bad_key", "Check its key.", "brave")))
    asked(slow, says("wikidata", Findings((BO, ADA))), sulky, no_address)
    job = JobFactory()
    running = in_background(job)
    early = seen(
        job,
        lambda row: states(row).get("wikidata") == states(row)["press"] == "done" and states(row)["brave"] == "failed",
    )
    assert states(early)["website"] == "asking"
    assert (states(early)["sources"], states(early)["people"]) == ("running", "waiting")
    assert [entry["note"] for entry in early.sources if entry["name"] == "brave"] == ["Check its key."]
    assert early.found == [{"name": "Ada Example", "title": "CEO", "source": "wikidata"}], "who objected is not shown"
    slow.may_end.set()
    running.join(30)
    late = JobProgress.objects.get(job=job)
    assert (set(states(late).values()), late.found) == ({"done", "failed"}, [])
    assert [entry["people"] for entry in late.sources] == [2, 2, 0, 1]
    assert late.steps[1]["note"] == "3 people"
    job.refresh_from_db()
    assert job.status == "completed"


def test_the_pages_of_a_company_are_read_while_somebody_watches(settings: Any) -> None:
    opened = Event()

    def slow_page(_request: object) -> Page:
        opened.wait(30)
        return Page("<html><body><h1>Kestrel</h1></body></html>")

    with company({"/contact": slow_page}) as kestrel:
        settings.ENRICHMENT_DNS_SERVERS = [kestrel.dns.address]
        settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [f"{HOST}={kestrel.web.address}"]
        job = JobFactory(brand_website=WEBSITE)
        running = in_background(job)
        assert states(seen(job, lambda row: row.sources))["website"] == "asking"
        opened.set()
        running.join(60)
    ended = JobProgress.objects.get(job=job)
    assert ended.sources[0]["people"] == 4
    assert ended.found == []


@pytest.mark.parametrize(
    ("error", "status"),
    [(ZeroDivisionError("oops"), "retrying"), (SoftTimeLimitExceeded(), "retrying"), (None, "cancelled")],
)
def test_an_attempt_that_ends_otherwise_leaves_nobody_behind(
    asked: Any, monkeypatch: pytest.MonkeyPatch, error: Exception | None, status: str
) -> None:
    was: list[list[Any]] = []

    def prove(*_arguments: object, **_options: object) -> None:
        was.append(JobProgress.objects.get().found)
        if error is not None:
            raise error
        jobs.cancel(EnrichmentJob.objects.get().pk)
        jobs.heartbeat(jobs.Claim(EnrichmentJob.objects.get(), uuid.uuid4()))

    monkeypatch.setattr(proving, "prove", prove)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    asked(says("website", Findings((ADA,))))
    job = JobFactory()
    pipeline.run(job.pk)
    job.refresh_from_db()
    row = JobProgress.objects.get()
    assert (job.status, len(was[0]), row.found) == (status, 1, [])
    assert states(row)["addresses"] == ("failed" if error else "running")


def test_another_attempt_begins_anew(asked: Any) -> None:
    asked(says("brave", ZeroDivisionError("oops")))
    job = JobFactory()
    pipeline.run(job.pk)
    assert states(JobProgress.objects.get()) == {
        "sources": "failed",
        "people": "waiting",
        "addresses": "waiting",
        "storing": "waiting",
        "brave": "failed",
    }
    EnrichmentJob.objects.update(next_attempt_at=timezone.now())
    asked(says("website", Findings((ADA,))))
    pipeline.run(job.pk)
    assert set(states(JobProgress.objects.get()).values()) == {"done"}
    assert "brave" not in states(JobProgress.objects.get())


def test_a_worker_that_lost_its_job_does_not_write_over_the_next_ones_progress(asked: Any) -> None:
    slow = Says("website", Findings((ADA,)))
    asked(slow)
    job = JobFactory()
    running = in_background(job)
    seen(job, lambda row: row.sources)
    EnrichmentJob.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    held = jobs.claim(job.pk)
    assert held is not None
    watch = progress.Watch(held)
    watch.step(progress.ADDRESSES)
    slow.may_end.set()
    running.join(30)
    assert states(JobProgress.objects.get())["addresses"] == "running"


def test_a_database_that_refuses_progress_costs_the_job_nothing(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise DatabaseError("no room")

    monkeypatch.setattr(JobProgress, "save", refuse)
    monkeypatch.setattr(progress.Watch, "_take_over", refuse)
    asked(says("website", Findings((ADA,))))
    job = JobFactory()
    pipeline.run(job.pk)
    job.refresh_from_db()
    assert job.status == "completed"
    assert not JobProgress.objects.exists()


def test_watching_costs_a_few_queries_however_many_sources_there_are(
    asked: Any,
) -> None:
    def queries(*told: Says) -> list[str]:
        asked(*told)
        job = JobFactory()
        with CaptureQueriesContext(connection) as captured:
            pipeline.run(job.pk)
        return [query["sql"] for query in captured if "enrichment_job_progress" in query["sql"]]

    few = queries(says("website", Findings((ADA,))))
    many = queries(*(says(f"source{number}", Findings((ADA,))) for number in range(12)))
    assert 0 < len(few) == len(many) <= 4


def test_what_a_killed_worker_left_is_forgotten_and_old_progress_is_named_for_deletion(
    asked: Any,
) -> None:
    now = timezone.now()
    kept = [{"name": "Ada Example", "title": "CEO", "source": "website"}]
    made = {
        name: JobProgress.objects.create(job=JobFactory(status=status, completed_at=ended), found=kept)
        for name, status, ended in (
            ("running", "processing", None),
            ("orphan", "failed", now + timedelta(minutes=1)),
            ("old", "completed", now - timedelta(days=31)),
        )
    }
    assert progress.purge() == 1
    assert JobProgress.objects.get(pk=made["orphan"].pk).found == []
    assert JobProgress.objects.get(pk=made["running"].pk).found == kept
    assert list(progress.outdated(now)) == [made["old"]]
    EnrichmentJob.objects.filter(pk=made["old"].pk).delete()
    assert not JobProgress.objects.filter(pk=made["old"].pk).exists()
