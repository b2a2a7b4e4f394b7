"""How a job is doing at this moment: one sentence, how long, its steps and sources, and what keeps it waiting."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from enrichment import jobs, progress
from enrichment.discovery.running import State
from enrichment.models import EnrichmentJob, JobProgress, JobStatus, JobType
from enrichment.review import job_words
from enrichment.review.job_words import counted, duration

PATIENCE = timedelta(seconds=15)  # so long a job may wait for a worker before the page says what could be wrong
OFTEN = timedelta(seconds=20)  # from its start a job is looked at every second, then every other second

NO_WORKER = (
    "No worker has taken the job for {waited}. It seems that none runs: start one with “make run”; {readyz} says what "
    "else is missing. If one runs, it is told of the job again within two minutes."
)
BUSY = "The workers are busy with {jobs}. This one begins as soon as one is free."
SILENT = "Its worker does not answer any more. Another one takes the job over; start one with “make run” if none runs."
PATIENT = "Mail servers asked for patience. It goes on at {at}."


@dataclass(frozen=True, slots=True)
class Line:
    """A step or a source: its title, a badge's word and tone, how long it took, what came of it."""

    title: str
    word: str
    tone: str
    time: str = ""
    people: int | None = None
    note: str = ""


@dataclass(slots=True)
class Live:
    """What the page shows of a job, and shows anew every `every` seconds until it has ended."""

    job: EnrichmentJob
    phase: str
    sentence: str
    elapsed: str
    every: int
    hint: str = ""
    steps: list[Line] = field(default_factory=list)
    sources: list[Line] = field(default_factory=list)
    found: list[dict[str, str]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.job.status in jobs.ENDED

    @property
    def key(self) -> str:
        """A mark by which the page knows whether there is something new to say aloud."""
        return f"{zlib.crc32(f'{self.sentence}{bool(self.hint)}'.encode()):08x}"


def live(job: EnrichmentJob, now: datetime) -> Live:
    """Return how the job is doing. `job.progress` should be loaded with it, where there is one."""
    kept: JobProgress | None = getattr(job, "progress", None)
    phase = _phase(job, now)
    began = job.started_at or job.created_at
    elapsed = (job.completed_at or now) - began
    view = Live(job, phase, "", duration(elapsed), 1 if phase == "running" and elapsed < OFTEN else 2)
    if kept is not None and job.job_type == JobType.BRAND_CONTACT_DISCOVERY:
        _add_progress(view, kept, now)
    view.sentence = _sentence(view)
    view.hint = _hint(job, phase, now)
    return view


def _phase(job: EnrichmentJob, now: datetime) -> str:
    """Return waiting, running, retrying, or how the job ended. Between two batches a job is running."""
    if job.status == JobStatus.PROCESSING:
        return "running"
    if job.status != JobStatus.PENDING:
        return str(job.status)
    between = job.items_processed > 0 and not _late(job, now)
    return "running" if between else "waiting"


def _waiting_since(job: EnrichmentJob) -> datetime:
    return max(filter(None, (job.created_at, job.woken_at, job.next_attempt_at)))


def _late(job: EnrichmentJob, now: datetime) -> bool:
    """Whether the job should have been taken by a worker for some time, or is not due yet."""
    return not timedelta(0) <= now - _waiting_since(job) < PATIENCE


# Words ------------------------------------------------------------------------------------------


def _sentence(view: Live) -> str:
    job = view.job
    if view.phase == "waiting":
        return "Waiting for a worker."
    if view.phase == "running":
        return _running(view)
    if view.phase == JobStatus.RETRYING:
        return _retrying(job)
    if view.phase == JobStatus.COMPLETED:
        return _completed(job)
    if view.phase == JobStatus.CANCELLED:
        return "Cancelled." if job.items_processed else "Cancelled. Nothing was stored."
    return f"Failed after {counted(job.retry_count, 'attempt', 'attempts')}."


def _running(view: Live) -> str:
    job = view.job
    if job.job_type == JobType.EMAIL_ENRICHMENT:
        return f"Verified {job.items_processed:,} of {job.items_total:,}."
    step = next((line.title for line in view.steps if line.tone == "info"), None)
    if step is None:
        return "Starting."
    if step != job_words.STEPS[progress.SOURCES]:
        return f"{step}."
    ended = [source for source in view.sources if source.word not in (State.WAITING, State.ASKING)]
    people = sum(source.people or 0 for source in view.sources)
    found = f" {counted(people, 'finding', 'findings')} so far." if people else ""
    return f"{len(ended)} of {counted(len(view.sources), 'source has', 'sources have')} answered.{found}"


def _retrying(job: EnrichmentJob) -> str:
    if not job.retry_count:
        return "A new round of attempts begins as soon as a worker is free."
    at = f" The next one is at {_clock(job.next_attempt_at)}." if job.next_attempt_at else ""
    return f"Attempt {job.retry_count} of {job.max_retries} failed.{at}"


def _completed(job: EnrichmentJob) -> str:
    if job.job_type == JobType.EMAIL_ENRICHMENT:
        return f"Done: {job.contacts_enriched:,} of {job.items_total:,} can be used."
    found = counted(job.contacts_discovered, "contact", "contacts") if job.contacts_discovered else "nobody"
    usable = f", {job.contacts_enriched:,} with a usable address" if job.contacts_discovered else ""
    return f"Done: {found} found{usable}."


def _hint(job: EnrichmentJob, phase: str, now: datetime) -> str:
    """Return what keeps the job from going on, and what to do; "" while all is well."""
    if job.status in jobs.ENDED:
        return ""
    if job.status == JobStatus.PROCESSING:
        silent = job.lease_expires_at is not None and job.lease_expires_at < now
        return SILENT if silent else ""
    due = _waiting_since(job)
    if due > now:
        return PATIENT.format(at=_clock(due)) if phase == "waiting" else ""
    if now - due < PATIENCE:
        return ""
    others = EnrichmentJob.objects.filter(status=JobStatus.PROCESSING, lease_expires_at__gte=now).count()
    if others:
        return BUSY.format(jobs=counted(others, "other job", "other jobs"))
    return NO_WORKER.format(waited=duration(now - due), readyz=reverse("readyz"))


def _clock(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "H:i:s") if moment else ""


# Steps and sources ------------------------------------------------------------------------------


def _add_progress(view: Live, kept: JobProgress, now: datetime) -> None:
    # What is left of an attempt that failed is no longer at work, nor is that of a job that waits for the next one.
    over = view.phase != "running"
    began = _moment(kept.steps[0]["startedAt"]) if kept.steps else None
    view.steps = [_step(entry, over, now) for entry in kept.steps]
    view.sources = [_source(entry, over, began, now) for entry in kept.sources]
    if not over:  # whom the sources found is nobody's business once the job has ended
        view.found = [{**entry, "from": job_words.source_title(entry["source"])} for entry in kept.found]


def _step(entry: Mapping[str, Any], over: bool, now: datetime) -> Line:
    word, tone = job_words.step_state(entry, over)
    began = _moment(entry["startedAt"])
    ended = _moment(entry["endedAt"])
    if began and ended:
        time = job_words.took((ended - began).total_seconds())
    else:
        time = duration(now - began) if began and not over else ""
    return Line(job_words.STEPS.get(entry["name"], entry["name"]), word, tone, time, note=entry.get("note", ""))


def _source(entry: Mapping[str, Any], over: bool, began: datetime | None, now: datetime) -> Line:
    word, tone = job_words.source_state(entry, over)
    time = job_words.took(entry["seconds"])
    if entry["state"] in (State.WAITING, State.ASKING):  # written down when something changes, not every second
        time = duration(now - began) if began and not over else ""
    elif entry["state"] == State.LEFT_ALONE:
        time = ""
    people = entry["people"] if entry["state"] == State.DONE else None
    return Line(job_words.source_title(entry["name"]), word, tone, time, people, entry["note"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
