"""What time settles: deliveries, enrolments that are over, tasks nobody did, senders to check."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from crm.models import AddressOutcome, Suppression
from crm.suppression import add
from outreach import preflight, settling, tasks
from outreach.models import Channel, Enrolment, Event, Mailbox, Message
from tests.outreach import ready
from tests.outreach.factories import MailboxFactory
from tests.outreach.ready import NOW

pytestmark = pytest.mark.django_db
State = Message.State
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Mailbox]:
    """The senders whose domains were checked: nothing here asks DNS."""
    asked: list[Mailbox] = []
    monkeypatch.setattr(preflight, "run", asked.append)
    return asked


def sent(email: str, ago: timedelta = WEEK, **fields: Any) -> Message:
    """Return a message that was sent to an address so long ago."""
    message = ready.message(email, state=State.SENT, sent_at=NOW - ago, **fields)
    message.refresh_from_db()
    message.email = email
    message.save()
    return message


def test_a_message_that_did_not_come_back_in_a_week_was_delivered() -> None:
    message = sent("jane@acme.example")
    address = message.enrolment.address
    assert address is not None
    address.model_probability, address.verification_method, address.mail_operator = 0.9, "smtp_ping", "example.net"
    address.save()
    sent("joan@acme.example", WEEK - timedelta(seconds=1))
    assert settling.settle().delivered == 1
    assert settling.settle().delivered == 0
    outcome = AddressOutcome.objects.get()
    assert (outcome.kind, outcome.happened_at) == (AddressOutcome.Kind.DELIVERED, NOW - WEEK)
    assert outcome.email_index == message.email_index
    assert (outcome.probability, outcome.model_probability) == (0.95, 0.9)
    assert (outcome.method, outcome.mail_operator) == ("smtp_ping", "example.net")


@pytest.mark.parametrize("kind", [Event.Kind.HARD, Event.Kind.SOFT, Event.Kind.BLOCKED])
def test_what_came_back_was_not_delivered(kind: Event.Kind) -> None:
    message = sent("jane@acme.example")
    Event.objects.create(kind=kind, source="mailbox", key="1", message=message, happened_at=NOW)
    assert settling.settle().delivered == 0


def test_a_bounce_known_by_the_address_alone_counts_too() -> None:
    sent("jane@acme.example")
    Event.objects.create(kind="hard", source="mailbox", key="1", email="Jane@Acme.example", happened_at=NOW)
    assert settling.settle().delivered == 0


def test_a_bounce_of_an_earlier_message_says_nothing_of_a_later_one() -> None:
    sent("jane@acme.example")
    Event.objects.create(kind="soft", source="mailbox", key="1", email="jane@acme.example", happened_at=NOW - 2 * WEEK)
    assert settling.settle().delivered == 1


def test_an_answer_to_itself_does_not_keep_a_delivery_away() -> None:
    message = sent("jane@acme.example")
    Event.objects.create(kind="auto_reply", source="mailbox", key="1", message=message, happened_at=NOW)
    assert settling.settle().delivered == 1


@pytest.mark.parametrize("state", [State.UNKNOWN, State.FAILED, State.SENDING])
def test_only_what_surely_went_is_delivered(state: str) -> None:
    message = sent("jane@acme.example")
    Message.objects.filter(pk=message.pk).update(state=state)
    assert settling.settle().delivered == 0


def test_a_step_done_by_hand_is_no_delivery() -> None:
    message = sent("jane@acme.example")
    message.step.channel = Channel.LINKEDIN
    message.step.save()
    assert settling.settle().delivered == 0


def test_many_deliveries_are_learnt_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "BATCH", 2)
    for number in range(5):
        sent(f"person{number}@acme.example")
    sent("person0@acme.example")  # the same address at the very same moment, in another sequence
    assert settling.settle().delivered == 5
    assert settling.settle().delivered == 0


def test_an_enrolment_with_nothing_left_is_finished() -> None:
    over = ready.message(state=State.CANCELLED)
    waiting, unsettled = ready.message(state=State.HELD), ready.message(state=State.UNKNOWN)
    assert settling.settle().finished == 1
    states = {row.pk: row.state for row in Enrolment.objects.all()}
    assert states[over.enrolment_id] == Enrolment.State.FINISHED
    assert states[waiting.enrolment_id] == states[unsettled.enrolment_id] == Enrolment.State.ACTIVE


def test_messages_are_judged_anew(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://outreach.sender.example"
    message = ready.message("jane@acme.example", due_at=NOW + WEEK)
    add(["jane@acme.example"], Suppression.Reason.OBJECTION)
    assert settling.settle().rejudged == 1
    message.refresh_from_db()
    assert message.state == State.HELD


def test_senders_are_checked_once_a_day(checked: list[Mailbox]) -> None:
    never, old = MailboxFactory(preflight_at=None), MailboxFactory(preflight_at=NOW - timedelta(hours=25))
    MailboxFactory(preflight_at=NOW - timedelta(hours=23))
    MailboxFactory(preflight_at=None, active=False)
    assert settling.settle().checked == 2
    assert set(checked) == {never, old}


def test_the_task_settles() -> None:
    message = ready.message(state=State.CANCELLED)
    tasks.settle()
    message.enrolment.refresh_from_db()
    assert message.enrolment.state == Enrolment.State.FINISHED


def test_what_is_planned_for_later_than_next_week_is_judged_when_it_comes_near(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://crm.sender.example"
    message = ready.message("jane@acme.example", due_at=NOW + timedelta(days=20))
    add(["jane@acme.example"], Suppression.Reason.OBJECTION)
    assert settling.settle().rejudged == 0
    Message.objects.filter(pk=message.pk).update(due_at=NOW + timedelta(days=2))
    assert settling.settle().rejudged == 1
