"""Four weeks as three people in three zones live through them, hour by hour, with a real mail server.

The scheduler's runs are made as time passes. E-mails leave some hours late, and the message on LinkedIn is done a day
late: what follows counts from when things were really done, by the recipient's clock, week and holidays.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from crm.models import Consent
from outreach import enrolments, manual_steps, sending, sequences
from outreach.models import Enrolment, Mailbox, Sequence, Task
from outreach.workdays import is_workday
from tests.kit.outbox import Outbox, switch_on
from tests.outreach.factories import AddressFactory

HOUR = timedelta(hours=1)


@pytest.fixture
def server(settings: Any, sender: Mailbox) -> Iterator[Outbox]:
    with Outbox() as running:
        switch_on(settings, running)
        yield running


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 10, 1, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def enrol(region: str, zone: str, user: User) -> Enrolment:
    """Return somebody who asked to be written to, and whose time of day is before noon."""
    while True:
        contact = AddressFactory(contact__region_code=region).contact
        Consent.objects.create(contact=contact, given_at=timezone.now(), source="A form.")
        enrolment = enrolments.enrol(contact, user=user)
        Enrolment.objects.filter(pk=enrolment.pk).update(zone=zone)  # a country may have several
        enrolment.refresh_from_db()
        enrolments.replan(enrolment, timezone.now())
        if enrolment.messages.earliest("due_at").due_at.astimezone(ZoneInfo(zone)).hour < 12:
            return enrolment
        contact.delete()


def live(enrolment: Enrolment, clock: Any, user: User) -> tuple[list[datetime], list[datetime]]:
    """Let time pass until the sequence is over; return when each step was due, and when it was done, by local clocks.

    The scheduler comes by every hour. It misses the first two hours after a message is due.
    """
    zone, due = ZoneInfo(enrolment.zone), []
    while Enrolment.objects.get(pk=enrolment.pk).state == "active":
        clock.shift(HOUR)
        now = timezone.now()
        assert now.month < 12 or now.day < 20, "it does not come to an end"
        waiting = enrolment.messages.filter(state="planned", task=None).order_by("due_at").first()
        if waiting is None or now >= waiting.due_at + 2 * HOUR:
            before = enrolment.messages.filter(state="sent").count()
            sending.send_due()
            opened = Task.objects.filter(message=waiting).exists()
            if opened or enrolment.messages.filter(state="sent").count() > before:
                due.append(waiting.due_at.astimezone(zone))
        for task in Task.objects.filter(state="open", created_at__lte=now - 24 * HOUR):
            manual_steps.done(task, user)
    assert set(enrolment.messages.values_list("state", flat=True)) == {"sent"}
    done = enrolment.messages.order_by("step__position").values_list("sent_at", flat=True)
    return due, [moment.astimezone(zone) for moment in done]


def business_days(earlier: datetime, later: datetime, country: str) -> int:
    days = (earlier.date() + timedelta(days=n) for n in range(1, (later.date() - earlier.date()).days + 1))
    return sum(is_workday(day, country) for day in days)


CASES = {
    # Summer time ends on 25 October; the message on LinkedIn is done on the day after its date.
    "Berlin": (
        "DE", "Europe/Berlin", "2026-10-14T10:00+02:00",
        ["Thu 15 Oct +0200", "Thu 22 Oct +0200", "Fri 30 Oct +0100", "Fri 06 Nov +0100"],
    ),
    # Summer time ends on 1 November, Veterans Day is 11 November, Thanksgiving is the 26th.
    "New York": (
        "US", "America/New_York", "2026-10-29T10:00-04:00",
        ["Fri 30 Oct -0400", "Fri 06 Nov -0500", "Tue 17 Nov -0500", "Tue 24 Nov -0500"],
    ),
    "New York at Thanksgiving": (
        "US", "America/New_York", "2026-11-05T10:00-05:00",
        ["Fri 06 Nov -0500", "Mon 16 Nov -0500", "Tue 24 Nov -0500", "Wed 02 Dec -0500"],
    ),
    # Sport Day is 12 October, Culture Day 3 November, Labour Thanksgiving Day the 23rd.
    "Tokyo": (
        "JP", "Asia/Tokyo", "2026-10-26T10:00+09:00",
        ["Tue 27 Oct +0900", "Wed 04 Nov +0900", "Thu 12 Nov +0900", "Thu 19 Nov +0900"],
    ),
    # The week is from Sunday to Thursday.
    "Riyadh": (
        "SA", "Asia/Riyadh", "2026-10-27T10:00+03:00",
        ["Wed 28 Oct +0300", "Wed 04 Nov +0300", "Thu 12 Nov +0300", "Thu 19 Nov +0300"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("region", "zone", "now", "days"), CASES.values(), ids=CASES)
def test_four_weeks_are_lived_through(
    sequence: Sequence, user: User, server: Outbox, clock: Any, region: str, zone: str, now: str, days: list[str]
) -> None:
    clock.move_to(datetime.fromisoformat(now))
    enrolment = enrol(region, zone, user)
    due, done = live(enrolment, clock, user)
    assert [f"{moment:%a %d %b %z}" for moment in done] == days
    assert [business_days(*pair, region) for pair in pairwise(done)] == [5, 6, 5], "a day more for LinkedIn"
    assert len({moment.time() for moment in due}) == 1, "one time of day, before and after the change of clocks"
    assert 9 <= due[0].hour < 12
    hour = due[0].hour + (3 if due[0].minute or due[0].second else 2)  # the scheduler's first full hour
    assert [f"{moment:%H:%M}" for moment in done] == [f"{hour:02}:00"] * 4
    assert all(is_workday(moment.date(), region) for moment in [*due, *done])
    assert server.recipients == [enrolment.address.email] * 3


def test_days_of_the_week_that_are_not_allowed_are_passed_over(
    sequence: Sequence, user: User, server: Outbox, clock: Any
) -> None:
    sequences.set_weekdays(sequence, [1, 2])
    clock.move_to(datetime.fromisoformat("2026-10-14T10:00+02:00"))
    _, done = live(enrol("DE", "Europe/Berlin", user), clock, user)
    mails = [done[0], done[1], done[3]]
    assert [f"{moment:%a %d %b}" for moment in mails] == ["Tue 20 Oct", "Tue 27 Oct", "Wed 11 Nov"]
