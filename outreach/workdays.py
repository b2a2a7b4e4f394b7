"""On which days does a country work? Its working week and its national holidays, from the package `holidays`.

Holidays of regions within a country, half holidays and working Saturdays that make up for a bridge day are ignored.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays

ONE_DAY = timedelta(days=1)
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6

# `holidays` gives these Saturday and Sunday; their week ends with Thursday.
FREE_ON_FRIDAY_AND_SATURDAY = frozenset({"LY", "PS"})


def is_workday(day: date, country: str) -> bool:
    """Return whether a country (ISO 3166-1 alpha-2, in capitals) works on a day; an unknown one: Monday to Friday."""
    calendar = _calendar(country, day.year)
    return not _is_weekend(day, country, calendar) and (calendar is None or day not in calendar)


def workday(day: date, count: int, country: str) -> date:
    """Return the workday `count` (0 or more) after `day`; with 0 `day` itself, or the first workday after it.

    A free day counts as the workday before it: one workday after a Saturday is the Monday.
    """
    while count or not is_workday(day, country):
        day += ONE_DAY
        if count and is_workday(day, country):
            count -= 1
    return day


def _is_weekend(day: date, country: str, calendar: holidays.HolidayBase | None) -> bool:
    weekday = day.weekday()
    if country in FREE_ON_FRIDAY_AND_SATURDAY:
        return weekday in {FRIDAY, SATURDAY}
    if calendar is None:
        return weekday in {SATURDAY, SUNDAY}
    if calendar.is_weekend(day):
        return True
    # Where the law gives Sunday only (as in Hong Kong), offices are closed on Saturday too.
    return weekday == SATURDAY and not calendar.is_weekend(day - ONE_DAY)


@lru_cache(maxsize=2000)
def _calendar(country: str, year: int) -> holidays.HolidayBase | None:
    """Return the holidays of one year; None for a country that `holidays` does not know.

    One object a year, which is never filled further: threads share it.
    """
    try:
        return holidays.country_holidays(country, years=year, expand=False)
    except NotImplementedError:
        return None
