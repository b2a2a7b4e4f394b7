"""What became of a claimed message, written down in one transaction each. Nothing here sends anything again."""

import re
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from crm import history
from crm.models import Contact

from . import enrolments, inbound, matching
from .models import Enrolment, Event, Message
from .transport import NotSent, Sent

State = Message.State
_Row = TypeVar("_Row", bound=Model)

RETRY_AFTER = timedelta(minutes=5)  # doubled with each attempt
MOST_ATTEMPTS = 6
PAUSED_BY_FAILURE = "A message could not be sent: look at it, then resume."
TRY_AGAIN = "It did not go out and is tried again: {error}"
UNCERTAIN = (
    "It is not known whether this message went out. Look for it in the mail server's log or the mail service's list, "
    "then say whether it was sent. It is never sent again by itself."
)
NOT_SENT = "A person found that it was not sent."

_ADDRESS = re.compile(r"[^\s<>:;,\"']+@[^\s<>:;,\"']+")


def sent(message_id: UUID, result: Sent, at: datetime, user: User | None = None) -> None:
    """Write down that a message went out at `at`: its enrolment goes on from there. Once only."""
    with transaction.atomic():
        message = _locked(message_id)
        if message.state == State.SENT:
            return
        if message.state == State.UNKNOWN:
            _settle_events(message, at, user)
        message.state, message.sent_at, message.error = State.SENT, at, ""
        message.provider_id = result.provider_id[: Message._meta.get_field("provider_id").max_length]
        message.save(update_fields=["state", "sent_at", "error", "provider_id", "updated_at"])
        contact, enrolment = message.enrolment.contact, message.enrolment
        if contact.relationship_status == Contact.Relationship.NEW:
            contact.relationship_status = Contact.Relationship.CONTACTED
            contact.save(update_fields=["relationship_status", "updated_at"])
        history.record(contact, "sent", f"An e-mail was sent: “{message.subject or ''}”.", actor=user, at=at)
        if enrolment.state in Enrolment.OPEN and not enrolments.finish(enrolment):
            enrolments.replan(enrolment, at, after=message.step.position)


def refused(message_id: UUID, failure: NotSent, now: datetime) -> bool:
    """Write down that a message surely did not go; return whether it is tried again later.

    It goes back to what is planned, for MOST_ATTEMPTS attempts, when it may go later; else it has failed.
    """
    with transaction.atomic():
        message = _locked(message_id)
        if message.state != State.SENDING:
            return False
        error = _without_addresses(str(failure))
        if failure.retry and message.attempts < MOST_ATTEMPTS:
            _back_to_planned(message, error, now)
            return True
        _failed(message, error)
    _tell(message, failure, now)  # not in the same transaction: mailboxes are locked before messages
    enrolments.finish(message.enrolment)
    return False


def uncertain(message_id: UUID, now: datetime, error: str = "", claimed_before: datetime | None = None) -> bool:
    """Write down that a claimed message may have gone, for a person to look; return whether it was still open.

    With `claimed_before`, one that was claimed later is left alone.
    """
    with transaction.atomic():
        message = _locked(message_id)
        if message.state != State.SENDING:
            return False
        if claimed_before and message.claimed_at and message.claimed_at >= claimed_before:
            return False
        message.state, message.error = State.UNKNOWN, _short(_without_addresses(error))
        message.reasons = [UNCERTAIN]
        message.save(update_fields=["state", "error", "reasons", "updated_at"])
        _ask(message, now)
        return True


def settle_unknown(message: Message, was_sent: bool, user: User | None, now: datetime) -> None:
    """Write down what a person found out about a message that was perhaps sent. Raises ValueError for another one."""
    with transaction.atomic():
        row = _locked(message.pk)
        if row.state != State.UNKNOWN:
            raise ValueError("Only a message that was perhaps sent can be settled: this one is settled already.")
        if was_sent:
            sent(row.pk, Sent(row.provider_id), row.claimed_at or now, user)
        else:
            _settle_events(row, now, user)
            _failed(row, NOT_SENT)
            enrolments.finish(row.enrolment)
    message.refresh_from_db()


def _locked(message_id: UUID) -> Message:
    """Return a message with its enrolment and contact, all under lock, in the order in which all lock them."""
    keys = Message.objects.values_list("enrolment_id", "enrolment__contact_id").get(pk=message_id)
    contact = _for_update(Contact.objects.select_related("brand")).get(pk=keys[1])
    enrolment = _for_update(Enrolment.objects.select_related("sequence")).get(pk=keys[0])
    message = _for_update(Message.objects.select_related("mailbox", "step")).get(pk=message_id)
    enrolment.contact, message.enrolment = contact, enrolment
    return message


def _for_update(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    return rows.select_for_update(no_key=True, of=("self",))


def _back_to_planned(message: Message, error: str, now: datetime) -> None:
    """Let a message wait for its next attempt, as if it had not been claimed but for the count."""
    message.state, message.due_at = State.PLANNED, now + RETRY_AFTER * 2 ** (message.attempts - 1)
    message.error, message.reasons = _short(error), [TRY_AGAIN.format(error=_short(error, 200))]
    message.claimed_at = message.message_id = message.email = message.subject = message.body = None
    fields = ["state", "due_at", "error", "reasons", "claimed_at", "message_id", "email", "subject", "body"]
    message.save(update_fields=[*fields, "updated_at"])


def _failed(message: Message, error: str) -> None:
    """Write down that a message did not go and will not; what follows it waits until a person has looked."""
    message.state, message.error = State.FAILED, _short(error)
    message.save(update_fields=["state", "error", "updated_at"])
    enrolments.pause(Q(pk=message.enrolment_id), PAUSED_BY_FAILURE)


def _tell(message: Message, failure: NotSent, now: datetime) -> None:
    """Hand on what a refusal says: of the recipient it is read like a bounce; of the content it is about us."""
    if failure.ours or (failure.at_data and not failure.code):
        return  # about the server, or a message that could not even be written: the paused enrolment says it
    if not failure.at_data or failure.retry:
        inbound.record_smtp_refusal(message, failure.code, failure.text, now)
        return
    news = inbound.News(Event.Kind.BLOCKED, message.email or "", reason="content")
    found = matching.Found(Event.Match.HEADERS, message)
    key = f"smtp:{message.pk}:{message.attempts}"
    inbound.record(news, found, source=Event.Source.SMTP, key=key, happened_at=now, now=now)


def _ask(message: Message, now: datetime) -> None:
    """Ask a person to find out whether a message went out."""
    contact = message.enrolment.contact
    Event.objects.get_or_create(
        key=f"uncertain:{message.pk}",
        defaults={
            "kind": Event.Kind.UNCERTAIN,
            "source": Event.Source.SMTP,
            "message": message,
            "enrolment": message.enrolment,
            "contact": contact,
            "brand_id": contact.brand_id,
            "mailbox": message.mailbox,
            "happened_at": now,
            "reason": "uncertain",
            "email": message.email,
            "subject": message.subject,
            "needs_human": True,
            "advice": UNCERTAIN,
        },
    )


def _settle_events(message: Message, now: datetime, user: User | None) -> None:
    """Take what was asked of a person about a message off their list."""
    asked = Event.objects.filter(message=message, kind=Event.Kind.UNCERTAIN, handled_at=None)
    asked.update(needs_human=False, handled_at=now, handled_by=user)


def _without_addresses(text: str) -> str:
    """Return what a server said without the addresses in it: this column is readable."""
    return _ADDRESS.sub("…", text)


def _short(text: str, most: int = 300) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
