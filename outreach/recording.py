"""What became of a claimed message, written down in one transaction each. Nothing here sends anything again."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from . import enrolments, inbound, matching, notices
from .going_out import locked, record, sent, settle_events
from .models import Enrolment, Event, Message
from .transport import NotSent, Sent

__all__ = ["refused", "sent", "settle_unknown", "uncertain"]

State = Message.State

RETRY_AFTER = timedelta(minutes=5)  # doubled with each attempt
MOST_ATTEMPTS = 6
OURS_AGAIN_AFTER = timedelta(minutes=15)  # as long as an outage takes
PAUSED_BY_FAILURE = "A message could not be sent: look at it, then resume."
TRY_AGAIN = "It did not go out and is tried again: {error}"
OURS = (
    "Our own mail server or service did not take it, and it is tried again until it does: {error} Look into it when "
    "this lasts: EMAIL_URL, or ANYMAIL_ESP with ANYMAIL_SETTINGS."
)
UNCERTAIN = (
    "It is not known whether this message went out. Look for it in the mail server's log or the mail service's list, "
    "then say whether it was sent. It is never sent again by itself."
)
NOT_SENT = "A person found that it was not sent."

_ADDRESS = re.compile(r"[^\s<>:;,\"']+@[^\s<>:;,\"']+")


def refused(message_id: UUID, failure: NotSent, now: datetime) -> bool:
    """Write down that a message surely did not go; return whether it is tried again later.

    It goes back to what is planned when it may go later: for MOST_ATTEMPTS attempts, of which a failure of our own
    side is none, so that an outage loses nothing however long it takes. Else it has failed.
    """
    with transaction.atomic():
        message = locked(message_id)
        if message.state != State.SENDING:
            return False
        error = without_addresses(str(failure))
        notices.not_sent(message)
        if failure.retry and (failure.ours or message.attempts < MOST_ATTEMPTS):
            return _back_to_planned(message, error, now, ours=failure.ours)
        _failed(message, error)
    _tell(message, failure, now)  # not in the same transaction: mailboxes are locked before messages
    enrolments.finish(message.enrolment)
    return False


def uncertain(message_id: UUID, now: datetime, error: str = "", claimed_before: datetime | None = None) -> bool:
    """Write down that a claimed message may have gone, for a person to look; return whether it was still open.

    With `claimed_before`, one that was claimed later is left alone.
    """
    with transaction.atomic():
        message = locked(message_id)
        if message.state != State.SENDING:
            return False
        if claimed_before and message.claimed_at and message.claimed_at >= claimed_before:
            return False
        message.state, message.error = State.UNKNOWN, _short(without_addresses(error))
        message.reasons = [UNCERTAIN]
        message.save(update_fields=["state", "error", "reasons", "updated_at"])
        notices.perhaps_sent(message)
        record("message.unknown", message)
        _ask(message, now)
        return True


def settle_unknown(message: Message, was_sent: bool, user: User | None, now: datetime) -> None:
    """Write down what a person found out about a message that was perhaps sent. Raises ValueError for another one."""
    with transaction.atomic():
        row = locked(message.pk)
        if row.state != State.UNKNOWN:
            raise ValueError("Only a message that was perhaps sent can be settled: this one is settled already.")
        record("message.settled", row, user, was_sent=was_sent)
        if was_sent:
            sent(row.pk, Sent(row.provider_id), row.claimed_at or now, user)
        else:
            settle_events(row, now, user)
            notices.not_sent(row)
            _failed(row, NOT_SENT)
            enrolments.finish(row.enrolment)
    message.refresh_from_db()


def _back_to_planned(message: Message, error: str, now: datetime, *, ours: bool) -> bool:
    """Let a message wait for its next attempt, as if it had not been claimed but for the count; return whether it does.

    One whose enrolment was stopped while it was under way is cancelled, as what waited was.
    """
    goes_on = message.enrolment.state in Enrolment.OPEN
    message.state = State.PLANNED if goes_on else State.CANCELLED
    message.due_at = now + (OURS_AGAIN_AFTER if ours else RETRY_AFTER * 2 ** (message.attempts - 1))
    message.attempts -= int(ours)
    message.error, message.reasons = _short(error), [(OURS if ours else TRY_AGAIN).format(error=_sentence(error))]
    message.claimed_at = message.message_id = message.email = message.subject = message.body = None
    fields = ["state", "due_at", "attempts", "error", "reasons", "claimed_at", "message_id", "email", "subject", "body"]
    message.save(update_fields=[*fields, "updated_at"])
    return goes_on


def _failed(message: Message, error: str) -> None:
    """Write down that a message did not go and will not; what follows it waits until a person has looked."""
    message.state, message.error = State.FAILED, _short(error)
    message.save(update_fields=["state", "error", "updated_at"])
    record("message.failed", message)
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


def without_addresses(text: str) -> str:
    """Return what a server said without the addresses in it: this column is readable."""
    return _ADDRESS.sub("…", text)


def _sentence(error: str) -> str:
    return _short(error.rstrip("."), 200) + "."


def _short(text: str, most: int = 300) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
