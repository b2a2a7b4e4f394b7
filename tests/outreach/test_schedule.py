"""Messages fall on business days, in order, after enrolment."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.schedule import due_dates

starts = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.timezones()
)  # fmt: skip
delays = st.lists(st.integers(0, 60), max_size=8)

FRIDAY = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)


def days(start: datetime, *delays: int) -> list[str]:
    return [f"{due:%a %d %b %H:%M}" for due in due_dates(start, delays)]


def test_four_weeks_from_a_friday_begin_on_monday_and_stay_on_mondays() -> None:
    assert days(FRIDAY, 1, 5, 5, 5) == ["Mon 30 Nov 09:00", "Mon 07 Dec 09:00", "Mon 14 Dec 09:00", "Mon 21 Dec 09:00"]


@pytest.mark.parametrize("into_the_weekend", [0, 1, 2])
def test_a_weekend_counts_as_the_friday_before_it(into_the_weekend: int) -> None:
    assert days(FRIDAY + timedelta(days=into_the_weekend), 1, 2) == ["Mon 30 Nov 09:00", "Wed 02 Dec 09:00"]


def test_no_delay_is_the_same_day_while_the_hour_has_not_passed() -> None:
    assert days(FRIDAY.replace(hour=8), 0, 0) == ["Fri 27 Nov 09:00", "Fri 27 Nov 09:00"]
    assert days(FRIDAY, 0, 0) == ["Mon 30 Nov 09:00", "Mon 30 Nov 09:00"]


def test_the_day_is_that_of_utc_and_the_hour_may_be_another() -> None:
    late_thursday_in_new_york = datetime(2026, 11, 26, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert due_dates(late_thursday_in_new_york, [1], hour=15) == [datetime(2026, 11, 30, 15, tzinfo=UTC)]


@given(starts, delays, st.integers(0, 23))
def test_every_message_is_due_on_a_business_day_after_the_start_and_never_before_the_last(
    start: datetime, delays: list[int], hour: int
) -> None:
    due = due_dates(start, delays, hour)
    assert len(due) == len(delays)
    assert all(moment > start for moment in due)
    assert all(moment.weekday() < 5 and (moment.hour, moment.tzinfo) == (hour, UTC) for moment in due)
    for (earlier, later), delay in zip(pairwise(due), delays[1:], strict=False):
        assert later > earlier if delay else later == earlier


@given(starts, st.integers(1, 500))
def test_a_delay_counts_the_business_days_between(start: datetime, delay: int) -> None:
    first, second = due_dates(start, [1, delay])
    days_between = (first + timedelta(days=n) for n in range(1, (second - first).days + 1))
    assert sum(day.weekday() < 5 for day in days_between) == delay
