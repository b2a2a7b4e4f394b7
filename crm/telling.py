"""By when a person must be told that we have their data, which we had from elsewhere (GDPR art. 14(3)(a))."""

import calendar
from datetime import datetime, time

from .models import Contact


def deadline(contact: Contact) -> datetime | None:
    """Return when a contact must have been told: one month after we first had their data.

    None where we had it from themselves or somebody entered it by hand: then there is no such month.
    """
    return month_after(contact.obtained_at) if contact.obtained_at else None


def month_after(moment: datetime) -> datetime:
    """Return the same day of the next month, or its last one (Regulation 1182/71, art. 3(2)(c))."""
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return moment.replace(year=year, month=month, day=min(moment.day, _days(year, month)))


def month_before(moment: datetime) -> datetime:
    """Return the latest moment of which the deadline is not after `moment`; may be some hours late, never early."""
    year, month = (moment.year - 1, 12) if moment.month == 1 else (moment.year, moment.month - 1)
    last = _days(year, month)
    if moment.day > last:
        return datetime.combine(moment.replace(year=year, month=month, day=last).date(), time.max, moment.tzinfo)
    day = last if moment.day == _days(moment.year, moment.month) else moment.day
    return moment.replace(year=year, month=month, day=day)


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
