"""When a sequence's messages are due: business days, counted from one message to the next."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta


def due_dates(start: datetime, delays: Sequence[int], hour: int = 9) -> list[datetime]:
    """Return the moment at which each message is due, in UTC at `hour`, Monday to Friday, all after `start`.

    `start` is aware; a delay is the number of business days (0 or more) after the message before, the first
    after `start`. Public holidays count as business days.
    """
    day, due = start.astimezone(UTC).date(), []
    for delay in delays:
        day = _business_day(day, delay)
        if _at(day, hour) <= start:  # no delay, and the hour has passed or it is the weekend
            day = _business_day(day, 1)
        due.append(_at(day, hour))
    return due


def _business_day(day: date, count: int) -> date:
    """Return the business day `count` after `day`; a weekend counts as the Friday before it."""
    monday = day - timedelta(days=day.weekday())
    weeks, weekday = divmod(min(day.weekday(), 4) + count, 5)
    return monday + timedelta(weeks=weeks, days=weekday)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)
