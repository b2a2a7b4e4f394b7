"""What each refusal of a mail server does to the message, its enrolment, the sender and the address."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Q

from crm.suppression import suppressed
from outreach import enrolments, sending, transport
from outreach.models import Enrolment, Event, Mailbox, Message
from tests.kit.outbox import HANG_UP, Outbox, switch_on
from tests.outreach import ready
from tests.outreach.factories import MailboxFactory
from tests.outreach.ready import NOW

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def server(settings: Any) -> Iterator[Outbox]:
    with Outbox() as running:
        switch_on(settings, running)
        yield running


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def read(message: Message) -> Message:
    return Message.objects.select_related("enrolment", "mailbox").get(pk=message.pk)


OURS = [
    ("connect", "421 4.3.2 Going down"),
    ("connect", "554 5.7.1 Not you"),
    ("connect", HANG_UP),
    ("MAIL", "451 4.7.1 Slow down"),
    ("MAIL", "550 5.7.1 Sender refused"),
    ("MAIL", HANG_UP),
    ("RCPT", "421 4.7.0 Too many"),
    ("text", "421 4.3.2 Closing"),
]


@pytest.mark.parametrize(("stage", "answer"), OURS)
def test_our_own_failure_is_tried_again_and_ends_the_run_of_the_mailbox(
    server: Outbox, stage: str, answer: str
) -> None:
    server.say[stage] = answer
    mailbox = MailboxFactory()
    first, second = ready.messages(2, mailbox)
    assert sending.send_due() == sending.Report(postponed=1)
    assert server.connections == 1
    message = read(first)
    assert (message.state, message.attempts) == (State.PLANNED, 0)
    assert message.due_at == NOW + timedelta(minutes=15)
    assert (message.claimed_at, message.message_id, message.body, message.email) == (None, None, None, None)
    assert message.error
    assert message.reasons[0].startswith("Our own mail server or service did not take it, and it is tried again")
    assert read(second).attempts == 0
    server.say.clear()
    assert sending.send_due() == sending.Report(sent=1)
    with time_machine.travel(NOW + timedelta(minutes=15), tick=False):
        assert sending.send_due() == sending.Report(sent=1)
    assert len(set(server.recipients)) == len(server.accepted) == 2
    assert not Event.objects.exists()
    assert read(first).error == ""


def test_another_mailbox_is_not_held_up_by_the_failure_of_one(server: Outbox) -> None:
    refused, fine = (MailboxFactory(address=f"{name}@sender.example") for name in ("a", "b"))
    ready.message("one@acme.example", refused)
    ready.message("two@acme.example", fine)
    answers = iter(["451 4.7.1 Slow down", "250 OK"])
    server.hook = lambda stage: server.say.update({stage: next(answers)}) if stage == "MAIL" else None
    assert sending.send_due() == sending.Report(sent=1, postponed=1)


def test_an_outage_of_our_mail_server_over_a_weekend_loses_nothing(server: Outbox, settings: Any) -> None:
    working, settings.EMAIL_PORT = settings.EMAIL_PORT, _nobody_there()
    message = ready.message(steps=2, attempts=4)
    friday = NOW + timedelta(days=3)
    moment = friday
    while moment < friday + timedelta(days=3):
        assert _at(moment) == sending.Report(postponed=1)
        message = read(message)
        assert (message.state, message.attempts) == (State.PLANNED, 4)
        moment = message.due_at
    assert message.error.startswith("The mail server cannot be used")
    assert message.reasons[0].startswith("Our own mail server or service did not take it, and it is tried again")
    assert message.enrolment.state == Enrolment.State.ACTIVE
    settings.EMAIL_PORT = working
    assert _at(moment) == sending.Report(sent=1)
    assert len(server.accepted) == 1
    assert read(message).error == ""


def _nobody_there() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.mark.parametrize(("stage", "answer"), OURS)
def test_a_failure_of_our_own_uses_up_no_attempt(server: Outbox, stage: str, answer: str) -> None:
    message = ready.message(attempts=5)
    server.say[stage] = answer
    assert sending.send_due() == sending.Report(postponed=1)
    message = read(message)
    assert (message.state, message.attempts) == (State.PLANNED, 5)
    assert NOW < message.due_at <= NOW + timedelta(minutes=30)
    assert message.error
    assert message.error.rstrip(".") in message.reasons[0]


def test_a_refusal_for_now_is_tried_six_times(server: Outbox) -> None:
    message = ready.message(steps=2)
    server.say["RCPT"] = "450 4.2.1 Greylisted"
    moment, waits = NOW, []
    while (report := _at(moment)).postponed:
        due_at = read(message).due_at
        waits.append((due_at - moment).total_seconds() / 60)
        moment = due_at
    assert waits == [5, 10, 20, 40, 80]
    assert report == sending.Report(failed=1)
    message = read(message)
    assert (message.state, message.attempts) == (State.FAILED, 6)
    assert message.enrolment.state == Enrolment.State.PAUSED
    assert message.enrolment.pause_reason.startswith("A message could not be sent")


def _at(moment: Any) -> sending.Report:
    with time_machine.travel(moment, tick=False):
        return sending.send_due()


def test_no_such_user_fails_the_message_and_suppresses_the_address(server: Outbox) -> None:
    message = ready.message("jane@acme.example", steps=2)
    other = ready.message("joan@other.example", message.enrolment.mailbox)
    server.say["RCPT"] = "550 5.1.1 <jane@acme.example>: no such user"
    assert sending.send_due() == sending.Report(failed=2)  # the run goes on after one
    message = read(message)
    assert message.state == State.FAILED
    assert message.error == "550 5.1.1 <…>: no such user"
    assert message.enrolment.state == Enrolment.State.STOPPED
    assert suppressed(["jane@acme.example"])
    event = Event.objects.get(message=message)
    assert (event.kind, event.source, event.status) == (Event.Kind.HARD, Event.Source.SMTP, "5.1.1")
    assert read(other).state == State.FAILED


def test_a_full_mailbox_at_rcpt_is_soft_and_suppresses_nobody(server: Outbox) -> None:
    message = ready.message("jane@acme.example", steps=2)
    server.say["RCPT"] = "552 5.2.2 Mailbox full"
    assert sending.send_due() == sending.Report(failed=1)
    assert Event.objects.get().kind == Event.Kind.SOFT
    assert not suppressed(["jane@acme.example"])
    message = read(message)
    assert (message.state, message.enrolment.state) == (State.FAILED, Enrolment.State.PAUSED)


def test_a_refusal_of_us_at_rcpt_pauses_the_mailbox_and_suppresses_nobody(server: Outbox) -> None:
    message = ready.message("jane@acme.example")
    ready.message("joan@other.example", message.enrolment.mailbox)
    server.say["RCPT"] = "554 5.7.1 Your address is on a block list"
    assert sending.send_due() == sending.Report(failed=1)
    assert Event.objects.get().kind == Event.Kind.BLOCKED
    assert not suppressed(["jane@acme.example"])
    assert Mailbox.objects.get().paused_at == NOW


@pytest.mark.parametrize(("stage", "answer"), [("RCPT", "450 4.2.1 Greylisted"), ("text", "451 4.3.0 Later")])
def test_a_refusal_for_now_is_tried_later_and_the_run_goes_on(server: Outbox, stage: str, answer: str) -> None:
    mailbox = MailboxFactory()
    first, second = ready.messages(2, mailbox)
    server.say[stage] = answer
    assert sending.send_due() == sending.Report(postponed=2)
    assert server.connections == 1
    assert [read(one).state for one in (first, second)] == [State.PLANNED] * 2
    server.say.clear()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert sending.send_due() == sending.Report(sent=2)


@pytest.mark.parametrize("stage", ["DATA", "text"])
def test_a_refused_text_fails_and_pauses_the_mailbox(server: Outbox, stage: str) -> None:
    mailbox = MailboxFactory()
    first, second = ready.messages(2, mailbox)
    server.say[stage] = "554 5.7.1 Looks like spam"
    assert sending.send_due() == sending.Report(failed=1)
    assert (read(first).state, read(second).state) == (State.FAILED, State.PLANNED)
    assert read(first).enrolment.state == Enrolment.State.FINISHED  # nothing of it is left
    event = Event.objects.get()
    assert (event.kind, event.needs_human) == (Event.Kind.BLOCKED, True)
    assert Mailbox.objects.get().paused_at == NOW
    assert server.accepted == []


def test_after_six_refusals_for_now_it_has_failed_as_a_soft_bounce(server: Outbox) -> None:
    message = ready.message(attempts=5)
    server.say["RCPT"] = "450 4.2.2 Mailbox full"
    assert sending.send_due() == sending.Report(failed=1)
    assert read(message).state == State.FAILED
    assert Event.objects.get().kind == Event.Kind.SOFT


def test_a_failed_message_is_not_sent_when_its_enrolment_goes_on(server: Outbox) -> None:
    message = ready.message(attempts=5, steps=2)
    server.say["RCPT"] = "450 4.2.2 Mailbox full"
    sending.send_due()
    server.say.clear()
    enrolments.resume(Q(pk=message.enrolment_id))
    assert sending.send_due() == sending.Report()
    assert read(message).state == State.FAILED
    assert message.enrolment.messages.get(step__position=2).state == State.PLANNED


@pytest.mark.parametrize("ours", [True, False])
def test_whoever_was_stopped_while_it_was_refused_has_nothing_planned(
    server: Outbox, monkeypatch: pytest.MonkeyPatch, ours: bool
) -> None:
    message = ready.message(steps=2)

    def stop(_self: transport.Transport, _email: Any) -> transport.Sent:
        enrolments.stop([message.enrolment.contact_id], "replied")
        raise transport.NotSent(True, 421, "Later", ours=ours)

    monkeypatch.setattr(transport.Transport, "send", stop)
    assert sending.send_due() == sending.Report(failed=1)
    assert set(message.enrolment.messages.values_list("state", flat=True)) == {State.CANCELLED}
