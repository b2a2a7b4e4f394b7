"""Bounces and complaints of seven days, and the circuit breaker."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from outreach import health, mailboxes
from outreach.models import Enrolment, Event, Mailbox, Message
from tests.outreach.factories import EnrolmentFactory, MailboxFactory, StepFactory

pytestmark = pytest.mark.django_db
Kind = Event.Kind


@pytest.fixture
def mailbox() -> Mailbox:
    return MailboxFactory()


@pytest.fixture
def enrolment(mailbox: Mailbox) -> Enrolment:
    return EnrolmentFactory(mailbox=mailbox)


def send(enrolment: Enrolment, number: int, at: datetime | None = None, **options: Any) -> list[Message]:
    """Store so many sent messages; each has a step of its own."""
    at = at or timezone.now() - timedelta(hours=1)
    options = {"state": "sent", "claimed_at": at, "sent_at": at} | options
    steps = StepFactory.create_batch(number, version=enrolment.version, channel=options.pop("channel", "email"))
    rows = [Message(enrolment=enrolment, step=step, mailbox=enrolment.mailbox, due_at=at, **options) for step in steps]
    return Message.objects.bulk_create(rows)


def come_back(kind: str, messages: list[Message | None], mailbox: Mailbox, at: datetime | None = None) -> None:
    at = at or timezone.now()
    for message in messages:
        key = f"{kind}-{Event.objects.count()}"
        Event.objects.create(kind=kind, source="mailbox", key=key, mailbox=mailbox, message=message, happened_at=at)


def figures(mailbox: Mailbox) -> tuple[int, int, int]:
    found = health.check(mailbox, timezone.now())
    return found.sent, found.bounced, found.complained


def test_a_mailbox_that_sent_nothing_is_well(mailbox: Mailbox) -> None:
    found = health.check(mailbox, timezone.now())
    assert found == health.Health(0, 0, 0, 0.0, 0.0, ())
    assert not health.trip_breaker(mailbox)


def test_seven_days_count_and_what_perhaps_went_out_too(mailbox: Mailbox, enrolment: Enrolment) -> None:
    now = timezone.now()
    send(enrolment, 2)
    send(enrolment, 1, state="unknown", sent_at=None)
    send(enrolment, 1, claimed_at=None, channel="manual_email")
    send(enrolment, 1, at=now - timedelta(days=8))
    send(enrolment, 1, channel="linkedin", claimed_at=None)
    for state in ("planned", "held", "sending", "failed", "cancelled"):
        send(enrolment, 1, state=state)
    send(EnrolmentFactory(), 1)
    come_back(Kind.HARD, [None], mailbox)
    come_back(Kind.HARD, [None], mailbox, now - timedelta(days=8))
    come_back(Kind.HARD, [None], MailboxFactory())
    for kind in (Kind.SOFT, Kind.BLOCKED, Kind.REPLY, Kind.AUTO_REPLY):
        come_back(kind, [None], mailbox)
    assert figures(mailbox) == (4, 1, 0)


def test_a_message_that_bounced_twice_counts_once(mailbox: Mailbox, enrolment: Enrolment) -> None:
    one, other = send(enrolment, 2)
    come_back(Kind.HARD, [one, one, other, None], mailbox)
    come_back(Kind.COMPLAINT, [one, one], mailbox)
    assert figures(mailbox) == (2, 3, 1)


@pytest.mark.parametrize(
    ("sent", "bounced", "pauses"), [(50, 2, False), (50, 3, True), (100, 3, False), (99, 3, True), (2, 2, False)]
)
def test_three_bounces_and_more_than_three_in_a_hundred_pause_it(
    mailbox: Mailbox, enrolment: Enrolment, sent: int, bounced: int, pauses: bool
) -> None:
    messages = send(enrolment, sent)
    come_back(Kind.HARD, list(messages[:bounced]), mailbox)
    assert health.trip_breaker(mailbox) == pauses
    kept = Mailbox.objects.get(pk=mailbox.pk)
    assert (kept.paused_at is not None) == (mailbox.paused_at is not None) == pauses
    if pauses:
        assert kept.pause_reason.startswith(f"{bounced} bounces on {sent} messages in seven days (")
        assert kept.pause_reason.endswith("resume the sender when it is put right.")


@pytest.mark.parametrize(("sent", "pauses"), [(1, True), (999, True), (1000, False)])
def test_a_complaint_among_fewer_than_a_thousand_pauses_it(
    mailbox: Mailbox, enrolment: Enrolment, sent: int, pauses: bool
) -> None:
    messages = send(enrolment, sent)
    come_back(Kind.COMPLAINT, [messages[0]], mailbox)
    assert health.trip_breaker(mailbox) == pauses
    assert ("1 complaint on" in Mailbox.objects.get(pk=mailbox.pk).pause_reason) == pauses


def test_it_stays_paused_until_a_person_resumes_it_and_then_begins_anew(
    mailbox: Mailbox, enrolment: Enrolment, user: User
) -> None:
    messages = send(enrolment, 10)
    come_back(Kind.HARD, list(messages[:3]), mailbox)
    assert health.trip_breaker(mailbox)
    assert not health.trip_breaker(mailbox)  # it is paused already
    mailboxes.resume(mailbox, user)
    assert figures(mailbox) == (0, 0, 0)
    come_back(Kind.HARD, list(messages[3:7]), mailbox)  # late bounces of what went out before
    assert not health.trip_breaker(mailbox)
    new = send(enrolment, 4, at=timezone.now())
    come_back(Kind.HARD, list(new[:3]), mailbox)
    assert figures(mailbox) == (4, 3, 0)
    assert health.trip_breaker(mailbox)


def test_more_came_back_than_went_out_is_all_of_it(mailbox: Mailbox) -> None:
    come_back(Kind.HARD, [None] * 4, mailbox)
    found = health.check(mailbox, timezone.now())
    assert found.bounce_rate == 1.0
    assert found.problems == ("4 bounces on 0 messages in seven days (100.0%; 3% is the most).",)


def test_health_takes_two_queries(mailbox: Mailbox, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        health.check(mailbox, timezone.now())


def test_many_mailboxes_take_two_queries_and_each_has_its_own_figures(django_assert_num_queries: Any) -> None:
    now = timezone.now()
    plain, resumed, idle = MailboxFactory(), MailboxFactory(resumed_at=now - timedelta(days=1)), MailboxFactory()
    for mailbox in (plain, resumed):
        enrolment = EnrolmentFactory(mailbox=mailbox)
        before = send(enrolment, 2, at=now - timedelta(days=2))
        after = send(enrolment, 3)
        come_back(Kind.HARD, [before[0], after[0], None], mailbox)
        come_back(Kind.COMPLAINT, [before[1]], mailbox)
        come_back(Kind.COMPLAINT, [None], mailbox, now - timedelta(days=2))
    with django_assert_num_queries(2):
        found = health.check_many([plain, resumed, idle], now)
    assert {pk: (one.sent, one.bounced, one.complained) for pk, one in found.items()} == {
        plain.pk: (5, 3, 2),
        resumed.pk: (3, 2, 0),
        idle.pk: (0, 0, 0),
    }
