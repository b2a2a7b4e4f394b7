"""When the messages of an enrolment are due, and what moves them: a late send, an absence, a pause.

Only what waits is moved, and never to before now: a backlog is not sent in a burst. One enrolment keeps its time of
day (schedule.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from .hours import hours_for
from .models import Channel, Enrolment, Message, Template
from .schedule import Hours, due_dates, next_due, opening

State = Message.State
BY_MAIL = (Channel.EMAIL, Channel.MANUAL_EMAIL)
BY_HAND = (Channel.LINKEDIN, Channel.MANUAL_EMAIL)
ALL = Q()
UNSETTLED = (*Message.WAITING, State.SENDING, State.UNKNOWN)
UNREAD = ("email", "subject", "body")  # of a message: no need to decrypt them for a date
NONE_CHOSEN: Mapping[int, UUID] = MappingProxyType({})


def new_messages(enrolment: Enrolment, now: datetime, templates: Mapping[int, UUID] = NONE_CHOSEN) -> list[Message]:
    """Return a message for each step of an enrolment's version, with its date; not saved, not judged yet.

    `templates` are those chosen instead of the steps' own, by the steps' positions.
    """
    steps = list(enrolment.version.steps.select_related("template").order_by("position"))
    dates = due_dates(now, [step.delay_days for step in steps], hours_for(enrolment), key=str(enrolment.pk))
    chosen = Template.objects.in_bulk(templates.values()) if templates else {}
    messages = []
    for step, due_at in zip(steps, dates, strict=True):
        template = chosen.get(templates.get(step.position))
        own = template is None or template.pk == step.template_id
        messages.append(Message(enrolment=enrolment, step=step, due_at=due_at, template=None if own else template))
    return messages


def due_messages(now: datetime, channels: Collection[str] = Channel.values) -> QuerySet[Message]:
    """Return the planned messages of these channels that are due and whose turn it is, in the order of their dates.

    A message waits for those before it in its enrolment: until none of them is planned, being sent or perhaps sent, and
    an e-mail until no e-mail before it is held, since it may refer to that. Neither the enrolment nor its sequence is
    paused.
    """
    return (
        Message.objects.filter(
            ~Exists(earlier_in_the_way()),
            state=State.PLANNED,
            due_at__lte=now,
            step__channel__in=channels,
            enrolment__state=Enrolment.State.ACTIVE,
            enrolment__sequence__paused=False,
        )
        .exclude(Exists(earlier_held_email()), step__channel__in=BY_MAIL)
        .order_by("due_at", "id")
    )


def earlier_in_the_way() -> QuerySet[Message]:
    """Return, as a subquery, the steps before a message that have to be over first."""
    return earlier().filter(state__in=[State.PLANNED, State.SENDING, State.UNKNOWN])


def earlier_held_email() -> QuerySet[Message]:
    """Return, as a subquery, the e-mails before a message that are held."""
    return earlier().filter(state=State.HELD, step__channel__in=BY_MAIL)


def earlier() -> QuerySet[Message]:
    """Return, as a subquery, the steps before a message."""
    return Message.objects.filter(
        enrolment=OuterRef("enrolment"), step__position__lt=OuterRef("step__position")
    ).order_by()


@transaction.atomic
def replan(enrolment: Enrolment, sent_at: datetime, *, after: int | None = None) -> int:
    """Plan what follows a message by business days from the moment it was really sent or done; return how many moved.

    `sent_at` is aware; `after` is the position of that message's step, without it the one that went out last.
    """
    if after is None:
        after = _position_of_the_last(enrolment)
    rows = list(_open_messages([enrolment.pk]).filter(step__position__gt=after))
    delays = [message.step.delay_days for message in rows]
    dates = due_dates(sent_at, delays, hours_for(enrolment), str(enrolment.pk), earliest=timezone.now())
    moved = [message for message, due in zip(rows, dates, strict=True) if message.due_at != due]
    for message, due in zip(rows, dates, strict=True):
        message.due_at = due
    return save_dates(moved)


def _position_of_the_last(enrolment: Enrolment) -> int:
    gone = enrolment.messages.filter(state__in=Message.PERHAPS_SENT).order_by(
        Coalesce("sent_at", "claimed_at", "due_at").desc(), "-step__position"
    )
    return gone.values_list("step__position", flat=True).first() or 0


@transaction.atomic
def postpone(enrolment: Enrolment, until: date) -> int:
    """Let nothing go out before the day `until`, by the recipient's clock; return how many messages moved.

    What follows moves along, by its delays. Nothing is moved to an earlier date.
    """
    hours = hours_for(enrolment)
    back = next_due(datetime.combine(until, time(), tzinfo=hours.zone), 0, hours, str(enrolment.pk))
    rows = list(_open_messages([enrolment.pk]))
    return save_dates(push(rows, back, back, hours, str(enrolment.pk)))


@transaction.atomic
def catch_up(enrolment_ids: Iterable[UUID], now: datetime) -> int:
    """Give what is overdue in these enrolments a date from now on, and what follows too; return how many moved."""
    groups: dict[UUID, list[Message]] = defaultdict(list)
    rows = _open_messages(list(enrolment_ids)).select_related(
        "step", "enrolment__contact__brand", "enrolment__sequence"
    )
    for message in rows.defer(*UNREAD, "enrolment__contact__linkedin_url", "enrolment__contact__evidence"):
        groups[message.enrolment_id].append(message)
    return save_dates([moved for messages in groups.values() for moved in caught_up(messages, now)])


def caught_up(messages: Sequence[Message], now: datetime) -> list[Message]:
    """Return those of an enrolment's waiting messages, in their order, that got new dates because one is overdue."""
    if not any(message.due_at < now for message in messages):
        return []
    enrolment = messages[0].enrolment
    hours, key = hours_for(enrolment), str(enrolment.pk)
    return push(messages, now, next_due(now, 0, hours, key), hours, key)


def move_to_opening(message: Message, now: datetime) -> int:
    """Let a message go as soon as it may: on its date, or if that is past when the hours are open; and what follows."""
    enrolment = message.enrolment
    hours, key = hours_for(enrolment), str(enrolment.pk)
    rows = [message, *_open_messages([enrolment.pk]).filter(step__position__gt=message.step.position)]
    return save_dates(push(rows, now, opening(now, hours, key), hours, key))


def push(messages: Iterable[Message], before: datetime, to: datetime, hours: Hours, key: str) -> list[Message]:
    """Move the first message that is due by a moment, and those behind it where it comes too close to them.

    `messages` are waiting ones in their order. Returns those that moved, not saved.
    """
    moved: list[Message] = []
    last = to
    for message in messages:
        due = message.due_at
        if moved:
            due = max(due, next_due(last, message.step.delay_days, hours, key))
        elif due <= before:
            due = to
        if due != message.due_at:
            message.due_at = due
            moved.append(message)
        last = due
    return moved


def save_dates(messages: Sequence[Message]) -> int:
    """Save the dates of messages; return how many."""
    now = timezone.now()
    for message in messages:
        message.updated_at = now
    return Message.objects.bulk_update(messages, ["due_at", "updated_at"], batch_size=200) if messages else 0


def finish(enrolment: Enrolment) -> bool:
    """Finish an enrolment when none of its messages waits, is being sent or perhaps sent; return whether it was."""
    return bool(finish_where(Q(pk=enrolment.pk)))


def finish_where(which: Q = ALL) -> int:
    """Finish every open enrolment of `which` that has nothing left to do, as `finish` does; return how many."""
    unsettled = Message.objects.filter(enrolment=OuterRef("pk"), state__in=UNSETTLED)
    open_ones = Enrolment.objects.filter(which, ~Exists(unsettled), state__in=Enrolment.OPEN)
    ids = list(open_ones.values_list("pk", flat=True))  # `which` may join tables, which an UPDATE cannot
    return Enrolment.objects.filter(~Exists(unsettled), pk__in=ids, state__in=Enrolment.OPEN).update(
        state=Enrolment.State.FINISHED, updated_at=timezone.now()
    )


def _open_messages(enrolment_ids: Collection[UUID]) -> QuerySet[Message]:
    """Return the waiting messages of enrolments that no person is busy with, in the order of their steps."""
    rows = Message.objects.filter(enrolment_id__in=enrolment_ids, state__in=Message.WAITING, task__isnull=True)
    return rows.select_related("step").defer(*UNREAD).order_by("enrolment_id", "step__position")
