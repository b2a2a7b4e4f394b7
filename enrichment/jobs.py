"""The life of a job: who may hold it, for how long, and what follows when an attempt fails.

The row is the truth. A worker takes a job by a compare-and-set UPDATE, holds it by `claim_token` for a
lease that its heartbeat renews, and repeats the token in every later write: a worker that lost its lease
writes nothing. A message on the queue is only a wake-up call; `sweep` wakes what was missed or orphaned.

An e-mail enrichment is done in parts: after each its worker hands the job on, and whoever is free takes the next.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core import audit
from core.models import ApiToken
from core.refusals import InputError, Refusal
from crm import brands, region_inference
from enrichment import limits
from enrichment.discovery.base import Diagnostic
from enrichment.intake import DiscoveryRequest, refuse_restricted
from enrichment.models import EnrichedContact, EnrichmentJob, JobContact, JobItem, JobStatus, JobType

log = structlog.get_logger(__name__)

PENDING, PROCESSING, RETRYING = JobStatus.PENDING, JobStatus.PROCESSING, JobStatus.RETRYING
COMPLETED, FAILED, CANCELLED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED

MAX_ITEMS = 10_000  # addresses or contacts of one e-mail enrichment

# What may follow what. PROCESSING follows itself when a lease ran out and another worker takes over; PENDING follows
# it when a part of the work is done.
TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    PENDING: frozenset({PROCESSING, CANCELLED}),
    PROCESSING: frozenset({PROCESSING, PENDING, COMPLETED, RETRYING, FAILED, CANCELLED}),
    RETRYING: frozenset({PROCESSING, CANCELLED}),
    FAILED: frozenset({RETRYING}),
    COMPLETED: frozenset(),
    CANCELLED: frozenset(),
}
ENDED = frozenset({COMPLETED, FAILED, CANCELLED})

ONLY_WARNED = "complianceMode can be switched off by an admin only: leave it out, or ask one."
LOST_WORKER = (
    "The worker running this job was lost {count} times in a row. Look at the worker's log (memory, time limit), "
    "then retry the job."
)


class NotInState(Refusal, ValueError):
    """A job's state does not allow what was asked."""


class AdminsOnly(Refusal):
    """Only an admin may do this."""

    status = 403


class ClaimLost(Exception):
    """Another worker holds the job now, or it was cancelled: nothing may be written any more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a job."""

    job: EnrichmentJob
    token: uuid.UUID


def create(
    request: DiscoveryRequest, user: User | None = None, *, token: ApiToken | None = None, enqueue: bool = True
) -> EnrichmentJob:
    """Write down a discovery job with its CRM brand, and wake a worker once that is committed.

    With a user, within that user's limits, and those of the personal token that it is asked for with. Raises
    LimitReached, RegionRestricted for the brand's region too, AdminsOnly for a discovery whose countries' rules are to
    be warnings only, and RedisError when the limits cannot be counted; nothing is written then.
    """
    now = timezone.now()
    if not request.compliance_mode and not may_only_warn(user):
        raise AdminsOnly("admins_only", ONLY_WARNED)
    if user is not None:
        limits.gate(user, token)
    with transaction.atomic():
        if user is not None:
            limits.hold_discovery(user, token)
        brand = brands.find_or_create(
            request.brand_name,
            domain=request.domain,
            website=request.website,
            linkedin_company_url=request.linkedin_company_url,
            region=request.region,
        )
        region = request.region or brand.region_code or None
        refuse_restricted(region)
        if not request.region and region_inference.may_replace(brand.region_basis, brand.region_code):
            region = None  # it was inferred, and will be anew
        job = EnrichmentJob.objects.create(
            job_type=JobType.BRAND_CONTACT_DISCOVERY,
            brand=brand,
            brand_name=request.brand_name,
            brand_website=request.website or brand.website or None,
            linkedin_company_url=request.linkedin_company_url or brand.linkedin_company_url or None,
            region_code=region,
            compliance_mode=request.compliance_mode,
            options={**_with_token(token), **({"region": "given"} if request.region else {})},
            created_by=user,
            created_at=now,
            woken_at=now,
        )
        said: dict[str, Any] = {"brand": brand.pk, "region": region, "compliance_mode": job.compliance_mode}
        audit.record("job.created", of=job, actor=user, type=job.job_type, **said)
        if enqueue:
            transaction.on_commit(lambda: wake(job.pk))
        if user is not None:
            limits.record_discovery(user, brand, token)
    return job


def may_only_warn(user: User | None) -> bool:
    """Return whether a user may start a discovery whose countries' rules are warnings only: an admin."""
    return user is not None and user.is_active and user.is_superuser


def _with_token(token: ApiToken | None) -> dict[str, str]:
    """Return what a job remembers of the token that it was asked for with: what it uses counts for that one too."""
    return {"token": str(token.pk)} if token is not None else {}


def token_of(job: EnrichmentJob) -> ApiToken | None:
    """Return the personal token that the job was asked for with; None without one, and where it is deleted."""
    key = job.options.get("token")
    return ApiToken.objects.filter(pk=key).first() if key else None


def create_email_enrichment(
    user: User | None = None,
    *,
    addresses: Sequence[str] = (),
    contact_ids: Sequence[uuid.UUID] = (),
    smtp: bool,
    providers: bool,
    fresh: bool = False,
    token: ApiToken | None = None,
    enqueue: bool = True,
) -> EnrichmentJob:
    """Write down a job that verifies addresses, or those of contacts, in the order given; wake a worker after that.

    `smtp` and `providers` say who may be asked, `fresh` that kept answers do not count. A contact named twice is one.
    With a user, each item takes one of the user's addresses in 24 hours, and one of the token's. Raises LimitReached,
    and InputError when there is nothing to do, more than MAX_ITEMS, both kinds, or a contact that does not exist;
    nothing is written then.
    """
    now, contact_ids = timezone.now(), list(dict.fromkeys(contact_ids))
    number = _checked_number(addresses, contact_ids)
    with transaction.atomic():
        if user is not None:
            limits.hold_job(user, token)
            limits.spend_addresses(user, number, token)
        job = EnrichmentJob.objects.create(
            job_type=JobType.EMAIL_ENRICHMENT,
            items_total=number,
            options={"smtp": smtp, "providers": providers, "fresh": fresh, **_with_token(token)},
            created_by=user,
            created_at=now,
            woken_at=now,
        )
        items = [JobItem(job=job, email=text) for text in addresses]
        items += [JobItem(job=job, contact_id=key) for key in contact_ids]
        for position, item in enumerate(items):
            item.position = position
        JobItem.objects.bulk_create(items, batch_size=1000)
        JobContact.objects.bulk_create([JobContact(job=job, contact_id=key) for key in contact_ids], batch_size=1000)
        what: dict[str, Any] = {"contacts" if contact_ids else "addresses": number}
        audit.record("job.created", of=job, actor=user, type=job.job_type, smtp=smtp, providers=providers, **what)
        if enqueue:
            transaction.on_commit(lambda: wake(job.pk))
    return job


def _checked_number(addresses: Sequence[str], contact_ids: Sequence[uuid.UUID]) -> int:
    number = len(addresses) + len(contact_ids)
    if not number:
        raise InputError("nothing_to_verify", "Give addresses, or ids of contacts.")
    if addresses and contact_ids:
        raise InputError("addresses_or_contacts", "Give addresses or ids of contacts, not both.")
    if number > MAX_ITEMS:
        raise InputError("too_many_items", f"One job takes {MAX_ITEMS} at most, and these are {number}: split them.")
    if missing := len(contact_ids) - EnrichedContact.objects.filter(pk__in=contact_ids).count():
        raise InputError("unknown_contact", f"Contacts that do not exist: {missing} of {number}.")
    return number


def wake(job_id: uuid.UUID, countdown: float = 0) -> bool:
    """Tell the workers that a job is due; False when the broker does not answer. No error: the sweep comes by."""
    try:
        current_app.send_task("enrichment.tasks.run_job", [str(job_id)], countdown=countdown or None)
    except (BrokerError, RedisError, OSError) as error:
        log.warning("job not announced; the sweep will wake it", job=str(job_id), error=type(error).__name__)
        return False
    return True


def type_of(job_id: uuid.UUID) -> JobType | None:
    """Return the job's type, None when there is no such job (any more)."""
    kind = EnrichmentJob.objects.filter(pk=job_id).values_list("job_type", flat=True).first()
    return None if kind is None else JobType(kind)


def claim(job_id: uuid.UUID) -> Claim | None:
    """Take the job for this worker; None when it is not due, held by another, or ended.

    A job whose lease ran out is taken over, which counts as a failed attempt of the worker that vanished.
    """
    now, token = timezone.now(), uuid.uuid4()
    held = {
        "status": PROCESSING,
        "claim_token": token,
        "lease_expires_at": now + lease(),
        "next_attempt_at": None,
        "started_at": Coalesce(F("started_at"), now),
        "updated_at": now,
    }
    rows = EnrichmentJob.objects.filter(pk=job_id)
    orphaned = Q(status=PROCESSING, lease_expires_at__lte=now, retry_count__lt=F("max_retries") - 1)
    taken = rows.filter(_due(now)).update(**held) or rows.filter(orphaned).update(
        **held, retry_count=F("retry_count") + 1
    )
    return Claim(rows.get(), token) if taken else None


def _due(now: datetime) -> Q:
    """Return what is waiting for a worker at this moment."""
    return Q(status=PENDING, next_attempt_at__isnull=True) | Q(status__in=(PENDING, RETRYING), next_attempt_at__lte=now)


def lease() -> timedelta:
    """How long a worker may be silent before its job is taken over (`ENRICHMENT_JOB_LEASE_SECONDS`)."""
    return timedelta(seconds=settings.ENRICHMENT_JOB_LEASE_SECONDS)


def heartbeat(held: Claim) -> None:
    """Renew the lease. Raises ClaimLost when the job is no longer this worker's."""
    now = timezone.now()
    if not _mine(held).update(lease_expires_at=now + lease(), updated_at=now):
        raise ClaimLost(str(held.job.pk))


@contextmanager
def fenced(held: Claim) -> Iterator[EnrichmentJob]:
    """One transaction for a worker's writes: the job's row locked, and surely still this worker's.

    Raises ClaimLost otherwise; whatever the block wrote is rolled back with any exception.
    """
    with transaction.atomic():
        job = (
            EnrichmentJob.objects.select_for_update(of=("self",))
            .filter(pk=held.job.pk, claim_token=held.token, status=PROCESSING)
            .first()
        )
        if job is None:
            raise ClaimLost(str(held.job.pk))
        yield job


def hand_on(job: EnrichmentJob, at: datetime | None = None) -> None:
    """Give a job of which a part is done back to the queue, to go on at once or not before `at`. Call in `fenced`.

    It is no failed attempt; those before this part are forgotten, for what follows is other work.
    """
    _move(job, PENDING)
    job.retry_count, job.error_message = 0, None
    # What has to wait is woken by the sweep: a worker would hold the message all the while, and a broker delivers
    # one that it holds for long a second time.
    job.next_attempt_at, job.woken_at = at, None if at else timezone.now()
    job.save()
    if at is None:
        transaction.on_commit(lambda: wake(job.pk))


def complete(
    job: EnrichmentJob,
    *,
    discovered: int,
    enriched: int,
    diagnostics: Iterable[Diagnostic],
    volume_limited: bool = False,
) -> None:
    """End a job that did its work, whether or not it found anybody. Call within `fenced`."""
    _move(job, COMPLETED)
    job.contacts_discovered = discovered
    job.contacts_enriched = enriched
    job.diagnostics = [asdict(diagnostic) for diagnostic in diagnostics]
    job.volume_limited = volume_limited
    job.error_message = None
    job.save()


def fail(held: Claim, sentence: str) -> None:
    """Record a failed attempt: try again after the delay of the specification, or end as failed.

    `sentence` tells the user what happened and what to do.
    """
    with fenced(held) as job:
        job.retry_count += 1
        job.error_message = sentence
        if job.retry_count >= job.max_retries:
            _move(job, FAILED)
            delay = None
        else:
            delay = retry_delay(job.retry_count)
            now = timezone.now()
            _move(job, RETRYING)
            job.next_attempt_at = job.woken_at = now + delay
        job.save()
        if delay is not None:
            transaction.on_commit(lambda: wake(job.pk, countdown=delay.total_seconds()))
    log.warning("[ENRICHMENT JOB] Attempt failed", job=str(job.pk), attempt=job.retry_count, status=str(job.status))


def retry(job_id: uuid.UUID, user: User | None = None) -> EnrichmentJob:
    """Start a new round of attempts for a failed job, and wake a worker once that is committed.

    With a user, the job needs a free place among its owner's parallel jobs. The last error stays until the round
    ends. Raises EnrichmentJob.DoesNotExist, NotInState, RegionRestricted and LimitReached.
    """
    with transaction.atomic():
        job = EnrichmentJob.objects.select_for_update(of=("self",)).get(pk=job_id)
        if job.status != FAILED:
            raise NotInState("job_not_failed", f"The job is {job.status}. Only a failed job can be retried.")
        refuse_restricted(job.region_code)
        if user is not None and job.created_by is not None:
            limits.hold_job(job.created_by)
        _move(job, RETRYING)
        job.retry_count, job.completed_at = 0, None
        job.next_attempt_at = job.woken_at = timezone.now()
        job.save()
        audit.record("job.retried", of=job, actor=user)
        transaction.on_commit(lambda: wake(job_id))
    return job


@transaction.atomic
def cancel(job_id: uuid.UUID) -> EnrichmentJob:
    """Cancel a job that has not ended; a worker that runs it writes nothing any more.

    Raises EnrichmentJob.DoesNotExist, and NotInState for a job that ended before.
    """
    now = timezone.now()
    rows = EnrichmentJob.objects.filter(pk=job_id)
    cancelled = rows.filter(status__in=[status for status, next_ in TRANSITIONS.items() if CANCELLED in next_]).update(
        status=CANCELLED,
        claim_token=None,
        lease_expires_at=None,
        next_attempt_at=None,
        completed_at=now,
        updated_at=now,
    )
    job = rows.get()
    if not cancelled:
        raise NotInState("job_ended", f"The job is {job.status}. Only a job that has not ended can be cancelled.")
    audit.record("job.cancelled", of=job)
    return job


def retry_delay(failed_attempts: int) -> timedelta:
    """How long to wait after this many failed attempts: 5 s, then 15 s (spec, "Retry Logic")."""
    delays = settings.ENRICHMENT_RETRY_DELAYS
    return timedelta(seconds=delays[min(failed_attempts, len(delays)) - 1])


@dataclass(frozen=True, slots=True)
class Swept:
    """How many jobs a sweep woke, and how many it could not announce since the broker does not answer."""

    woken: int = 0
    unannounced: int = 0


def sweep(*, patience: timedelta | None = None) -> Swept:
    """Wake every job that should be running and is not.

    Such are pending jobs whose message was lost, jobs and retries whose time has come, and jobs whose worker
    vanished. One woken less than `patience` ago (default: the lease) is left to the workers' queue.
    A job that lost its worker on its last attempt ends as failed.
    """
    now = timezone.now()
    _set_right_after_clock_jump(now)
    orphaned = Q(status=PROCESSING, lease_expires_at__lte=now)
    for job in EnrichmentJob.objects.filter(orphaned, retry_count__gte=F("max_retries") - 1):
        _fail_orphan(job, now)
    due = _due(now) | orphaned
    quiet = Q(woken_at__isnull=True) | Q(woken_at__lte=now - (lease() if patience is None else patience))
    woken = unannounced = 0
    for job_id in list(EnrichmentJob.objects.filter(due, quiet).values_list("pk", flat=True)):
        if not EnrichmentJob.objects.filter(due, quiet, pk=job_id).update(woken_at=now):
            continue  # another sweep, or a worker, was quicker
        if wake(job_id):
            woken += 1
        else:
            unannounced += 1
            EnrichmentJob.objects.filter(pk=job_id, woken_at=now).update(woken_at=None)
    return Swept(woken, unannounced)


def _set_right_after_clock_jump(now: datetime) -> None:
    """Shorten what was written by a clock that was ahead, or a job whose worker vanished would wait until then.

    A worker that is well renews its lease long before it ends.
    """
    EnrichmentJob.objects.filter(status=PROCESSING, lease_expires_at__gt=now + 2 * lease()).update(
        lease_expires_at=now + lease()
    )
    late = now + max(timedelta(minutes=1), 2 * timedelta(seconds=max(settings.ENRICHMENT_RETRY_DELAYS)))
    EnrichmentJob.objects.filter(status=RETRYING, next_attempt_at__gt=late).update(next_attempt_at=now)
    EnrichmentJob.objects.filter(status__in=(PENDING, RETRYING), woken_at__gt=late).update(woken_at=None)


def _fail_orphan(job: EnrichmentJob, now: datetime) -> None:
    EnrichmentJob.objects.filter(
        pk=job.pk, status=PROCESSING, claim_token=job.claim_token, lease_expires_at__lte=now
    ).update(
        status=FAILED,
        claim_token=None,
        lease_expires_at=None,
        retry_count=F("retry_count") + 1,
        error_message=LOST_WORKER.format(count=job.retry_count + 1),
        completed_at=now,
        updated_at=now,
    )


def _mine(held: Claim) -> "QuerySet[EnrichmentJob]":
    return EnrichmentJob.objects.filter(pk=held.job.pk, claim_token=held.token, status=PROCESSING)


def _move(job: EnrichmentJob, status: JobStatus) -> None:
    """Move the job on, out of any worker's hands; the caller saves."""
    if status not in TRANSITIONS[JobStatus(job.status)]:
        raise ValueError(f"A {job.status} job cannot become {status}.")
    job.status, job.claim_token, job.lease_expires_at, job.next_attempt_at = status, None, None, None
    if status in ENDED:
        job.completed_at = timezone.now()
