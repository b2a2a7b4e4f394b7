"""What goes out on which day, and what stands in its way: the coming weeks as a person looks at them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, DateTimeField, Exists, F, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce, Greatest, RowNumber, TruncDate
from django.utils import timezone

from . import mailboxes, planning, readiness
from .hours import hours_for
from .models import Enrolment, Mailbox, Message

MOST_PER_DAY = 200

HELD_BEFORE = "It waits for an e-mail before it, which is held."
UNKNOWN_BEFORE = "It waits for a step before it that was perhaps sent: look whether it was."
SEQUENCE_PAUSED = "The sequence is paused."

State = Message.State


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in the calendar. `at` is by the viewer's clock, `local` the same moment by the recipient's.

    `blocks` are sentences that say what keeps it from going; `overdue`: it waits, and its date is past.
    """

    message_id: UUID
    enrolment_id: UUID
    contact_id: UUID
    contact: str
    brand_id: UUID
    company: str
    sequence: str
    step: int
    channel: str
    state: str
    at: datetime
    local: datetime
    blocks: tuple[str, ...]
    overdue: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day by the viewer's clock: its first messages by time, and how many `more` there are."""

    date: date
    entries: tuple[Entry, ...]
    more: int


def weeks(start: date, days: int = 28, filters: Q = planning.ALL, zone: ZoneInfo | None = None) -> list[Day]:
    """Return the days from `start` on with the messages that go, or went, on each; cancelled ones are left out.

    `filters` chooses among messages; `zone` is the viewer's, without it the one that is active (django.utils.timezone).
    What waits from before `start` stands on the first day. Three queries, whatever the number.
    """
    viewer = zone or ZoneInfo(timezone.get_current_timezone_name())
    begins = datetime.combine(start, time(), tzinfo=viewer)
    ends = datetime.combine(start + timedelta(days=days), time(), tzinfo=viewer)
    rows = _between(begins, ends, viewer).filter(filters)
    counts = dict(rows.order_by().values_list("day").annotate(Count("pk")))
    first = Window(RowNumber(), partition_by=F("day"), order_by=[F("moment").asc(), F("pk").asc()])
    default = mailboxes.default()
    now = timezone.now()
    entries: dict[date, list[Entry]] = defaultdict(list)
    for row in _with_names(rows.annotate(place=first).filter(place__lte=MOST_PER_DAY)):
        entries[row.day].append(_entry(row, viewer, default, now))
    dates = [start + timedelta(days=number) for number in range(days)]
    return [Day(day, tuple(entries[day]), counts.get(day, 0) - len(entries[day])) for day in dates]


def _between(begins: datetime, ends: datetime, viewer: ZoneInfo) -> QuerySet[Any]:
    """Return the messages of some days, each with its moment and the day on which it stands."""
    since = Greatest("moment", Value(begins.astimezone(UTC), output_field=DateTimeField()))
    return (
        Message.objects.exclude(state=State.CANCELLED)
        .annotate(moment=Coalesce("sent_at", "due_at"))
        .filter(Q(moment__gte=begins) | Q(state__in=Message.WAITING), moment__lt=ends)
        .annotate(day=TruncDate(since, tzinfo=viewer))
    )


def _with_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    related = "enrolment__contact__brand", "enrolment__sequence__mailbox", "enrolment__mailbox", "mailbox", "step"
    unread = "enrolment__contact__linkedin_url", "enrolment__contact__evidence", "enrolment__contact__brand__facts"
    held, unknown = planning.earlier_held_email(), planning.earlier().filter(state=State.UNKNOWN)
    rows = rows.annotate(after_held=Exists(held), after_unknown=Exists(unknown))
    return rows.select_related(*related).defer(*planning.UNREAD, *unread).order_by("moment", "pk")


def _entry(row: Any, viewer: ZoneInfo, default: Mailbox | None, now: datetime) -> Entry:
    enrolment, contact = row.enrolment, row.enrolment.contact
    moment = row.sent_at or row.due_at
    return Entry(
        message_id=row.pk,
        enrolment_id=enrolment.pk,
        contact_id=contact.pk,
        contact=str(contact),
        brand_id=contact.brand_id,
        company=contact.brand.name,
        sequence=enrolment.sequence.name,
        step=row.step.position,
        channel=row.step.channel,
        state=row.state,
        at=moment.astimezone(viewer),
        local=moment.astimezone(hours_for(enrolment).zone),
        blocks=tuple(_blocks(row, default)),
        overdue=row.state in Message.WAITING and row.due_at < now,
    )


def _blocks(row: Any, default: Mailbox | None) -> list[str]:
    if row.state in (State.UNKNOWN, State.FAILED):
        return list(filter(None, [*row.reasons, row.error]))
    if row.state not in Message.WAITING:
        return []
    enrolment = row.enrolment
    found = list(row.reasons) if row.state == State.HELD else []
    if enrolment.state == Enrolment.State.PAUSED:
        found.append(f"The enrolment is paused. {enrolment.pause_reason}".strip())
    if enrolment.sequence.paused:
        found.append(SEQUENCE_PAUSED)
    if row.after_unknown:
        found.append(UNKNOWN_BEFORE)
    if row.step.channel not in planning.BY_MAIL:
        return found
    if row.after_held:
        found.append(HELD_BEFORE)
    mailbox = row.mailbox or mailboxes.chosen(enrolment) or default
    found += readiness.lacking(mailbox) if mailbox else [readiness.NO_SENDER]
    return found if settings.OUTREACH_PUBLIC_URL else [*found, readiness.NO_PUBLIC_URL]
