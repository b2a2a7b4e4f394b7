"""Messages fall on business days and into working hours, both the recipient's, in order, after enrolment."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from outreach.schedule import Hours, due_dates, is_open, next_due, opening
from outreach.workdays import is_workday, workday
from outreach.zones import ZONES, zone_of

UTC_ZONE = ZoneInfo("UTC")
NOWHERE = Hours("", UTC_ZONE)
FRIDAY = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)


def hours(zone: str, country: str = "", opens: str = "09:00", closes: str = "17:00") -> Hours:
    return Hours(country, ZoneInfo(zone), time.fromisoformat(opens), time.fromisoformat(closes))


def local_days(start: datetime, delays: list[int], hours: Hours, key: str = "ada") -> list[str]:
    return [f"{due.astimezone(hours.zone):%a %d %b}" for due in due_dates(start, delays, hours, key)]


# Daytime hours: no zone changes its clock then. Nights have tests of their own below.
@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    country = draw(st.sampled_from([*sorted(ZONES), ""]))
    opens = draw(st.integers(6 * 60, 21 * 60))
    closes = draw(st.integers(opens + 1, 22 * 60))
    weekdays = draw(st.frozensets(st.integers(0, 6), max_size=3))
    zone = zone_of(country, UTC_ZONE)
    return Hours(country, zone, time(*divmod(opens, 60)), time(*divmod(closes, 60)), weekdays)


# India's holidays are known until 2035; beyond, the package warns that it wants to be updated.
starts = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=st.timezones())
delays = st.lists(st.integers(0, 15), max_size=6)


@given(starts, delays, some_hours(), st.text())
def test_every_message_is_due_on_a_business_day_within_the_hours_after_the_start_and_the_message_before(
    start: datetime, delays: list[int], hours: Hours, key: str
) -> None:
    due = due_dates(start, delays, hours, key)
    assert len(due) == len(delays)
    assert all(later > earlier for earlier, later in pairwise([start, *due]))
    for moment in due:
        local = moment.astimezone(hours.zone)
        assert hours.opens <= local.time() < hours.closes
        assert is_workday(local.date(), hours.country)
        assert (moment.tzinfo, moment.microsecond) == (UTC, 0)
        assert is_open(moment, hours)


@given(starts, st.integers(1, 40), some_hours(), st.text())
def test_a_delay_counts_the_business_days_between(start: datetime, delay: int, hours: Hours, key: str) -> None:
    hours = replace(hours, weekdays=frozenset())
    first, second = (due.astimezone(hours.zone).date() for due in due_dates(start, [1, delay], hours, key))
    between = (first + timedelta(days=n) for n in range(1, (second - first).days + 1))
    assert sum(is_workday(day, hours.country) for day in between) == delay


@given(starts, st.lists(st.integers(1, 15), min_size=1, max_size=6), some_hours(), st.text())
def test_one_key_has_one_time_of_day_and_the_same_whenever_it_is_asked(
    start: datetime, delays: list[int], hours: Hours, key: str
) -> None:
    due = due_dates(start, delays, hours, key)
    assert len({moment.astimezone(hours.zone).time() for moment in due}) == 1
    assert due == due_dates(start, delays, hours, key)
    # Counted anew from each message as it is sent, on time, the plan stays.
    for (earlier, later), delay in zip(pairwise(due), delays[1:], strict=True):
        assert next_due(earlier, delay, hours, key) == later


@given(starts, delays, st.text(), st.timezones())
def test_without_a_country_it_is_monday_to_friday_in_any_zone_even_where_the_clock_is_changed_by_night(
    start: datetime, delays: list[int], key: str, zone: ZoneInfo
) -> None:
    all_day = Hours("", zone, time(0), time(23, 59))
    due = due_dates(start, delays, all_day, key)
    assert all(later > earlier for earlier, later in pairwise([start, *due]))
    assert all(moment.astimezone(zone).weekday() < 5 and is_open(moment, all_day) for moment in due)


@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)), st.integers(0, 10), st.sampled_from(sorted(ZONES)))
def test_workdays_are_counted_one_by_one(day: date, count: int, country: str) -> None:
    assume(is_workday(day, country))
    stepwise = day
    for _ in range(count):
        stepwise = workday(stepwise, 1, country)
    assert workday(day, count, country) == stepwise


@given(starts, some_hours(), st.text())
def test_the_hours_open_at_once_or_when_a_message_is_due_next(moment: datetime, hours: Hours, key: str) -> None:
    opens = opening(moment, hours, key)
    assert is_open(opens, hours)
    assert opens == moment if is_open(moment, hours) else opens == next_due(moment, 0, hours, key) > moment


@given(starts, st.lists(st.integers(0, 15), min_size=1, max_size=6), some_hours(), st.text(), st.integers(0, 90))
def test_nothing_is_due_before_the_earliest_moment_and_what_follows_keeps_its_distance(
    start: datetime, delays: list[int], hours: Hours, key: str, later: int
) -> None:
    earliest = start + timedelta(days=later)
    due = due_dates(start, delays, hours, key, earliest=earliest)
    assert all(moment >= earliest and is_open(moment, hours) for moment in due)
    usual = due_dates(start, delays, hours, key)
    assert due[0] == (usual[0] if usual[0] >= earliest else next_due(earliest, 0, hours, key))
    for (before, after), delay in zip(pairwise(due), delays[1:], strict=True):
        assert after == next_due(before, delay, hours, key)


TUESDAYS_AND_THURSDAYS = replace(NOWHERE, weekdays=frozenset({1, 3}))


def test_a_delay_that_ends_on_a_day_that_is_not_allowed_is_longer() -> None:
    assert local_days(FRIDAY, [1, 5, 3], TUESDAYS_AND_THURSDAYS) == ["Tue 01 Dec", "Tue 08 Dec", "Tue 15 Dec"]
    assert not is_open(FRIDAY, TUESDAYS_AND_THURSDAYS)
    assert is_open(FRIDAY + timedelta(days=4), TUESDAYS_AND_THURSDAYS)


def test_an_allowed_day_that_is_a_holiday_is_passed_over() -> None:
    """Christmas Day 2026 and New Year's Day 2027 are Fridays."""
    fridays = Hours("DE", ZoneInfo("Europe/Berlin"), weekdays=frozenset({4}))
    assert local_days(datetime(2026, 12, 18, 22, tzinfo=UTC), [1], fridays) == ["Fri 08 Jan"]


def test_allowed_days_on_which_a_country_never_works_are_ignored() -> None:
    sundays = Hours("DE", ZoneInfo("Europe/Berlin"), weekdays=frozenset({6}))
    assert local_days(FRIDAY, [1, 5], sundays) == ["Mon 30 Nov", "Mon 07 Dec"]
    assert is_open(FRIDAY, sundays)
    assert local_days(FRIDAY, [1], replace(sundays, country="IL")) == ["Sun 29 Nov"]


def test_four_weeks_from_a_friday_begin_on_monday_and_stay_on_mondays() -> None:
    assert local_days(FRIDAY, [1, 5, 5, 5], NOWHERE) == ["Mon 30 Nov", "Mon 07 Dec", "Mon 14 Dec", "Mon 21 Dec"]


@pytest.mark.parametrize("into_the_weekend", [0, 1, 2])
def test_a_weekend_counts_as_the_friday_before_it(into_the_weekend: int) -> None:
    assert local_days(FRIDAY + timedelta(days=into_the_weekend), [1, 2], NOWHERE) == ["Mon 30 Nov", "Wed 02 Dec"]


def test_a_late_message_moves_those_after_it() -> None:
    sent = next_due(FRIDAY, 1, NOWHERE, "ada") + timedelta(days=2)
    assert f"{next_due(sent, 5, NOWHERE, 'ada'):%a %d %b}" == "Wed 09 Dec"


def test_no_delay_is_later_on_the_same_day_while_the_hours_last() -> None:
    early, in_hours, too_late = FRIDAY.replace(hour=6), FRIDAY, FRIDAY.replace(hour=17, minute=0)
    assert local_days(early, [0, 0], NOWHERE) == ["Fri 27 Nov", "Fri 27 Nov"]
    assert next_due(early, 0, NOWHERE, "ada").hour >= 9
    assert in_hours < next_due(in_hours, 0, NOWHERE, "ada") < too_late
    assert local_days(too_late, [0], NOWHERE) == ["Mon 30 Nov"]
    assert local_days(too_late - timedelta(seconds=1), [0], NOWHERE) == ["Mon 30 Nov"]
    assert local_days(FRIDAY + timedelta(days=1), [0], NOWHERE) == ["Mon 30 Nov"]


def test_the_last_second_of_the_hours_is_used_whatever_the_key() -> None:
    before = FRIDAY.replace(hour=16, minute=59, second=58)
    assert {next_due(before, 0, NOWHERE, str(number)) for number in range(20)} == {before.replace(second=59)}


def test_the_day_is_the_recipients() -> None:
    sunday_evening_in_london = datetime(2026, 11, 29, 22, tzinfo=UTC)
    assert local_days(sunday_evening_in_london, [1], hours("Asia/Tokyo")) == ["Tue 01 Dec"]
    assert local_days(sunday_evening_in_london, [1], hours("Europe/London")) == ["Mon 30 Nov"]


def test_people_are_spread_over_the_hours() -> None:
    due = [next_due(FRIDAY, 1, NOWHERE, f"person {number}") for number in range(4800)]
    each_hour = [sum(moment.hour == hour for moment in due) for hour in range(9, 17)]
    assert sum(each_hour) == 4800
    assert all(450 < count < 750 for count in each_hour), each_hour
    minutes = Counter(moment.replace(second=0) for moment in due)
    assert len(minutes) > 450
    assert max(minutes.values()) < 30


def test_a_time_that_does_not_exist_moves_forward() -> None:
    """In Cairo the clock goes from 00:00 to 01:00 on a Friday, 24 April in 2026."""
    cairo = hours("Africa/Cairo", "", "00:00", "02:00")
    thursday = datetime(2026, 4, 23, 12, tzinfo=cairo.zone)
    for number in range(200):
        key = str(number)
        usual = next_due(thursday - timedelta(days=7), 1, cairo, key).astimezone(cairo.zone)
        changed = next_due(thursday, 1, cairo, key).astimezone(cairo.zone)
        skipped = usual.hour == 0
        assert changed.date() == date(2026, 4, 24)
        assert changed.time() == (usual + timedelta(hours=1) if skipped else usual).time()


def test_hours_that_a_day_skips_altogether_leave_the_next_day() -> None:
    cairo = hours("Africa/Cairo", "", "00:10", "00:50")
    assert local_days(datetime(2026, 4, 23, 12, tzinfo=cairo.zone), [1, 1], cairo) == ["Mon 27 Apr", "Tue 28 Apr"]
    apia = hours("Pacific/Apia")  # which had no 30 December 2011
    assert local_days(datetime(2011, 12, 29, 12, tzinfo=apia.zone), [1], apia) == ["Mon 02 Jan"]


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    cairo = hours("Africa/Cairo", "", "23:00", "23:59")  # Thursday 29 October 2026, 24:00 becomes 23:00
    wednesday = datetime(2026, 10, 28, 12, tzinfo=cairo.zone)
    first = next_due(wednesday, 1, cairo, "ada")
    assert (first.astimezone(cairo.zone).fold, first.astimezone(cairo.zone).date()) == (0, date(2026, 10, 29))
    # Sent in the second of both: what follows without delay cannot go back into the first.
    second_time = datetime(2026, 10, 29, 23, 20, fold=1, tzinfo=cairo.zone).astimezone(UTC)
    assert local_days(second_time, [0], cairo) == ["Fri 30 Oct"]
