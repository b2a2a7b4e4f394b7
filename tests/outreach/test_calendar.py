"""The coming weeks, day by day by the viewer's clock, with what stands in each message's way."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db.models import Q

from outreach import calendar, enrolments
from outreach.calendar import Day, Entry
from outreach.models import Enrolment, Mailbox, Message
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MessageFactory, StepFactory

TODAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 11, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(autouse=True)
def _now(db: None) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def planned(enrolment: Enrolment | None = None, **fields: Any) -> Message:
    enrolment = enrolment or EnrolmentFactory()
    return MessageFactory(enrolment=enrolment, **({"due_at": NOW + timedelta(hours=1)} | fields))


def entries(days: list[Day]) -> list[Entry]:
    return [entry for day in days for entry in day.entries]


@pytest.fixture(autouse=True)
def _public_url(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://outreach.sender.example"


def blocks(message: Message) -> tuple[str, ...]:
    (entry,) = [entry for entry in entries(calendar.weeks(TODAY)) if entry.message_id == message.pk]
    return entry.blocks


def test_a_message_stands_on_the_viewers_day_with_both_times() -> None:
    address = AddressFactory(contact__brand__name="Acme", contact__last_name="Moss")
    enrolment = EnrolmentFactory(address=address, zone="America/New_York")
    message = planned(enrolment, due_at=datetime(2026, 11, 3, 16, tzinfo=UTC))
    days = calendar.weeks(TODAY, zone=TOKYO)
    assert [day.date for day in days] == [TODAY + timedelta(days=n) for n in range(28)]
    (entry,) = days[2].entries
    assert len(entries(days)) == 1
    assert f"{entry.at:%a %H:%M} {entry.local:%a %H:%M}" == "Wed 01:00 Tue 11:00"
    assert (entry.message_id, entry.contact, entry.company) == (message.pk, "Ada Moss", "Acme")
    assert (entry.step, entry.channel, entry.state, entry.blocks) == (message.step.position, "email", "planned", ())
    (entry,) = calendar.weeks(TODAY)[1].entries
    assert f"{entry.at:%a %H:%M}" == "Tue 16:00"


def test_only_these_days_are_shown_sent_ones_on_the_day_they_went_and_cancelled_ones_never() -> None:
    planned(due_at=datetime(2026, 11, 30, tzinfo=UTC))
    planned(state="cancelled")
    planned(state="sent", due_at=NOW - timedelta(days=3), sent_at=NOW - timedelta(days=2))
    sent = planned(state="sent", due_at=NOW - timedelta(days=3), sent_at=NOW)
    assert [entry.message_id for entry in entries(calendar.weeks(TODAY))] == [sent.pk]
    assert len(entries(calendar.weeks(TODAY - timedelta(days=2), days=2))) == 1


def test_what_is_overdue_stands_on_the_first_day() -> None:
    late = planned(state="held", reasons=["Why."], due_at=NOW - timedelta(days=9))
    (entry,) = calendar.weeks(TODAY)[0].entries
    assert (entry.message_id, entry.overdue, entry.blocks) == (late.pk, True, ("Why.",))


def test_everything_in_the_way_is_said() -> None:
    first = planned(state="held", reasons=["Consent is needed."])
    enrolment = first.enrolment
    second = planned(enrolment, step=StepFactory(version=enrolment.version, position=1001))
    third = planned(enrolment, step=StepFactory(version=enrolment.version, position=1002, channel="linkedin"))
    assert (blocks(first), blocks(second), blocks(third)) == (("Consent is needed.",), (calendar.HELD_BEFORE,), ())
    Message.objects.filter(pk=first.pk).update(state="unknown", reasons=["Perhaps sent."])
    assert (blocks(first), blocks(third)) == (("Perhaps sent.",), (calendar.UNKNOWN_BEFORE,))
    Message.objects.filter(pk=first.pk).update(state="sent")
    enrolments.pause(Q(pk=enrolment.pk), "A colleague replied.")
    enrolments.pause_sequence(enrolment.sequence)
    enrolment.mailbox.paused_at, enrolment.mailbox.pause_reason = NOW, "Too many bounces."
    enrolment.mailbox.save()
    why = ("The enrolment is paused. A colleague replied.", calendar.SEQUENCE_PAUSED)
    assert blocks(second) == (*why, "The sender is paused. Too many bounces.")
    assert blocks(third) == why


def test_it_is_filtered() -> None:
    one, _ = planned(), planned()
    assert [e.message_id for e in entries(calendar.weeks(TODAY, filters=Q(enrolment=one.enrolment)))] == [one.pk]


def test_a_full_day_shows_its_first_messages_and_counts_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "MOST_PER_DAY", 2)
    messages = [planned(due_at=NOW + timedelta(minutes=minute)) for minute in (30, 10, 20)]
    planned(due_at=NOW + timedelta(days=1))
    first, second, *_ = calendar.weeks(TODAY)
    assert [entry.message_id for entry in first.entries] == [messages[1].pk, messages[2].pk]
    assert (first.more, second.more, len(second.entries)) == (1, 0, 1)


def test_it_takes_three_queries_whatever_the_number(django_assert_max_num_queries: Any) -> None:
    for _ in range(10):
        planned()
    with django_assert_max_num_queries(3):
        calendar.weeks(TODAY)


def test_what_the_sender_lacks_is_said_of_what_goes_by_mail(settings: Any) -> None:
    by_mail, by_hand = MessageFactory(), MessageFactory(step__channel="linkedin")
    Mailbox.objects.update(postal_address="")
    settings.OUTREACH_PUBLIC_URL = ""
    first = " ".join(blocks(by_mail))
    assert "postal address is missing" in first
    assert "OUTREACH_PUBLIC_URL" in first
    assert blocks(by_hand) == ()
