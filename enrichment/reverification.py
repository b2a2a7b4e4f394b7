"""Verifying again: addresses whose mail server asked for patience, and addresses in use that have grown old.

May run at any time, several at once too: a run takes contacts by moving the next check of their addresses ahead,
which is also when another run may have them should this one die.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.models import AddressOutcome
from enrichment import contact_checks, outcomes
from enrichment.models import ContactEmail, EnrichedContact, ReviewStatus
from enrichment.verifying import Means

log = structlog.get_logger(__name__)

BATCH = 20  # contacts verified together
TAKEN = timedelta(hours=1)  # far longer than a task may take
AT_WORK = timedelta(minutes=5)  # longer than one batch takes
SHORTEST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)

IN_USE = Q(enriched_contact__review_status=ReviewStatus.APPROVED) | Q(enriched_contact__linked_contact__isnull=False)

Due = Callable[[datetime], QuerySet[ContactEmail]]


def verify_due(limit: int = 200) -> int:
    """Verify contacts, `limit` at most, with an address whose next check has come; return how many.

    It has come, too, where an outcome of a message was recorded since somebody last looked at the address.
    """
    _hear_of_outcomes()
    return _run(due, limit)


def reverify(limit: int = 200) -> int:
    """Verify contacts, `limit` at most, with an address that nobody looked at for long; return how many."""
    return _run(old, limit)


def due(now: datetime) -> QuerySet[ContactEmail]:
    """Return the addresses whose next check has come, of contacts that were not rejected."""
    return _wanted().filter(next_check_at__lte=now)


def old(now: datetime) -> QuerySet[ContactEmail]:
    """Return the addresses that nobody looked at for ENRICHMENT_REVERIFY_DAYS, of contacts that were not rejected."""
    since = now - timedelta(days=settings.ENRICHMENT_REVERIFY_DAYS)
    looked_at = _wanted().alias(looked_at=Coalesce("last_checked_at", "created_at")).filter(looked_at__lt=since)
    return looked_at.filter(Q(next_check_at__isnull=True) | Q(next_check_at__lte=now))


def _hear_of_outcomes() -> None:
    """Let the next check come of addresses of which an outcome was recorded since they were last looked at."""
    now = timezone.now()
    # Others' hands are off those that a run took a moment ago: it will ask for outcomes itself.
    taken = Q(next_check_at__range=(now + TAKEN - AT_WORK, now + TAKEN))
    told = outcomes.told_lately(now).filter(pk__in=_wanted().values("pk")).exclude(next_check_at__lte=now)
    keys = list(told.exclude(taken).values_list("pk", flat=True))
    ContactEmail.objects.filter(pk__in=keys).update(next_check_at=now)


def _wanted() -> QuerySet[ContactEmail]:
    return ContactEmail.objects.exclude(enriched_contact__review_status=ReviewStatus.REJECTED).order_by()


def _run(which: Due, limit: int) -> int:
    """Verify in batches, those in use first, and stop well before the task's time is up."""
    began, done, seconds = time.monotonic(), 0, settings.JOB_TIME_LIMIT_SECONDS
    means = Means(smtp=settings.ENRICHMENT_SMTP_PROBE)
    while done < limit and time.monotonic() - began < seconds / 2:
        taken = take(which, min(BATCH, limit - done))
        if not taken.contacts:
            break
        contact_checks.verify(taken.contacts, means, seconds=seconds / 4)
        _settle(taken)
        done += len(taken.contacts)
    if done:
        log.info("[EMAIL ENRICHMENT] Verified contacts again", contacts=done)
    return done


@dataclass(frozen=True, slots=True)
class Taken:
    """Addresses to look at, as they were, and until when no other run has them."""

    rows: Sequence[ContactEmail]
    until: datetime

    @property
    def contacts(self) -> list[uuid.UUID]:
        return list(dict.fromkeys(row.enriched_contact_id for row in self.rows))


def take(which: Due, number: int) -> Taken:
    """Take so many contacts, and return their addresses to look at; none when none is left, or free."""
    now = timezone.now()
    by_contact = (
        which(now)
        .values_list("enriched_contact")
        .annotate(
            rank=Min(Case(When(IN_USE, Value(0)), default=Value(1))),
            since=Min(Coalesce("next_check_at", "last_checked_at", "created_at")),
        )
    )
    keys = [key for key, *_ in by_contact.order_by("rank", "since", "enriched_contact")[:number]]
    with transaction.atomic():
        free = EnrichedContact.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=keys)
        locked = list(free.order_by("pk").values_list("pk", flat=True))
        # Asked anew under the locks: another run may have taken them in between.
        columns = ["enriched_contact", "next_check_at", "last_checked_at", "created_at"]
        rows = list(which(now).filter(enriched_contact__in=locked).only(*columns))
        ContactEmail.objects.filter(pk__in=[row.pk for row in rows]).update(next_check_at=now + TAKEN)
    rows.sort(key=lambda row: keys.index(row.enriched_contact_id))
    return Taken(rows, now + TAKEN)


def _settle(taken: Taken) -> None:
    """See to it that no address comes up again at once.

    One of which nothing new was learnt was looked at all the same. A server that asks for patience again gets twice
    as much as before, until that is more than LONGEST_WAIT: then the address waits until it is old.
    """
    now, before = timezone.now(), {row.pk: row for row in taken.rows}
    untouched = ContactEmail.objects.filter(pk__in=before, next_check_at=taken.until)
    untouched.update(next_check_at=None, last_checked_at=now)
    for row in ContactEmail.objects.filter(pk__in=before, next_check_at__isnull=False).only("next_check_at"):
        was = before[row.pk]
        if was.next_check_at is not None:
            wait = 2 * max(was.next_check_at - (was.last_checked_at or was.created_at), SHORTEST_WAIT)
            at = None if wait > LONGEST_WAIT else max(row.next_check_at, now + wait)
            ContactEmail.objects.filter(pk=row.pk).update(next_check_at=at)
    # What was recorded while the batch was at work came too late for it.
    late = AddressOutcome.objects.filter(email_index=OuterRef("email_index"), created_at__gt=taken.until - TAKEN)
    told = list(ContactEmail.objects.filter(Exists(late), pk__in=before).values_list("pk", flat=True))
    ContactEmail.objects.filter(pk__in=told).update(next_check_at=now)
