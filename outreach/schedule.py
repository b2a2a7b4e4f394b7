"""When a sequence's messages are due: business days from one message to the next, at hours when people work.

Days and hours are the recipient's: the clock of their zone, the working week and the holidays of their country. Plain
functions of their arguments; hours.py makes `Hours` from a contact's region and the settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from .workdays import is_workday, workday

ONE_SECOND = timedelta(seconds=1)
# In so many weeks every day of the week that a country works on has come up as a workday, holidays or not.
WEEKS_TO_LOOK_AT = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody may be written to: on workdays of `country`, from `opens` until just before `closes` in `zone`.

    `country` is an ISO 3166-1 alpha-2 code in capitals; any other text has Monday to Friday and no holidays. `opens`
    comes before `closes`. `weekdays` are the days of the week on which we want to write (Monday is 0); empty: all.
    Where the country works on none of them, they are ignored.
    """

    country: str
    zone: ZoneInfo
    opens: time = time(9)
    closes: time = time(17)
    weekdays: frozenset[int] = frozenset()


def due_dates(
    start: datetime, delays: Sequence[int], hours: Hours, key: str, *, earliest: datetime | None = None
) -> list[datetime]:
    """Return the moment at which each message is due, in UTC, in order, all after `start`; see `next_due`.

    A delay is counted from the message before, the first from `start`. Where `start` lies so far back that the first
    would be due before `earliest` (aware), it is due when the hours are open next after that.
    """
    due: list[datetime] = []
    for delay in delays:
        moment = next_due(due[-1] if due else start, delay, hours, key)
        if earliest is not None and moment < earliest:
            moment = next_due(earliest, 0, hours, key)
        due.append(moment)
    return due


def next_due(last: datetime, delay: int, hours: Hours, key: str) -> datetime:
    """Return when a message is due, in UTC, that follows `delay` business days (0 or more) after the moment `last`.

    `last` is aware: the moment at which the message before was really sent, or that of enrolment. It is always before
    what is returned. `key` decides the time of day: one key has the same local time on each day, and many keys are
    spread evenly. With no delay it is later on the same day, or on the next business day if the hours are over. The
    delay counts every workday of the country; when it ends on a weekday that is not allowed, the next allowed one is.
    """
    day = workday(last.astimezone(hours.zone).date(), delay, hours.country)
    while not _is_wanted(day, hours) or (moment := _moment(day, last, hours, key)) is None:
        day = workday(day, 1, hours.country)
    return moment


def opening(moment: datetime, hours: Hours, key: str) -> datetime:
    """Return `moment` itself (aware) while the hours are open, else when a message of `key` is due after it."""
    return moment if is_open(moment, hours) else next_due(moment, 0, hours, key)


def is_open(moment: datetime, hours: Hours) -> bool:
    """Return whether somebody may be written to at this moment (aware)."""
    local = moment.astimezone(hours.zone)
    return (
        hours.opens <= local.time() < hours.closes
        and is_workday(local.date(), hours.country)
        and _is_wanted(local.date(), hours)
    )


def _is_wanted(day: date, hours: Hours) -> bool:
    """Return whether we want to write on this day of the week, or the country never works when we do."""
    if not hours.weekdays or day.weekday() in hours.weekdays:
        return True
    coming = (day + timedelta(days=number) for number in range(7 * WEEKS_TO_LOOK_AT))
    return not any(other.weekday() in hours.weekdays and is_workday(other, hours.country) for other in coming)


def _moment(day: date, last: datetime, hours: Hours, key: str) -> datetime | None:
    """Return the moment of a key on a day, after `last`; None when the hours are over by then.

    A local time that the change to summer time skips moves forward by as much as the clock does; of a time that comes
    twice the first is meant (PEP 495: fold is 0).
    """
    closes = datetime.combine(day, hours.closes)
    opens = max(datetime.combine(day, hours.opens), _wall(last, hours.zone) + ONE_SECOND)
    seconds = int((closes - opens).total_seconds())
    if seconds <= 0:
        return None
    local = opens + _share(key) * timedelta(seconds=seconds)
    moment = local.replace(microsecond=0, tzinfo=hours.zone).astimezone(UTC)
    if moment <= last or _wall(moment, hours.zone) >= closes:  # the clock was changed in between
        return None
    return moment


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clocks on the wall show, as a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _share(key: str) -> float:
    """Return a number from 0 to below 1 that looks random and is always the same for a key."""
    return int.from_bytes(blake2b(key.encode(), digest_size=6).digest()) / 2**48
