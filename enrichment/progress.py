"""How far a discovery is, kept in the database for those who watch it: steps, sources, whom the sources found so far.

It is written by the thread that keeps the lease, outside the transaction that stores, at most about once a second. The
job does not depend on it: what the database refuses here is logged and costs the attempt nothing.

What sources bring is shown before it was screened, so it is names and titles only, without those whom a published
address puts on the suppression list; and it goes when the attempt ends.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import F, QuerySet
from django.utils import timezone

from core.names import name_key
from crm import suppression
from enrichment import jobs
from enrichment.attempts import Progress
from enrichment.discovery.base import Person
from enrichment.discovery.running import Report, State
from enrichment.models import JobProgress

SOURCES, PEOPLE, ADDRESSES, STORING = STEPS = ("sources", "people", "addresses", "storing")
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"  # a step's states

EVERY = 1.0  # seconds between two writes while sources are asked
MAX_FOUND = 50
KEPT = timedelta(days=30)  # after the job ended

log = structlog.get_logger(__name__)

Json = dict[str, Any]


class Watch:
    """What one attempt tells those who watch. `say` is told the same in a line of text.

    `step` and `sources` renew the lease first, so that a worker that lost its job does not write over another's
    progress; they raise ClaimLost then.
    """

    def __init__(self, held: jobs.Claim, say: Progress = lambda _text: None) -> None:
        self.say = say
        self._held = held
        self._row = JobProgress(job_id=held.job.pk)
        self._row.steps = [{"name": name, "state": WAITING, "startedAt": None, "endedAt": None} for name in STEPS]
        self._began = time.monotonic()
        self._stored = False
        self._tried: float | None = None  # to write, by time.monotonic
        self._reports: Sequence[Report] = ()
        self._told: list[tuple[str, str]] = []  # how the sources were when that was last written
        self._looked_at: set[str] = set()  # sources whose people were taken over
        self._found: dict[str, Json] = {}  # by the folded name
        self._hidden: set[str] = set()

    def tick(self) -> None:
        """Renew the lease. Raises ClaimLost."""
        jobs.heartbeat(self._held)

    def step(self, name: str, *, at_once: bool = True) -> None:
        """Say that the work has come to the step `name`; it is written with the next one unless `at_once`."""
        now = _moment(timezone.now())
        for entry in self._row.steps[: STEPS.index(name)]:
            self._end(entry, DONE, now)
        self._row.steps[STEPS.index(name)].update(state=RUNNING, startedAt=now)
        if at_once:
            self.tick()
            self._write()

    def note(self, name: str, text: str) -> None:
        """Add to a step what came of it, in a few words; written with the next step."""
        self._row.steps[STEPS.index(name)]["note"] = text

    def sources(self, reports: Sequence[Report]) -> None:
        """Say how the sources are doing, and whom those that ended have found."""
        self.tick()
        self._say_whom_it_asks(reports)
        self._reports = reports
        self._row.sources = [
            {
                "name": report.name,
                "state": str(report.state),
                "people": len(report.people),
                "seconds": round(report.seconds, 1),
                "note": report.note,
            }
            for report in reports
        ]
        told = [(report.name, str(report.state)) for report in reports]
        if told != self._told and (self._tried is None or time.monotonic() - self._tried >= EVERY):
            self._told = told
            self._write()

    def close(self, state: str = DONE) -> None:
        """End the step at work as done or failed, and forget whom the sources found."""
        now = _moment(timezone.now())
        for entry in self._row.steps:
            if entry["state"] == RUNNING:
                self._end(entry, state, now)
        self._reports = ()
        self._found.clear()
        self._write()

    def _say_whom_it_asks(self, reports: Sequence[Report]) -> None:
        names = [one.name for one in reports if one.state in (State.WAITING, State.ASKING)]
        if names:
            seconds = time.monotonic() - self._began
            self.say(f"Asking {', '.join(sorted(names))} about {self._held.job.brand_name} ({seconds:.0f} s)")

    @staticmethod
    def _end(entry: Json, state: str, now: str) -> None:
        if entry["state"] in (WAITING, RUNNING):
            entry.update(state=state, startedAt=entry["startedAt"] or now, endedAt=now)

    def _write(self) -> None:
        fields = ["steps", "sources", "found", "updated_at"]
        self._tried = time.monotonic()
        try:
            self._take_over()
            if self._stored:
                self._row.save(update_fields=fields)
            else:  # an earlier attempt's progress goes
                JobProgress.objects.bulk_create(
                    [self._row], update_conflicts=True, unique_fields=["job"], update_fields=fields
                )
            self._stored = True
        except DatabaseError as error:
            log.warning("progress not written", error=type(error).__name__)

    def _take_over(self) -> None:
        """Add whom the sources found that ended since; those at the end of a long list are left out."""
        ended = [one for one in self._reports if one.state == State.DONE and one.name not in self._looked_at]
        addresses = {person.email for one in ended for person in one.people if person.email}
        objected = suppression.suppressed(addresses) if addresses else set()
        for report in ended:
            self._hidden |= {_key(person) for person in report.people if person.email in objected}
            for person in sorted(report.people, key=_first_of_all):
                entry = {"name": person.name, "title": person.title or "", "source": report.name}
                self._found.setdefault(_key(person), entry)
            self._looked_at.add(report.name)
        shown = [entry for key, entry in self._found.items() if key not in self._hidden]
        self._row.found = shown[:MAX_FOUND]


def _key(person: Person) -> str:
    return name_key(person.first_name, person.last_name)


def _first_of_all(person: Person) -> tuple[bool, int]:
    return not person.decision_maker, -person.confidence


@contextmanager
def watched(held: jobs.Claim, say: Progress) -> Iterator[Watch]:
    """Give an attempt its Watch, and close it however the attempt ends."""
    watch = Watch(held, say)
    watch.step(SOURCES, at_once=False)  # written as soon as it is known which sources there are
    try:
        yield watch
    except jobs.ClaimLost:
        forget(held.job.pk)  # where another worker took over, the progress is that worker's
        raise
    except Exception:
        watch.close(FAILED)
        raise
    watch.close()


def forget(job_id: uuid.UUID) -> None:
    """Forget whom a job's sources found, if the job has ended."""
    try:
        _forget(JobProgress.objects.filter(job=job_id, job__status__in=jobs.ENDED))
    except DatabaseError as error:
        log.warning("progress not forgotten", error=type(error).__name__)


def purge() -> int:
    """Forget whom the sources of jobs found whose worker was killed before it could; return of how many jobs.

    Such rows were last written before their job ended.
    """
    return _forget(JobProgress.objects.filter(job__status__in=jobs.ENDED, updated_at__lt=F("job__completed_at")))


def outdated(now: datetime) -> "QuerySet[JobProgress]":
    """Return the progress of jobs that ended so long ago that nobody looks at it."""
    return JobProgress.objects.filter(job__status__in=jobs.ENDED, job__completed_at__lt=now - KEPT)


def _forget(rows: "QuerySet[JobProgress]") -> int:
    forgotten = 0
    for row in rows.iterator():
        if row.found:
            row.found = []
            row.save(update_fields=["found", "updated_at"])
            forgotten += 1
    return forgotten


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
