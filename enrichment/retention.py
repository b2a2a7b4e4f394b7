"""What may not be kept, and its end. docs/adr/0006-retention.md has the reasons; periods.py has the table.

A contact goes `ENRICHMENT_RETENTION_DAYS` after it was first found, unless somebody approved it or linked it to the
CRM: one without proof of an address since the specification says so ("GDPR Compliance"), one with proof since a
person whose data was not had from them must be told within a month (GDPR, article 14(3)), and nobody told them. One
that was approved goes too, when nobody wrote to them or told them in that time. Who is restricted (article 18) stays.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit, counts
from core.models import DailyCount
from crm.models import Contact as CrmContact
from enrichment import periods, progress, purging, requests
from enrichment.kept_kinds import Kind
from enrichment.models import EnrichedContact, PurgeReport, ReviewStatus
from outreach import retention as outreach_retention

BATCH = 500  # contacts in one transaction
GAP = timedelta(days=3)  # since the last run of the hourly task
SOON = timedelta(days=7)  # what falls due in this time is announced

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, or would go: by the names in periods.py; and of how many brands people were, the oldest found when."""

    unverified: int = 0
    not_told: int = 0
    left_crm: int = 0
    never_told: int = 0
    brands: int = 0
    oldest: datetime | None = None
    messages: int = 0
    events: int = 0
    notices: int = 0
    jobs: int = 0
    items: int = 0
    progress: int = 0
    decisions: int = 0
    drafts: int = 0
    merges: int = 0
    answers: int = 0
    checks: int = 0
    lapsed_requests: int = 0
    requests: int = 0
    usage: int = 0
    idempotency_keys: int = 0
    provider_usage: int = 0
    reports: int = 0

    def by_kind(self) -> dict[str, int]:
        """Return the number of each kind, in the order of periods.py."""
        return {kind.name: getattr(self, kind.name) for kind in periods.KINDS}

    @property
    def total(self) -> int:
        return sum(self.by_kind().values())


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What is to come of one kind: how many are due `now` and in the week after it, and when the oldest is."""

    kind: Kind
    now: int
    soon: int
    next_at: datetime | None


def clock_is_trusted() -> bool:
    """Return whether the scheduled purge may go by the clock, and note that it came by today.

    After a gap of GAP it may not, once: the machine was off, or its clock jumped ahead. A clock that is wrong is mostly
    set right within the hour, and what was deleted by it would be lost.
    """
    today = timezone.now().date()
    last = DailyCount.objects.filter(name=counts.PURGE_RUN, day__lte=today).order_by("-day").first()
    counts.add(counts.PURGE_RUN)
    if last is None or today - last.day < GAP:
        return True
    log.warning("the purge waits for its next run: the last one was long ago, or the clock jumped", last=str(last.day))
    return False


def purge(dry_run: bool = False) -> Purged:
    """Do away with what may not be kept any longer and say what went; with `dry_run`, only say what would go.

    May run at any time, twice at once too. A contact that somebody is changing right now is left to the next run. A
    run that did away with something leaves a report.
    """
    now = timezone.now()
    if dry_run:
        return _would_go(now)
    # People last, for they take others' rows along, which are then counted as what they are, as in a dry run.
    others = {kind.name: kind.clean(kind.due(now)) for kind in periods.OTHERS if kind.clean}
    tally = _Tally()
    for batch in _batches(due(now)):
        tally.add(_purge_batch(batch, now))
    before = now - periods.BY_NAME["never_told"].period()
    for batch in _batches(outreach_retention.never_told_since(before)):
        tally.add_crm(purging.delete_never_told(batch, before))
    requests.lapse(now)
    progress.purge()  # whom killed workers had found, and stored or not
    purged = tally.purged(others)
    report(purged)
    log.info("purged", **purged.by_kind())
    return purged


@transaction.atomic
def report(purged: Purged) -> PurgeReport | None:
    """Write down what went and why; None when nothing did."""
    if not purged.total:
        return None
    went = {name: number for name, number in purged.by_kind().items() if number}
    rows = [{"what": name, "number": number, "reason": periods.BY_NAME[name].why} for name, number in went.items()]
    row = PurgeReport.objects.create(rows=rows, total=purged.total)
    audit.record("purge.run", of=row, went=went)
    return row


def upcoming(now: datetime, within: timedelta = SOON) -> list[Upcoming]:
    """Return for each kind what is due now, what else will be within a time, and when the oldest is."""
    found = []
    for kind in periods.KINDS:
        due_now, due_then, next_at = kind.outlook(now, now + within)
        found.append(Upcoming(kind, due_now, due_then - due_now, next_at))
    return found


def due(now: datetime) -> QuerySet[EnrichedContact]:
    """Return the found contacts that may not be kept any longer at the moment `now`.

    Their age counts from `discovered_at`, when they were first found: to find them again obtains nothing new of
    which they were told.
    """
    kept_since = now - periods.BY_NAME["unverified"].period()
    undecided = ~Q(review_status=ReviewStatus.APPROVED)
    left_crm = Q(review_status=ReviewStatus.APPROVED, reviewed_at__lt=kept_since)
    return periods.unlinked().filter(undecided | left_crm, discovered_at__lt=kept_since)


def _would_go(now: datetime) -> Purged:
    tally = _Tally()
    for row in due(now).only("verified_at", "discovered_at", "review_status", "linked_brand").iterator():
        tally.add([row])
    before = now - periods.BY_NAME["never_told"].period()
    tally.add_crm(outreach_retention.never_told_since(before).only("obtained_at", "brand"))
    return tally.purged({kind.name: kind.due(now).count() for kind in periods.OTHERS})


def _batches(rows: QuerySet[EnrichedContact] | QuerySet[CrmContact]) -> Iterator[list[uuid.UUID]]:
    """Yield the rows' ids, so many at a time; each batch is asked for when the one before it is done with."""
    after = uuid.UUID(int=0)
    while batch := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield batch
        after = batch[-1]


@transaction.atomic
def _purge_batch(keys: Sequence[uuid.UUID], now: datetime) -> list[EnrichedContact]:
    """Delete those of the found contacts that are due under their locks too; return those deleted.

    Contacts under others' locks are left out: whoever holds one may be approving it.
    """
    locked = due(now).filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), skip_locked=True)
    contacts = {contact.pk: contact for contact in locked.only(*purging.COLUMNS)}
    if contacts:
        purging.delete_found(contacts, {key: reason(row) for key, row in contacts.items()})
    return list(contacts.values())


def reason(row: EnrichedContact) -> str:
    """Return why a found contact that is due goes: the name of a kind in periods.py."""
    if row.review_status == ReviewStatus.APPROVED:
        return "left_crm"
    return "unverified" if row.verified_at is None else "not_told"


@dataclass(slots=True)
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    brands: set[uuid.UUID] = field(default_factory=set)
    oldest: datetime | None = None

    def add(self, contacts: Iterable[EnrichedContact]) -> None:
        for contact in contacts:
            self._note(reason(contact), contact.linked_brand_id, contact.discovered_at)

    def add_crm(self, contacts: Iterable[CrmContact]) -> None:
        for contact in contacts:
            self._note("never_told", contact.brand_id, contact.obtained_at)

    def purged(self, others: dict[str, int]) -> Purged:
        return Purged(brands=len(self.brands), oldest=self.oldest, **self.counts, **others)

    def _note(self, name: str, brand: uuid.UUID | None, since: datetime | None) -> None:
        self.counts[name] += 1
        if brand is not None:
            self.brands.add(brand)
        if since is not None:
            self.oldest = min(self.oldest or since, since)
