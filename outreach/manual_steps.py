"""Steps that a person does: messages on LinkedIn, and e-mails that somebody sends themselves.

When one is due a task opens, with the text ready to be copied. It is done, skipped or answered, or it expires; in each
case the enrolment goes on from there, or stops. A task of an enrolment that stops is closed with it (enrolments.py).
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from core import audit
from crm import contacts, history
from crm.models import AddressOutcome, Brand, Contact

from . import enrolments, gate, inbound_replies, judging, mailboxes, notices, planning, region_counts
from .composing import compose
from .going_out import lock_contact, locked, record
from .hours import hours_for
from .inbound_bounces import record_outcome
from .models import Channel, Enrolment, Event, Message, Task
from .task_dates import expiry

State = Task.State
_Row = TypeVar("_Row", bound=Model)

CLOSED = "This task is closed already: {state}."
MOST_AT_ONCE = 500

_DONE = {
    Channel.LINKEDIN: "A message was sent on LinkedIn by hand.",
    Channel.MANUAL_EMAIL: "An e-mail was sent by hand.",
}


def open_due(now: datetime) -> int:
    """Open a task for each step that is due for a person to do, where the gate allows it; return how many.

    One that it does not allow is held; one that only its sender keeps back is tried again later. Two schedulers at
    once open one task for a step.
    """
    due = planning.due_messages(now, planning.BY_HAND).filter(task__isnull=True)
    keys = list(due.values_list("enrolment_id", "pk")[:MOST_AT_ONCE])
    return sum(_open(enrolment_id, message_id, now) for enrolment_id, message_id in keys)


@transaction.atomic
def _open(enrolment_id: UUID, message_id: UUID, now: datetime) -> bool:
    free = Enrolment.objects.select_for_update(no_key=True, of=("self",), skip_locked=True).filter(pk=enrolment_id)
    if not free.values_list("pk", flat=True):
        return False  # somebody else is at it
    due = planning.due_messages(now, planning.BY_HAND).filter(pk=message_id, task__isnull=True)
    if not due.exists():
        return False
    message = judging.with_all(Q(pk=message_id)).get()
    if gate.judge(gate.facts_for(message, now=now)).temporary:
        return False
    region_counts.add(judging.judge([message], now))
    fields = ["state", "reasons", "receipt", "updated_at"]
    if message.state == Message.State.PLANNED:
        composed = compose(message, mailboxes.for_enrolment(message.enrolment))
        if composed.problem:
            message.state, message.reasons = Message.State.HELD, [composed.problem]
        else:
            message.subject, message.body = composed.subject, composed.text
            fields += ["subject", "body"]
    message.save(update_fields=fields)
    if message.state != Message.State.PLANNED:
        return False
    contact = message.enrolment.contact
    Task.objects.create(
        message=message,
        owner_id=contact.owner_id or message.enrolment.enrolled_by_id,
        expires_at=expiry(now, hours_for(message.enrolment)),
    )
    return True


def done(task: Task, user: User | None, told: str = "") -> None:
    """Say that a person did the step, just now: what follows counts from here. Raises ValueError for a closed task.

    `told` is what they say of having told the contact what we know of them (notices.tell_by_hand); empty: they did not.
    """
    now = timezone.now()
    with transaction.atomic():
        message = _close(task, State.DONE, user, now)
        _sent(message, user, now)
        if told:
            notices.tell_by_hand(message.enrolment.contact, told, user, message)
        planning.replan(message.enrolment, now, after=message.step.position)
        planning.finish(message.enrolment)


def skip(task: Task, user: User | None) -> None:
    """Leave the step out; what follows counts from now. Raises ValueError for a closed task."""
    now = timezone.now()
    with transaction.atomic():
        _leave_out(_close(task, State.SKIPPED, user, now), now)


def replied(task: Task, user: User | None) -> None:
    """Say that the person answered: the enrolment stops, and colleagues of theirs are paused until somebody looked.

    The step counts as done. Raises ValueError for a closed task.
    """
    now = timezone.now()
    with transaction.atomic():
        # Two answers from one company would otherwise wait for each other's enrolments.
        brand = _for_update(Brand.objects.only("pk")).get(contacts__enrolments__messages__task=task)
        lock_contact(Enrolment.objects.get(messages__task=task))
        enrolments.hold(Q(contact__brand=brand))
        message = _close(task, State.REPLIED, user, now)
        enrolment, contact = message.enrolment, message.enrolment.contact
        _sent(message, user, now)
        record_outcome(message, AddressOutcome.Kind.REPLIED, now)
        event = Event(
            kind=Event.Kind.REPLY,
            source=Event.Source.HAND,
            key=f"task:{task.pk}",
            message=message,
            enrolment=enrolment,
            contact=contact,
            brand_id=contact.brand_id,
            mailbox=message.mailbox,
            happened_at=now,
            reason="person",
        )
        inbound_replies.end(event, contact, opts_out=False, user=user)
        event.save()


def expire_due(now: datetime) -> int:
    """Close the tasks that nobody did in time; what follows counts from now. Returns how many.

    Those of paused enrolments and sequences wait: they get new dates when it goes on.
    """
    overdue = Task.objects.filter(
        state=State.OPEN,
        expires_at__lte=now,
        message__enrolment__state=Enrolment.State.ACTIVE,
        message__enrolment__sequence__paused=False,
    )
    count = 0
    for task in overdue.order_by("expires_at", "pk"):
        try:
            with transaction.atomic():
                _leave_out(_close(task, State.EXPIRED, None, now), now)
        except ValueError:  # somebody closed it a moment ago
            continue
        count += 1
    return count


def _close(task: Task, state: str, user: User | None, now: datetime) -> Message:
    """Close an open task and return its message; contact, enrolment and message are locked. Raises ValueError."""
    message = locked(task.message_id)
    task.refresh_from_db()
    if task.state != State.OPEN:
        raise ValueError(CLOSED.format(state=task.get_state_display().lower()))
    task.state, task.closed_at, task.closed_by = state, now, user
    task.save(update_fields=["state", "closed_at", "closed_by"])
    about = audit.person(message.enrolment.contact)
    audit.record(f"task.{state}", of=task, subject=about, actor=user, message=message.pk, step=message.step.position)
    return message


def _for_update(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    return rows.select_for_update(no_key=True, of=("self",))


def _sent(message: Message, user: User | None, now: datetime) -> None:
    """Write down that a person sent a message."""
    enrolment, contact = message.enrolment, message.enrolment.contact
    message.state, message.sent_at = Message.State.SENT, now
    if message.step.channel == Channel.MANUAL_EMAIL:  # replies are found by it, and the sender's day counts it
        message.email = enrolment.address.email if enrolment.address else None
        message.mailbox, message.claimed_at = mailboxes.for_enrolment(enrolment), now
    message.save(update_fields=["state", "sent_at", "email", "mailbox", "claimed_at", "updated_at"])
    if contact.relationship_status == Contact.Relationship.NEW:
        contacts.set_relationship(contact, Contact.Relationship.CONTACTED, user)
    history.record(contact, "sent", _DONE[Channel(message.step.channel)], user, now)
    record("message.sent", message, user, channel=message.step.channel)


def _leave_out(message: Message, now: datetime) -> None:
    message.state = Message.State.CANCELLED
    message.save(update_fields=["state", "updated_at"])
    planning.replan(message.enrolment, now, after=message.step.position)
    planning.finish(message.enrolment)
