"""How a mailbox's mail fares: what bounced and who complained in seven days; too much of it pauses the mailbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from . import mailboxes
from .models import Channel, Event, Mailbox, Message

WINDOW = timedelta(days=7)
MIN_BOUNCES = 3  # fewer say nothing
MAX_BOUNCE_RATE = 0.03
MAX_COMPLAINT_RATE = 0.001
REMEDY = "Look into it under Bounces and replies, and resume the sender when it is put right."


@dataclass(frozen=True, slots=True)
class Health:
    """Counts and rates (0 to 1) of the last WINDOW since the mailbox was resumed; `problems` are sentences."""

    sent: int
    bounced: int
    complained: int
    bounce_rate: float
    complaint_rate: float
    problems: tuple[str, ...]


def check(mailbox: Mailbox, now: datetime) -> Health:
    """Return how the mail of a mailbox fared until `now`. Two queries."""
    resumed_at = mailbox.resumed_at
    since = max(now - WINDOW, resumed_at) if resumed_at else now - WINDOW
    sent = _sent(mailbox, since)
    bounced, complained = _come_back(mailbox, since, resumed_at)
    bounce_rate, complaint_rate = _rate(bounced, sent), _rate(complained, sent)
    problems = []
    on = f"on {_count(sent, 'message')} in seven days"
    if bounced >= MIN_BOUNCES and bounce_rate > MAX_BOUNCE_RATE:
        problems.append(f"{_count(bounced, 'bounce')} {on} ({bounce_rate:.1%}; 3% is the most).")
    if complained and complaint_rate > MAX_COMPLAINT_RATE:
        problems.append(f"{_count(complained, 'complaint')} {on} ({complaint_rate:.1%}; 0.1% is the most).")
    return Health(sent, bounced, complained, bounce_rate, complaint_rate, tuple(problems))


def trip_breaker(mailbox: Mailbox) -> bool:
    """Pause a mailbox of which too much bounced or was complained about; return whether this call paused it.

    Call it after each bounce and complaint. It locks the mailbox's row, before any message's.
    """
    with transaction.atomic():
        row = Mailbox.objects.select_for_update(no_key=True, of=("self",)).get(pk=mailbox.pk)
        if row.paused_at is not None:
            return False
        problems = check(row, timezone.now()).problems
        if not problems:
            return False
        mailboxes.pause(mailbox, " ".join([*problems, REMEDY]))
    return True


def _sent(mailbox: Mailbox, since: datetime) -> int:
    """Count e-mails that went out, or perhaps did, since then. A step done by hand was never claimed."""
    went_out = Q(sent_at__gte=since) | Q(sent_at=None, claimed_at__gte=since)
    messages = Message.objects.filter(went_out, mailbox=mailbox).exclude(step__channel=Channel.LINKEDIN)
    return messages.filter(state__in=[Message.State.SENT, Message.State.UNKNOWN]).count()


def _come_back(mailbox: Mailbox, since: datetime, resumed_at: datetime | None) -> tuple[int, int]:
    """Count bounces and complaints since then: one for each message, and each that belongs to none.

    What a message from before the mailbox was resumed brings late was looked at when it was.
    """
    events = Event.objects.filter(mailbox=mailbox, happened_at__gte=since)
    if resumed_at:
        events = events.filter(Q(message=None) | Q(message__claimed_at=None) | Q(message__claimed_at__gte=resumed_at))
    counts = events.aggregate(
        **{
            f"{kind}_{name}": Count(field, distinct=True, filter=Q(kind=kind, message__isnull=alone))
            for kind in (Event.Kind.HARD, Event.Kind.COMPLAINT)
            for name, field, alone in (("matched", "message", False), ("alone", "id", True))
        }
    )
    return (counts["hard_matched"] + counts["hard_alone"], counts["complaint_matched"] + counts["complaint_alone"])


def _rate(number: int, sent: int) -> float:
    """Return a share of what was sent; all of it when more came back than went out."""
    return min(1.0, number / sent) if sent else float(number > 0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
