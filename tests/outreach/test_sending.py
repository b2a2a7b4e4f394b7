"""Sending what is due: once, in the right order, within the day's cap and the recipient's hours, and how it is kept."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db.models import Q

from crm import suppression
from crm.models import Contact, HistoryEntry
from outreach import claiming, enrolments, sending, transport
from outreach.models import Enrolment, Event, Message, Sequence
from tests.kit.outbox import HANG_UP, Outbox, switch_on
from tests.outreach import ready
from tests.outreach.factories import MailboxFactory, MessageFactory, StepFactory
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
    return Message.objects.select_related("enrolment__contact").get(pk=message.pk)


def test_a_due_message_goes_out_once_and_is_kept_as_it_went(server: Outbox) -> None:
    message = ready.message("jane@acme.example", steps=2)
    assert sending.send_due().as_json() == {
        "sent": 1, "held": 0, "postponed": 0, "failed": 0, "unknown": 0, "outbox": 0, "tasks": 0
    }  # fmt: skip
    assert sending.send_due() == sending.Report()
    (accepted,) = server.accepted
    message = read(message)
    assert (message.state, message.sent_at, message.claimed_at, message.attempts) == (State.SENT, NOW, NOW, 1)
    assert (message.email, accepted.recipient) == ("jane@acme.example", "jane@acme.example")
    assert message.message_id == accepted.message_id
    assert message.mailbox_id == message.enrolment.mailbox_id
    assert message.subject == accepted.message["Subject"]
    text = accepted.message.get_body(("plain",))
    assert text is not None
    assert message.body is not None
    assert message.body.split() == text.get_content().split()
    assert message.receipt["action"] == "allow"
    assert "https://outreach.sender.example/unsubscribe/" in accepted.message["List-Unsubscribe"]


def test_after_sending_the_contact_is_contacted_and_the_history_says_so(server: Outbox) -> None:
    message = ready.message()
    sending.send_due()
    contact = read(message).enrolment.contact
    assert contact.relationship_status == Contact.Relationship.CONTACTED
    (entry,) = HistoryEntry.objects.filter(contact=contact, kind="sent")
    assert entry.sentence == "An e-mail was sent: “Hello Ada”."
    assert entry.happened_at == NOW


def test_a_customer_stays_a_customer(server: Outbox) -> None:
    message = ready.message()
    Contact.objects.update(relationship_status=Contact.Relationship.CUSTOMER)
    sending.send_due()
    assert read(message).enrolment.contact.relationship_status == Contact.Relationship.CUSTOMER


def test_what_follows_is_planned_from_the_actual_moment(server: Outbox) -> None:
    message = ready.message(steps=2)
    second = message.enrolment.messages.get(step__position=2)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):  # late by a day
        sending.send_due()
    second.refresh_from_db()
    assert second.due_at.date().isoformat() == "2026-12-03"  # five business days after 25 November, one a holiday
    assert read(message).enrolment.state == Enrolment.State.ACTIVE


def test_the_last_message_finishes_its_enrolment(server: Outbox) -> None:
    message = ready.message()
    sending.send_due()
    assert read(message).enrolment.state == Enrolment.State.FINISHED


def test_a_follow_up_answers_the_message_before_it(server: Outbox) -> None:
    message = ready.message(steps=2)
    sending.send_due()
    Message.objects.filter(state=State.PLANNED).update(due_at=NOW)
    sending.send_due()
    first, second = server.accepted
    assert first.message_id == read(message).message_id
    assert second.message["In-Reply-To"] == first.message_id


def test_a_message_before_its_date_waits(server: Outbox) -> None:
    ready.message(due_at=NOW + timedelta(seconds=1))
    assert sending.send_due() == sending.Report()


def test_the_limit_counts_messages(server: Outbox) -> None:
    mailbox = MailboxFactory()
    ready.messages(5, mailbox)
    assert sending.send_due(limit=2).sent == 2
    assert sending.send_due(limit=0).sent == 0
    assert server.connections == 1


# Order, caps, hours -----------------------------------------------------------------------------


def test_follow_ups_go_before_first_messages_and_the_day_has_a_cap(server: Outbox) -> None:
    mailbox = MailboxFactory(daily_cap=3)
    firsts = [ready.message(f"first{n}@acme.example", mailbox, due_at=NOW - timedelta(days=9 - n)) for n in range(3)]
    begun = ready.message("begun@acme.example", mailbox, steps=2, state=State.SENT, sent_at=NOW - timedelta(days=7))
    follow_up = begun.enrolment.messages.get(step__position=2)
    Message.objects.filter(pk=follow_up.pk).update(due_at=NOW)
    report = sending.send_due()
    assert server.recipients == ["begun@acme.example", "first0@acme.example", "first1@acme.example"]
    assert (report.sent, report.postponed) == (3, 1)
    waits = read(firsts[2])
    assert waits.state == State.PLANNED
    assert "daily cap is reached (3 of 3)" in waits.reasons[0]
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert sending.send_due().sent == 1
    assert server.recipients[-1] == "first2@acme.example"


def test_outside_the_recipients_hours_it_moves_to_the_next_window(server: Outbox) -> None:
    message = ready.message()
    with time_machine.travel(NOW + timedelta(hours=9), tick=False):  # seven in the evening in New York
        assert sending.send_due().postponed == 1
        assert sending.send_due() == sending.Report()
    message = read(message)
    assert message.state == State.PLANNED
    assert message.due_at.date().isoformat() == "2026-11-25"
    assert server.connections == 0


def test_each_mailbox_has_its_own_day(server: Outbox) -> None:
    for _ in range(2):
        ready.messages(2, MailboxFactory(daily_cap=1))
    assert sending.send_due().sent == 2
    assert {one.sender for one in server.accepted} == {one.address for one in _mailboxes()}


def _mailboxes() -> list[Any]:
    return [message.mailbox for message in Message.objects.filter(state=State.SENT).select_related("mailbox")]


def test_without_a_mailbox_of_its_own_the_sequences_or_the_first_one_sends(server: Outbox) -> None:
    first, other = MailboxFactory(), MailboxFactory()
    one, two = ready.message("one@acme.example", first), ready.message("two@acme.example", first)
    Enrolment.objects.update(mailbox=None)
    Sequence.objects.filter(pk=two.enrolment.sequence_id).update(mailbox=other)
    assert sending.send_due().sent == 2
    assert (read(one).mailbox, read(two).mailbox) == (first, other)


def test_without_any_sender_it_waits_and_says_so(server: Outbox) -> None:
    message = ready.message()
    mailbox = message.enrolment.mailbox
    assert mailbox is not None
    mailbox.delete()
    assert sending.send_due() == sending.Report(postponed=1)
    message = read(message)
    assert message.state == State.PLANNED
    assert "There is no sender" in message.reasons[0]


def test_nothing_goes_from_a_mailbox_that_is_paused_or_off(server: Outbox) -> None:
    ready.message(mailbox=MailboxFactory(paused_at=NOW))
    ready.message(mailbox=MailboxFactory(active=False))
    ready.message(mailbox=MailboxFactory(preflight={"spf": {"result": False, "sentence": "No SPF record."}}))
    assert sending.send_due().sent == 0
    assert server.connections == 0


# What happened since it was planned -------------------------------------------------------------


def test_what_was_stopped_or_paused_meanwhile_does_not_go(server: Outbox) -> None:
    stopped, paused, sequence = (ready.message() for _ in range(3))
    enrolments.stop([stopped.enrolment.contact_id], "replied")
    enrolments.pause(Q(pk=paused.enrolment_id), "A colleague answered.")
    Sequence.objects.filter(pk=sequence.enrolment.sequence_id).update(paused=True)
    assert sending.send_due() == sending.Report()
    assert server.connections == 0


def test_whoever_was_suppressed_meanwhile_is_held(server: Outbox) -> None:
    message = ready.message("jane@acme.example")
    suppression.add(["jane@acme.example"], "objection")
    assert sending.send_due().held == 1
    message = read(message)
    assert message.state == State.HELD
    assert message.receipt["action"] == "block"
    assert server.connections == 0


def test_a_stop_between_choosing_and_locking_wins(server: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    message = ready.message()
    choose = claiming.candidates

    def choose_then_stop(*args: Any) -> list[Message]:
        chosen = choose(*args)
        enrolments.stop([message.enrolment.contact_id], "replied")
        return chosen

    monkeypatch.setattr(claiming, "candidates", choose_then_stop)
    assert sending.send_due() == sending.Report()
    assert read(message).state == State.CANCELLED
    assert server.connections == 0


def test_a_reply_while_it_was_under_way_leaves_the_enrolment_stopped(server: Outbox) -> None:
    message = ready.message(steps=2)

    def stop(email: Any) -> transport.Sent:
        enrolments.stop([message.enrolment.contact_id], "replied")
        return transport.Sent()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport.Transport, "send", lambda _self, email: stop(email))
        assert sending.send_due().sent == 1
    message = read(message)
    assert (message.state, message.enrolment.state) == (State.SENT, Enrolment.State.STOPPED)


def test_a_message_whose_text_lacks_a_value_is_held(server: Outbox) -> None:
    message = ready.message()
    template = message.step.template
    template.body = "{{ job_title }}"
    template.save()
    Contact.objects.update(job_title="")
    assert sending.send_due().held == 1
    assert "There is no value for job_title" in read(message).reasons[0]


# Off --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [{"OUTREACH_SEND_ENABLED": False}, {"EMAIL_URL": "", "ANYMAIL_ESP": ""}])
def test_switched_off_it_is_written_to_the_outbox_and_nobody_hears_of_it(
    server: Outbox, settings: Any, off: dict[str, Any]
) -> None:
    message = ready.message()
    for name, value in off.items():
        setattr(settings, name, value)
    assert sending.send_due().outbox == 1
    assert sending.send_due() == sending.Report(outbox=1)
    message = read(message)
    assert (message.state, message.attempts, message.claimed_at) == (State.PLANNED, 0, None)
    assert message.message_id is None
    assert message.subject == "Hello Ada"
    assert message.body is not None
    assert message.body.startswith("A question for ")
    assert message.reasons[0].startswith("Sending is switched off")
    assert message.receipt["action"] == "allow"
    assert server.connections == 0


def test_switched_on_again_the_outbox_goes_out(server: Outbox, settings: Any) -> None:
    message = ready.message()
    settings.OUTREACH_SEND_ENABLED = False
    sending.send_due()
    settings.OUTREACH_SEND_ENABLED = True
    assert sending.send_due().sent == 1
    message = read(message)
    assert message.state == State.SENT
    assert not any("switched off" in reason for reason in message.reasons)


# Perhaps sent -----------------------------------------------------------------------------------


def test_whoever_vanished_leaves_a_message_for_a_person(server: Outbox) -> None:
    message = ready.message(steps=2)
    mailbox = message.enrolment.mailbox
    which = claiming.source(mailbox, None)
    (chosen,) = claiming.candidates(which, NOW, 10, set())
    claimed = claiming.claim(chosen, which, mailbox, NOW)
    assert claimed is not None
    assert claimed.fate == claiming.Fate.CLAIMED
    assert sending.recover(NOW + timedelta(minutes=15)) == 0
    assert sending.recover(NOW + timedelta(minutes=16)) == 1
    assert sending.recover(NOW + timedelta(minutes=17)) == 0
    message = read(message)
    assert message.state == State.UNKNOWN
    event = Event.objects.get()
    assert (event.kind, event.needs_human, event.message) == (Event.Kind.UNCERTAIN, True, message)
    assert event.advice
    with time_machine.travel(NOW + timedelta(days=8), tick=False):  # nor does what follows it go
        assert sending.send_due() == sending.Report()
    assert server.connections == 0


def test_no_answer_to_the_text_is_perhaps_sent_at_once(server: Outbox) -> None:
    server.say["text"] = HANG_UP
    mailbox = MailboxFactory()
    first, second = ready.messages(2, mailbox)
    assert sending.send_due() == sending.Report(unknown=1)  # the mailbox's next one waits for the next run
    assert (read(first).state, read(second).state) == (State.UNKNOWN, State.PLANNED)
    assert Event.objects.get().message_id == first.pk
    server.say.clear()
    assert sending.send_due() == sending.Report(sent=1)
    assert len(set(server.recipients)) == len(server.recipients) == 2


def test_a_person_finds_that_it_was_sent(server: Outbox, user: User) -> None:
    message = ready.message(steps=2)
    server.say["text"] = HANG_UP
    sending.send_due()
    sending.settle_unknown(message, True, user)
    message = read(message)
    assert (message.state, message.sent_at) == (State.SENT, NOW)
    event = Event.objects.get()
    assert (event.needs_human, event.handled_by) == (False, user)
    second = message.enrolment.messages.get(step__position=2)
    assert (second.state, second.due_at.date().isoformat()) == (State.PLANNED, "2026-12-02")
    assert len(server.accepted) == 1


def test_a_person_finds_that_it_was_not_sent(server: Outbox, user: User) -> None:
    message = ready.message(steps=2)
    server.say["text"] = HANG_UP
    sending.send_due()
    server.say.clear()
    sending.settle_unknown(message, False, user)
    assert sending.send_due() == sending.Report()
    message = read(message)
    assert message.state == State.FAILED
    assert message.enrolment.state == Enrolment.State.PAUSED
    assert not Event.objects.get().needs_human
    with pytest.raises(ValueError, match="settled already"):
        sending.settle_unknown(message, True, user)


def test_the_answer_that_came_after_all_counts(server: Outbox) -> None:
    """A machine that slept: the message was taken for stuck, then its sender woke up and was told yes."""
    message = ready.message()
    with pytest.MonkeyPatch.context() as patch:

        def slow(_self: transport.Transport, _email: Any) -> transport.Sent:
            assert sending.recover(NOW + timedelta(hours=1)) == 1
            return transport.Sent("id-1")

        patch.setattr(transport.Transport, "send", slow)
        sending.send_due()
    message = read(message)
    assert (message.state, message.provider_id) == (State.SENT, "id-1")
    assert not Event.objects.get().needs_human


def test_two_steps_of_one_enrolment_never_go_in_one_breath(server: Outbox) -> None:
    first = ready.message()
    step = StepFactory(version=first.enrolment.version, position=2, delay_days=3)
    second = MessageFactory(enrolment=first.enrolment, step=step, due_at=NOW - timedelta(minutes=1), mailbox=None)
    assert sending.send_due().sent == 1
    second.refresh_from_db()
    assert second.due_at > NOW
