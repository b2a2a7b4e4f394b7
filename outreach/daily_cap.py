"""Which of a mailbox's messages go today, when more are due than it may send in a day?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from .schedule import Hours, next_due


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is due today at `due_at`. `key` names it, and decides its time of day as in schedule.next_due.

    `waiting_since` is any moment that stays the same while it waits, such as that of enrolment.
    """

    key: str
    due_at: datetime
    waiting_since: datetime
    follow_up: bool
    hours: Hours


def under_cap(due: Iterable[Due], cap: int, now: datetime) -> tuple[list[Due], list[Due]]:
    """Return what a mailbox sends today, by time, and what moves to the recipient's next business day.

    `due` are all messages due on one day of one mailbox, `cap` (0 or more) is how many it may still send on it, `now`
    a moment of that day. A conversation begun comes before a new one, so follow-ups go first; then whoever has waited
    longest. What moves has its new `due_at`.
    """
    ranked = sorted(due, key=lambda one: (not one.follow_up, one.waiting_since, one.due_at, one.key))
    today = sorted(ranked[:cap], key=lambda one: (one.due_at, one.key))
    # What was due before today is moved from today on.
    later = [replace(one, due_at=next_due(max(one.due_at, now), 1, one.hours, one.key)) for one in ranked[cap:]]
    return today, later
