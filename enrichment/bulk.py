"""An e-mail enrichment of many addresses or contacts, one batch at a time.

    claim -> the next items -> verify (no transaction) -> results, progress and the job handed on (one transaction)

Who dies in the middle loses a batch: its items still wait, and what mail servers and providers said is kept. When
nothing waits any more, the job is completed.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import F, Max, Min, Q, QuerySet
from django.utils import timezone

from enrichment import attempts, contact_checks, jobs, smtp_notes, verdict_json, verifying
from enrichment.attempts import Progress
from enrichment.discovery.base import Diagnostic
from enrichment.emails import scoring
from enrichment.emails.checks import Result
from enrichment.emails.verification.operators import operator_of
from enrichment.emails.verification.verdict import Verdict
from enrichment.models import EnrichmentJob, ItemState, JobItem, VerificationStatus
from enrichment.verifying import Means

log = structlog.get_logger(__name__)

BATCH = 100  # items in one task
PATIENCE = timedelta(minutes=30)  # so long a server that asks for patience gets it: mostly three times, once at least

OUT_OF_TIME = (
    "A batch took longer than {seconds} seconds and was stopped; what was verified before is kept. Retry the job "
    "without mail servers or providers that are slow, or raise ENRICHMENT_JOB_TIME_LIMIT_SECONDS."
)
UNEXPECTED = (
    "Verification stopped on an unexpected error ({kind}). Retry the job, which goes on where it stopped; if it fails "
    "again, look for {job} in the log."
)
STATUSES = "{verified} verified, {unknown} unknown, {risky} risky."
GONE = "Contacts that do not exist any more: {count}."


def run(job_id: uuid.UUID, progress: Progress = lambda _text: None) -> bool:
    """Verify the job's next batch; False when it was not due or another worker holds it.

    Never raises for what happens inside: the job's row says how it went.
    """
    return attempts.run(job_id, lambda held: _attempt(held, progress), out_of_time=OUT_OF_TIME, unexpected=UNEXPECTED)


def means_of(job: EnrichmentJob) -> Means:
    """Return by which means the job verifies."""
    return Means(**{name: bool(job.options.get(name)) for name in ("smtp", "providers", "fresh")})


def _attempt(held: jobs.Claim, progress: Progress) -> None:
    job = held.job
    progress(f"Verified {job.items_processed} of {job.items_total}")
    items = next_items(job, timezone.now())
    _look_at(held, items)
    with jobs.fenced(held) as row:
        _write(items)
        waiting = row.items.filter(state=ItemState.WAITING)
        row.items_processed = row.items_total - waiting.count()
        row.save(update_fields=["items_processed"])
        log.info("[EMAIL ENRICHMENT] Verified %d of %d", row.items_processed, row.items_total)
        if row.items_processed < row.items_total:
            jobs.hand_on(row, _due(waiting))
            return
    _complete(held)


def _complete(held: jobs.Claim) -> None:
    items = held.job.items
    of_contacts = items.filter(email__isnull=True).exists()
    summary = contacts_summary(held.job) if of_contacts else addresses_summary(held.job)
    gone = items.filter(state=ItemState.FAILED).count()
    notes = [*summary.notes(), *([Diagnostic("gone", GONE.format(count=gone), "emails")] if gone else [])]
    with jobs.fenced(held) as row:
        jobs.complete(row, discovered=row.items_total - gone, enriched=summary.enriched, diagnostics=notes)
    log.info("[ENRICHMENT JOB] Completed: %d of %d usable", summary.enriched, held.job.items_total)


def next_items(job: EnrichmentJob, now: datetime) -> list[JobItem]:
    """Return the items to look at now: those whose patience is over first, then in order."""
    ready = Q(due_at__isnull=True) | Q(due_at__lte=now)
    waiting = job.items.filter(ready, state=ItemState.WAITING).select_related("contact")
    return list(waiting.order_by(F("due_at").asc(nulls_last=True), "position")[:BATCH])


def _due(waiting: "QuerySet[JobItem]") -> datetime | None:
    """Return when the first of the items may be looked at; None: at once."""
    if waiting.filter(due_at__isnull=True).exists():
        return None
    first: datetime | None = waiting.aggregate(first=Min("due_at"))["first"]
    return first if first and first > timezone.now() else None


# A batch ----------------------------------------------------------------------------------------


def _look_at(held: jobs.Claim, items: Sequence[JobItem]) -> None:
    """Verify the items and set what came of each; writes contacts' addresses, but no item."""
    means, seconds = means_of(held.job), settings.JOB_TIME_LIMIT_SECONDS / 3

    def tick() -> None:
        jobs.heartbeat(held)

    written = [item for item in items if item.email is not None]
    for item, verdict in zip(
        written, verifying.verify([item.email for item in written], means, seconds=seconds, tick=tick), strict=True
    ):
        _judge(item, verdict, timezone.now())
    rest = [item for item in items if item.email is None]
    keys = [item.contact_id for item in rest if item.contact_id is not None]
    found = contact_checks.verify(keys, means, held.job.created_by, seconds=seconds, tick=tick)
    for item in rest:
        item.state = ItemState.DONE if item.contact_id in found else ItemState.FAILED


def _judge(item: JobItem, verdict: Verdict, now: datetime) -> None:
    """Set what is known of an address, and when to ask the server again if it asked for patience.

    A first verdict that waits keeps its `checkedAt` through later ones: since then the server has had its patience.
    """
    again, before = asks_for_patience(verdict), item.result
    item.result = verdict_json.as_json(verdict, now)
    if again is not None and (before is None or now - datetime.fromisoformat(before["checkedAt"]) < PATIENCE):
        item.due_at = max(again, now)
        item.result["checkedAt"] = (before or item.result)["checkedAt"]
    else:
        item.state, item.due_at = ItemState.DONE, None


def asks_for_patience(verdict: Verdict) -> datetime | None:
    """Return when the mail server may be asked again, if that could still tell something."""
    if verdict.smtp is None or (verdict.api and verdict.api.result in (Result.DELIVERABLE, Result.UNDELIVERABLE)):
        return None
    return verdict.smtp.retry_at


def _write(items: Sequence[JobItem]) -> None:
    """Write down what came of the items, but for those deleted meanwhile, whose person asked for it."""
    keys = [item.pk for item in items]
    there = set(JobItem.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))
    JobItem.objects.bulk_create(
        [item for item in items if item.email is not None and item.pk in there],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["state", "result", "due_at"],
    )
    for state in (ItemState.DONE, ItemState.FAILED):
        keys = [item.pk for item in items if item.email is None and item.state == state]
        JobItem.objects.filter(pk__in=keys).update(state=state)


# The end ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Summary:
    """What a job found: how many have a usable address, how many have each status, and what could not be told."""

    enriched: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    temporary: int = 0
    paused: Counter[str] = field(default_factory=Counter)  # by operator

    def add(self, score: int) -> None:
        self.enriched += score >= scoring.UNKNOWN
        self.statuses[scoring.status(score)] += 1

    def notes(self) -> Iterator[Diagnostic]:
        """Yield what the user should know."""
        counts = {status: self.statuses[status] for status in VerificationStatus.values}
        yield Diagnostic("statuses", STATUSES.format(**counts), "emails")
        if self.temporary:
            yield smtp_notes.note("temporary", self.temporary)
        if self.paused:
            yield smtp_notes.note("paused", self.paused.total(), self.paused)


def addresses_summary(job: EnrichmentJob) -> Summary:
    """Return what the verdicts on the job's addresses say."""
    summary = Summary()
    done = job.items.filter(state=ItemState.DONE).values_list("result", flat=True)
    for result in done.iterator(chunk_size=1000):
        summary.add(result["verificationScore"])
        if result["smtp"]["reason"] == "paused":
            summary.paused[operator_of(result["mx"]["hosts"])] += 1
        elif result["retryAt"]:
            summary.temporary += 1
    return summary


def contacts_summary(job: EnrichmentJob) -> Summary:
    """Return what the best addresses of the job's contacts say; of those without one nothing."""
    summary = Summary()
    best = job.contacts.order_by().annotate(best=Max("emails__verification_score"), again=Max("emails__next_check_at"))
    for score, again in best.values_list("best", "again"):
        if score is not None:
            summary.add(score)
        summary.temporary += again is not None
    return summary
