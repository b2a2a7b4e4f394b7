"""The four weeks of a new installation, as people in several countries live through them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User

from outreach import enrolments
from outreach.models import Sequence
from outreach.schedule import Hours, due_dates, next_due

from .factories import AddressFactory, ReachableFactory

NEW_YORK = Hours("US", ZoneInfo("America/New_York"))


def planned(region: str, now: str, zone: str, user: User) -> list[datetime]:
    """Return when the messages of somebody who is enrolled `now`, by their clock, are due, by their clock."""
    clock = ZoneInfo(zone)
    with time_machine.travel(datetime.fromisoformat(now).replace(tzinfo=clock), tick=False):
        contact = AddressFactory(contact=ReachableFactory(region_code=region)).contact
        enrolment = enrolments.enrol(contact, user=user)
    rows = enrolment.messages.order_by("step__position").values_list("due_at", flat=True)
    return [due.astimezone(clock) for due in rows]


def days(due: list[datetime]) -> list[str]:
    return [f"{moment:%a %d %b}" for moment in due]


@pytest.mark.parametrize(
    ("region", "zone", "now", "weeks"),
    [
        # 3 October is a Friday
        ("DE", "Europe/Berlin", "2025-09-25T11:00", ["Fri 26 Sep", "Mon 06 Oct", "Mon 13 Oct", "Mon 20 Oct"]),
        # Christmas Day and New Year's Day are Fridays
        ("DE", "Europe/Berlin", "2026-12-11T16:00", ["Mon 14 Dec", "Mon 21 Dec", "Tue 29 Dec", "Wed 06 Jan"]),
        # enrolled on a Saturday; Good Friday and Easter Monday
        ("DE", "Europe/Berlin", "2026-03-21T10:00", ["Mon 23 Mar", "Mon 30 Mar", "Wed 08 Apr", "Wed 15 Apr"]),
        # Golden Week: 29 April, 4 to 6 May
        ("JP", "Asia/Tokyo", "2026-04-23T09:00", ["Fri 24 Apr", "Thu 07 May", "Thu 14 May", "Thu 21 May"]),
        # enrolled in the middle of it
        ("JP", "Asia/Tokyo", "2026-05-03T12:00", ["Thu 07 May", "Thu 14 May", "Thu 21 May", "Thu 28 May"]),
        # Thanksgiving is a Thursday
        ("US", "America/Chicago", "2026-11-20T12:00", ["Mon 23 Nov", "Tue 01 Dec", "Tue 08 Dec", "Tue 15 Dec"]),
        # the week is from Sunday to Thursday
        ("IL", "Asia/Jerusalem", "2026-11-05T12:00", ["Sun 08 Nov", "Sun 15 Nov", "Sun 22 Nov", "Sun 29 Nov"]),
        ("SA", "Asia/Riyadh", "2026-11-05T12:00", ["Sun 08 Nov", "Sun 15 Nov", "Sun 22 Nov", "Sun 29 Nov"]),
        # nothing is known
        ("", "UTC", "2026-12-18T12:00", ["Mon 21 Dec", "Mon 28 Dec", "Mon 04 Jan", "Mon 11 Jan"]),
    ],
)
def test_four_weeks_pass_over_weekends_and_holidays(
    sequence: Sequence, user: User, region: str, zone: str, now: str, weeks: list[str]
) -> None:
    due = planned(region, now, zone, user)
    assert days(due) == weeks
    assert all(9 <= moment.hour < 17 for moment in due)


@pytest.mark.parametrize(
    ("region", "zone", "now", "offsets"),
    [
        ("DE", "Europe/Berlin", "2025-10-06T11:00", [2, 2, 2, 1]),
        ("DE", "Europe/Berlin", "2026-03-12T11:00", [1, 1, 1, 2]),
        ("US", "America/Chicago", "2026-10-19T11:00", [-5, -5, -6, -6]),
    ],
)
def test_the_time_on_the_recipients_clock_stays_when_summer_time_begins_or_ends(
    sequence: Sequence, user: User, region: str, zone: str, now: str, offsets: list[int]
) -> None:
    due = planned(region, now, zone, user)
    assert [moment.utcoffset().total_seconds() / 3600 for moment in due] == offsets
    assert len({moment.time() for moment in due}) == 1


def test_new_york_keeps_its_clock_and_its_holidays() -> None:
    """Winter begins on 1 November; Veterans Day is the 11th."""
    due = due_dates(datetime(2026, 10, 26, 12, tzinfo=NEW_YORK.zone), [1, 5, 5, 5], NEW_YORK, "ada")
    local = [moment.astimezone(NEW_YORK.zone) for moment in due]
    assert days(local) == ["Tue 27 Oct", "Tue 03 Nov", "Tue 10 Nov", "Wed 18 Nov"]
    assert [f"{moment:%z}" for moment in local] == ["-0400", "-0500", "-0500", "-0500"]
    assert len({moment.time() for moment in local}) == 1


def test_two_people_enrolled_at_once_are_written_to_at_different_times(sequence: Sequence, user: User) -> None:
    times = {planned("DE", "2026-11-02T11:00", "Europe/Berlin", user)[0] for _ in range(5)}
    assert len(times) == 5


def test_a_message_sent_late_is_followed_as_many_business_days_later() -> None:
    """Due before Christmas, sent on the 29th because the machine was off."""
    berlin = Hours("DE", ZoneInfo("Europe/Berlin"))
    sent = datetime(2026, 12, 29, 10, tzinfo=berlin.zone)
    assert days([next_due(sent, 5, berlin, "ada").astimezone(berlin.zone)]) == ["Wed 06 Jan"]


def test_the_settings_give_the_hours_and_the_zone_of_those_without_a_region(
    sequence: Sequence, user: User, settings
) -> None:
    settings.OUTREACH_WINDOW, settings.OUTREACH_DEFAULT_ZONE = "13:00-13:30", "Asia/Tokyo"
    for region, zone in [("", "Asia/Tokyo"), ("DE", "Europe/Berlin")]:
        due = planned(region, "2026-11-02T11:00", zone, user)
        assert all(moment.hour == 13 and moment.minute < 30 for moment in due)
