"""Sending what is due, each message at most once: claim it, commit, send it, record it.

Whoever dies between claim and record leaves the message in `sending`; `recover` makes that `unknown` later, for a
person to look at. Nothing that may have gone is ever sent again.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from . import claiming, composing, health, mailboxes, manual_steps, recording
from .claiming import Fate, Looked
from .models import Mailbox, Message
from .transport import NotSent, Transport, Uncertain

log = structlog.get_logger(__name__)

BATCH = 50  # messages chosen at once; each is read anew before it is taken
STUCK_AFTER = timedelta(minutes=15)  # longer than any send: its time-outs together are minutes


@dataclass(frozen=True, slots=True)
class Report:
    """How many messages were sent, held, put off, failed, perhaps sent, and wait in the outbox; tasks opened."""

    sent: int = 0
    held: int = 0
    postponed: int = 0
    failed: int = 0
    unknown: int = 0
    outbox: int = 0
    tasks: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def send_due(limit: int = 200, seconds: float = 120.0) -> Report:
    """Send what is due, at most `limit` messages, and begin none after `seconds`; open the tasks that are due.

    With sending switched off, what would go is written to the outbox, and no server hears of it.
    """
    run = _Run(limit, seconds)
    run.count["unknown"] += recover(timezone.now())
    run.count["tasks"] += manual_steps.open_due(timezone.now())
    default = mailboxes.default()  # made on first use: before the list is read
    boxes: list[Mailbox | None] = list(Mailbox.objects.filter(active=True, paused_at=None))
    sources = {mailbox: claiming.source(mailbox, default) for mailbox in (boxes if default else [*boxes, None])}
    with Transport() as transport:
        for mailbox, which in sources.items():
            if mailbox is None or not health.trip_breaker(mailbox):
                run.mailbox(mailbox, which, transport)
    run.count["outbox"] = 0 if claiming.sending_is_on() else _in_outbox(sources.values())
    report = Report(**run.count)
    if any(asdict(report).values()):
        log.info("outreach sent", **report.as_json())
    return report


def recover(now: datetime) -> int:
    """Make messages `unknown` whose sender vanished; return how many. They are never sent again."""
    before = now - STUCK_AFTER
    stuck = Message.objects.filter(state=Message.State.SENDING, claimed_at__lt=before).order_by("claimed_at")
    keys = list(stuck.values_list("pk", flat=True))
    return sum(recording.uncertain(key, now, claimed_before=before) for key in keys)


def settle_unknown(message: Message, was_sent: bool, user: User | None) -> None:
    """Write down what a person found out about a message that was perhaps sent; it is not sent again either way.

    Sent: its enrolment goes on. Not sent: it has failed, and its enrolment waits for the person. Raises ValueError,
    with a sentence, for a message in another state.
    """
    recording.settle_unknown(message, was_sent, user, timezone.now())


class _Run:
    """One run: how much it may still do, and what it did."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.count: Counter[str] = Counter()
        self._left = limit
        self._deadline = time.monotonic() + seconds

    def mailbox(self, mailbox: Mailbox | None, which: Q, transport: Transport) -> None:
        """Send what is due from one mailbox, until something is in the way that concerns all of it."""
        busy: set[UUID] = set()
        while batch := claiming.candidates(which, timezone.now(), min(self._left, BATCH), busy):
            for candidate in batch:
                if self._left <= 0 or time.monotonic() >= self._deadline:
                    return
                looked = claiming.claim(candidate, which, mailbox, timezone.now())
                if looked is None or not self._go_on(looked, transport):
                    return
                if looked.fate == Fate.BUSY:
                    busy.add(looked.message_id)

    def _go_on(self, looked: Looked, transport: Transport) -> bool:
        """Do what follows from a look at a message; return whether to look at the next."""
        match looked.fate:
            case Fate.CLAIMED:
                self._left -= 1
                return self._send(looked, transport)
            case Fate.OUTBOX:
                self._left -= 1
            case Fate.HELD:
                self.count["held"] += 1
            case Fate.CLOSED:
                self.count["postponed"] += 1
            case Fate.WAITS:
                self.count["postponed"] += 1
                return False
        return True

    def _send(self, looked: Looked, transport: Transport) -> bool:
        assert looked.composed is not None  # noqa: S101  a claimed message has its mail
        key = looked.message_id
        try:
            result = transport.send(composing.as_email(looked.composed))
        except NotSent as failure:
            again = recording.refused(key, failure, timezone.now())
            self.count["postponed" if again else "failed"] += 1
            return not failure.ours
        except Uncertain as doubt:
            recording.uncertain(key, timezone.now(), str(doubt))
            self.count["unknown"] += 1
            return False
        recording.sent(key, result, timezone.now())
        self.count["sent"] += 1
        return True


def _in_outbox(sources: Iterable[Q]) -> int:
    """Return how many due messages wait for nothing but that sending is switched on."""
    now = timezone.now()
    return sum(claiming.due(which, now).filter(body__isnull=False).count() for which in sources)
