"""Which message goes next, and taking it so that nobody else can: from then on it may have gone out.

A claim is one short transaction without network. It holds the mailbox's row, so that two workers count the same day,
and reads anew all that may have changed since the message was planned: a reply, an opt-out, a pause.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from core import audit
from crm.regions import Action

from . import composing, experiments, gate, hours, notices, planning, region_counts, schedule
from .composing import Composed
from .models import Channel, Enrolment, Mailbox, Message

State = Message.State
_Row = TypeVar("_Row", bound=Model)

SENDING_IS_OFF = (
    "Sending is switched off: the message stays in the outbox. Set OUTREACH_SEND_ENABLED=true, and EMAIL_URL or "
    "ANYMAIL_ESP."
)


class Fate(StrEnum):
    """What became of the message that was looked at."""

    CLAIMED = "claimed"
    OUTBOX = "outbox"  # it would have gone, were sending switched on
    HELD = "held"
    CLOSED = "closed"  # moved to when the recipient's hours are open
    WAITS = "waits"  # something about the sender is in the way, which passes by itself
    BUSY = "busy"  # somebody else works on it, or it changed a moment ago


@dataclass(frozen=True, slots=True)
class Looked:
    """The message that was looked at, and what became of it. `composed` is the mail to send, of a claimed one."""

    message_id: UUID
    fate: Fate
    composed: Composed | None = None


def sending_is_on() -> bool:
    """Return whether messages go out at all: it is switched on, and there is a way for them to go."""
    return bool(is_switched_on() and (settings.EMAIL_URL or settings.ANYMAIL_ESP))


def is_switched_on() -> bool:
    """Return whether somebody wants messages to go out."""
    return bool(settings.OUTREACH_SEND_ENABLED)


def source(mailbox: Mailbox | None, default: Mailbox | None) -> Q:
    """Return which messages go out from a mailbox, as mailboxes.for_enrolment has it; None: those that have none.

    `default` is mailboxes.default().
    """
    unchosen = Q(enrolment__mailbox=None, enrolment__sequence__mailbox=None)
    if mailbox is None:
        return unchosen
    chosen = Q(enrolment__mailbox=mailbox) | Q(enrolment__mailbox=None, enrolment__sequence__mailbox=mailbox)
    return chosen | unchosen if mailbox == default else chosen


def due(which: Q, now: datetime) -> QuerySet[Message]:
    """Return the e-mails that are due, of those that `which` (source) names."""
    return planning.due_messages(now, [Channel.EMAIL]).filter(which)


def candidates(which: Q, now: datetime, number: int, passed_over: set[UUID]) -> list[Message]:
    """Return the next due messages: follow-ups before first messages, then whoever has waited longest.

    `passed_over` are messages not to be looked at again.
    """
    rows = due(which, now).exclude(pk__in=passed_over)
    if not sending_is_on():
        rows = rows.filter(body__isnull=True)  # the others are in the outbox
    begun = Message.objects.filter(enrolment=OuterRef("enrolment"), state=State.SENT)
    rows = rows.annotate(follows_up=Exists(begun)).order_by("-follows_up", "due_at", "pk")
    return list(rows.only("pk", "enrolment_id")[:number])


def claim(candidate: Message, which: Q, mailbox: Mailbox | None, now: datetime) -> Looked | None:
    """Look at a message, and take it when it may go from `mailbox`. None: that is paused or off, and nothing goes."""
    with transaction.atomic():
        if mailbox is not None:
            mailbox = Mailbox.objects.select_for_update(no_key=True, of=("self",)).filter(pk=mailbox.pk).first()
            if mailbox is None or not mailbox.active or mailbox.paused_at is not None:
                return None
        message = _locked(candidate, which, now)
        if message is None:
            return Looked(candidate.pk, Fate.BUSY)
        message.mailbox = mailbox
        return _decide(message, mailbox, now)


def _locked(candidate: Message, which: Q, now: datetime) -> Message | None:
    """Return the message, read anew with its enrolment under lock; None when it may not go now."""
    enrolments = Enrolment.objects.select_related("contact__brand", "sequence", "version", "address", "enrolled_by")
    enrolment = _unless_locked(enrolments.filter(pk=candidate.enrolment_id)).first()
    messages = Message.objects.select_related("step__template", "template", "experiment__variant")
    message = _unless_locked(messages.filter(pk=candidate.pk)).first()
    if enrolment is None or message is None or not due(which, now).filter(pk=candidate.pk).exists():
        return None
    message.enrolment = enrolment
    return message


def _unless_locked(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Lock rows; one that somebody else has locked is left out. SQLite has one writer at a time and locks no rows."""
    return rows.select_for_update(no_key=True, of=("self",), skip_locked=True)


def _one_at_a_time(message: Message) -> None:
    """Let nobody else claim a message to the same address until we are done: two contacts, from two mailboxes, may
    share one, and each claim must see the other's. SQLite has one writer at a time.
    """
    address = message.enrolment.address
    if address is not None and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [address.email_index])


def _decide(message: Message, mailbox: Mailbox | None, now: datetime) -> Looked:
    if not schedule.is_open(now, hours.hours_for(message.enrolment)):
        planning.move_to_opening(message, now)
        return Looked(message.pk, Fate.CLOSED)
    _one_at_a_time(message)
    facts = gate.facts_for(message, now=now)
    decision = gate.judge(facts)
    region_counts.add(region_counts.receive(message, facts, decision, now))
    message.reasons = list(decision.reasons)
    if decision.action != Action.ALLOW:
        if decision.temporary:
            return _kept(message, Fate.WAITS, "reasons", "receipt")
        return _held(message)
    experiments.assign(message)
    composed = composing.compose(message, mailbox)
    if composed.problem:
        return _held(message, composed.problem)
    return _claimed(message, composed, now) if sending_is_on() else _outbox(message, composed)


def _claimed(message: Message, composed: Composed, now: datetime) -> Looked:
    message.state = State.SENDING
    message.claimed_at = now
    message.attempts += 1
    message.message_id = composed.message_id
    message.email = composed.to
    message.error = ""
    if composed.notice:
        notices.claimed(message, composed.notice, now)
    claim_fields = ("state", "claimed_at", "attempts", "message_id", "email", "error", "mailbox", "experiment", "arm")
    _write(message, composed, *claim_fields)
    return Looked(message.pk, Fate.CLAIMED, composed)


def _outbox(message: Message, composed: Composed) -> Looked:
    message.reasons = [SENDING_IS_OFF, *message.reasons]
    _write(message, composed)
    return Looked(message.pk, Fate.OUTBOX)


def _write(message: Message, composed: Composed, *fields: str) -> None:
    message.subject, message.body = composed.subject, composed.text
    message.save(update_fields=["subject", "body", "reasons", "receipt", "updated_at", *fields])


def _held(message: Message, *problems: str) -> Looked:
    message.state = State.HELD
    message.reasons = [*problems, *message.reasons]
    about = audit.person(message.enrolment.contact)
    audit.record(
        "message.held", of=message, subject=about, step=message.step.position, verdict=message.receipt["action"]
    )
    return _kept(message, Fate.HELD, "state", "reasons", "receipt")


def _kept(message: Message, fate: Fate, *fields: str) -> Looked:
    message.save(update_fields=[*fields, "updated_at"])
    return Looked(message.pk, fate)
