"""How a mailbox's mail fares: what bounced and who complained in seven days; too much of it pauses the mailbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q
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
    return check_many([mailbox], now)[mailbox.pk]


def check_many(mailboxes: Iterable[Mailbox], now: datetime) -> dict[UUID, Health]:
    """Return how the mail of each mailbox fared until `now`, by its id. Two queries, whatever the number."""
    ids = [mailbox.pk for mailbox in mailboxes]
    sent, come_back = _sent(ids, now - WINDOW), _come_back(ids, now - WINDOW)
    return {pk: _health(sent.get(pk, 0), *come_back.get(pk, (0, 0))) for pk in ids}


def _health(sent: int, bounced: int, complained: int) -> Health:
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


def _since(field: str, moment: datetime) -> Q:
    """Return the condition that `field` lies after `moment`, and after its mailbox was resumed."""
    resumed = Q(mailbox__resumed_at=None) | Q(**{f"{field}__gte": F("mailbox__resumed_at")})
    return Q(**{f"{field}__gte": moment}) & resumed


def _sent(ids: Sequence[UUID], since: datetime) -> dict[UUID, int]:
    """Count e-mails that went out, or perhaps did, since then. A step done by hand was never claimed."""
    went_out = _since("sent_at", since) | (Q(sent_at=None) & _since("claimed_at", since))
    messages = Message.objects.filter(went_out, mailbox__in=ids).exclude(step__channel=Channel.LINKEDIN)
    counted = messages.filter(state__in=[Message.State.SENT, Message.State.UNKNOWN]).order_by()
    return dict(counted.values_list("mailbox").annotate(Count("pk")))


def _come_back(ids: Sequence[UUID], since: datetime) -> dict[UUID, tuple[int, int]]:
    """Count bounces and complaints since then: one for each message, and each that belongs to none.

    What a message from before its mailbox was resumed brings late was looked at when it was.
    """
    looked_at = Q(mailbox__resumed_at__isnull=False) & Q(message__claimed_at__lt=F("mailbox__resumed_at"))
    events = Event.objects.filter(_since("happened_at", since), mailbox__in=ids).exclude(looked_at).order_by()
    counts = events.values("mailbox").annotate(
        **{
            f"{kind}_{name}": Count(field, distinct=True, filter=Q(kind=kind, message__isnull=alone))
            for kind in (Event.Kind.HARD, Event.Kind.COMPLAINT)
            for name, field, alone in (("matched", "message", False), ("alone", "id", True))
        }
    )
    return {
        row["mailbox"]: (row["hard_matched"] + row["hard_alone"], row["complaint_matched"] + row["complaint_alone"])
        for row in counts
    }


def _rate(number: int, sent: int) -> float:
    """Return a share of what was sent; all of it when more came back than went out."""
    return min(1.0, number / sent) if sent else float(number > 0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
