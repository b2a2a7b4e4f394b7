"""A mailbox that may not send all that is due sends what matters most, and the rest on a day when people work."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.daily_cap import Due, under_cap
from outreach.schedule import Hours, is_open

BERLIN = Hours("DE", ZoneInfo("Europe/Berlin"))
RIYADH = Hours("SA", ZoneInfo("Asia/Riyadh"))
THURSDAY = datetime(2026, 11, 12, 8, tzinfo=UTC)
LAST_WEEK = THURSDAY - timedelta(days=7)


def due(
    key: str, *, follow_up: bool = False, hour: int = 10, since: datetime = LAST_WEEK, hours: Hours = BERLIN
) -> Due:
    return Due(key, THURSDAY.replace(hour=hour), since, follow_up, hours)


def keys(items: list[Due]) -> list[str]:
    return [one.key for one in items]


def test_follow_ups_go_before_first_messages_however_late_in_the_day() -> None:
    items = [due("first", hour=9), due("second", follow_up=True, hour=14), due("third", follow_up=True, hour=11)]
    today, later = under_cap(items, 2, THURSDAY)
    assert (keys(today), keys(later)) == (["third", "second"], ["first"])
    assert [one.due_at for one in today] == [items[2].due_at, items[1].due_at]


def test_whoever_waits_longest_goes_first_so_that_nobody_waits_for_ever() -> None:
    items = [due("new", hour=9, since=THURSDAY), due("old", hour=15, since=LAST_WEEK)]
    today, later = under_cap(items, 1, THURSDAY)
    assert (keys(today), keys(later)) == (["old"], ["new"])


@pytest.mark.parametrize(("hours", "day"), [(BERLIN, "Fri 13 Nov"), (RIYADH, "Sun 15 Nov")])
def test_the_rest_moves_to_the_recipients_next_business_day(hours: Hours, day: str) -> None:
    _, [moved] = under_cap([due("ada", hours=hours)], 0, THURSDAY)
    assert f"{moved.due_at.astimezone(hours.zone):%a %d %b}" == day


def test_what_was_due_earlier_moves_on_from_today() -> None:
    overdue = Due("ada", LAST_WEEK, LAST_WEEK, True, BERLIN)
    _, [moved] = under_cap([overdue], 0, THURSDAY)
    assert f"{moved.due_at.astimezone(BERLIN.zone):%a %d %b}" == "Fri 13 Nov"


items = st.lists(
    st.builds(
        Due,
        key=st.text(min_size=1),
        due_at=st.integers(0, 86_399).map(lambda second: THURSDAY.replace(hour=0) + timedelta(seconds=second)),
        waiting_since=st.integers(0, 30).map(lambda day: THURSDAY - timedelta(days=day)),
        follow_up=st.booleans(),
        hours=st.sampled_from([BERLIN, RIYADH, Hours("JP", ZoneInfo("Asia/Tokyo"), time(10), time(11))]),
    ),
    unique_by=lambda one: one.key,
    max_size=12,
)


@given(items, st.integers(0, 14), st.randoms())
def test_nothing_is_lost_and_the_order_of_asking_does_not_matter(items: list[Due], cap: int, random) -> None:
    today, later = under_cap(items, cap, THURSDAY)
    assert len(today) == min(cap, len(items))
    assert all(one in items for one in today)
    assert sorted(keys(today) + keys(later)) == sorted(keys(items))
    assert all(one.follow_up for one in today) or not any(one.follow_up for one in later)
    before = {one.key: one.due_at for one in items}
    assert all(one.due_at > before[one.key] and is_open(one.due_at, one.hours) for one in later)
    random.shuffle(items)
    assert under_cap(items, cap, THURSDAY) == (today, later)
