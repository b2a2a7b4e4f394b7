from datetime import timedelta

import pytest
from django.utils import timezone

from core.fields import blind_index
from crm import suppression
from crm.models import AddressOutcome, Contact, HistoryEntry, Suppression
from outreach import inbound
from outreach.models import Enrolment, Event, Mailbox, Message

from .coming_back import ADA, another_address, answer, bounce, colleague_of, complaint, sent_in, sent_to
from .factories import EnrolmentFactory

pytestmark = pytest.mark.django_db


def receive(raw: bytes) -> Event:
    (event,) = inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    event.refresh_from_db()
    return event


def state_of(message: Message) -> tuple[str, str]:
    enrolment = Enrolment.objects.get(pk=message.enrolment_id)
    return enrolment.state, enrolment.stop_reason


def mailbox_of(message: Message) -> Mailbox:
    return Mailbox.objects.get(pk=message.mailbox_id)


@pytest.mark.parametrize("about", ["<first@sender.example>", ""])
def test_a_hard_bounce_of_ours_suppresses_the_address_and_stops_the_enrolment(about: str) -> None:
    message = sent_to()
    event = receive(bounce(about=about))
    assert (event.kind, event.reason, event.status) == ("hard", "no_such_user", "5.1.1")
    assert event.matched == ("headers" if about else "address")
    assert (event.message, event.enrolment, event.mailbox) == (message, message.enrolment, message.mailbox)
    assert event.email_index == blind_index(ADA)
    assert suppression.suppressed([ADA]) == {ADA}
    assert Suppression.objects.get().reason == "bounced"
    assert state_of(message) == ("stopped", "bounced")
    assert set(message.enrolment.messages.values_list("state", flat=True)) == {"sent", "cancelled"}
    assert HistoryEntry.objects.filter(contact=message.enrolment.contact, kind="bounced").count() == 1
    assert Contact.objects.get().relationship_status == "New"


def test_the_outcome_carries_what_was_predicted() -> None:
    sent_to()
    receive(bounce())
    outcome = AddressOutcome.objects.get()
    assert (outcome.kind, outcome.probability, outcome.method) == ("bounced", 0.91, "smtp_ping")


def test_a_hard_bounce_of_nothing_that_we_sent_suppresses_nobody() -> None:
    message = sent_to()
    event = receive(bounce(address="joan@acme.example", about="<strange@elsewhere.example>"))
    assert (event.kind, event.message, event.needs_human) == ("hard", None, True)
    assert event.advice
    assert not Suppression.objects.exists()
    assert state_of(message)[0] == "active"
    assert event.mailbox is None  # anybody can write such reports: the sender's health does not suffer


def test_an_alias_that_bounces_counts_for_the_address_that_we_wrote_to() -> None:
    sent_to()
    event = receive(bounce(address="ada.lovelace@mail.acme.example"))
    assert event.email == ADA
    assert suppression.suppressed([ADA, "ada.lovelace@mail.acme.example"]) == {ADA}


def test_the_next_address_becomes_primary_and_is_proposed_without_naming_it() -> None:
    contact = sent_to().enrolment.contact
    another_address(contact, "a.example@acme.example", 0.12)
    likeliest = another_address(contact, "adae@acme.example", 0.31)
    event = receive(bounce())
    assert contact.addresses.get(is_primary=True) == likeliest
    assert event.needs_human
    assert "chance 31%" in event.advice
    assert "@" not in event.advice


def test_a_suppressed_address_is_not_proposed() -> None:
    contact = sent_to().enrolment.contact
    another_address(contact, "adae@acme.example")
    suppression.add(["adae@acme.example"], "objection")
    event = receive(bounce())
    assert (event.needs_human, event.advice) == (False, "")
    assert contact.addresses.get(is_primary=True).email == ADA


def test_an_address_without_a_chance_is_proposed_all_the_same() -> None:
    another_address(sent_to().enrolment.contact, "adae@acme.example", None)
    assert receive(bounce()).advice.startswith("Another address is known. ")


def test_a_bounce_told_twice_acts_once() -> None:
    message = sent_to()
    another_address(message.enrolment.contact, "adae@acme.example")
    first, second = receive(bounce()), receive(bounce())
    assert (first.needs_human, second.needs_human) == (True, False)
    assert AddressOutcome.objects.count() == 1
    assert HistoryEntry.objects.filter(kind="bounced").count() == 1


def test_too_many_bounces_pause_the_sender() -> None:
    mailbox = sent_to().mailbox
    for number in range(3):
        sent_to(f"p{number}@b{number}.example", message_id=f"<{number}@s.example>", domain=f"b{number}.example",
                mailbox=mailbox)  # fmt: skip
        receive(bounce(address=f"p{number}@b{number}.example", about=f"<{number}@s.example>"))
    assert mailbox is not None
    mailbox.refresh_from_db()
    assert mailbox.paused_at is not None


def test_others_who_are_written_to_at_the_same_address_stop_too() -> None:
    message = sent_to()
    other = EnrolmentFactory(address=message.enrolment.address)
    receive(bounce())
    other.refresh_from_db()
    assert other.stop_reason == "bounced"


def full(n: int, about: str) -> bytes:
    return bounce(f"452 4.2.2 Mailbox full, attempt {n}", about=about)


def test_soft_bounces_count_as_hard_from_the_third_within_seven_days() -> None:
    message = sent_to()
    assert [receive(full(n, "<first@sender.example>")).kind for n in range(2)] == ["soft", "soft"]
    assert state_of(message)[0] == "active"
    assert not Suppression.objects.exists()
    third = receive(full(3, "<first@sender.example>"))
    assert (third.kind, third.reason) == ("hard", "soft_three_times")
    assert suppression.suppressed([ADA]) == {ADA}
    assert state_of(message) == ("stopped", "bounced")


def test_soft_bounces_of_long_ago_or_of_others_do_not_count() -> None:
    message = sent_to()
    receive(full(1, "<first@sender.example>"))
    receive(full(2, "<first@sender.example>"))
    Event.objects.update(happened_at=timezone.now() - timedelta(days=8))
    sent_in(colleague_of(message), message_id="<joan@sender.example>")
    receive(bounce("452 4.2.2 full", address="joan@acme.example", about="<joan@sender.example>"))
    assert receive(full(3, "<first@sender.example>")).kind == "soft"


def test_greylisting_never_counts() -> None:
    sent_to()
    for _ in range(4):
        event = receive(bounce("451 4.7.1 Greylisting in action, please come back later"))
        assert (event.kind, event.reason) == ("soft", "greylisted")


def test_a_block_pauses_the_sender_and_suppresses_nobody() -> None:
    message = sent_to()
    event = receive(bounce("554 5.7.1 Service unavailable; client host blocked using Spamhaus"))
    assert (event.kind, event.needs_human) == ("blocked", True)
    assert mailbox_of(message).paused_at is not None
    assert mailbox_of(message).pause_reason
    assert not Suppression.objects.exists()
    assert state_of(message)[0] == "active"


def test_a_block_report_of_nothing_that_we_sent_pauses_no_sender() -> None:
    message = sent_to()
    event = receive(bounce("554 5.7.1 Client host blocked using Spamhaus", address="x@y.example", about="<x@y>"))
    assert (event.kind, event.needs_human) == ("blocked", True)
    assert mailbox_of(message).paused_at is None


def test_a_complaint_suppresses_and_stops_whoever_complained() -> None:
    message = sent_to()
    event = receive(complaint())
    assert event.kind == "complaint"
    assert Suppression.objects.get().reason == "complaint"
    assert AddressOutcome.objects.get().kind == "complained"
    assert state_of(message) == ("stopped", "complained")
    assert mailbox_of(message).paused_at is not None  # one of the one message that was sent


def test_a_complaint_without_an_address_is_found_by_the_message() -> None:
    sent_to()
    receive(complaint(address="redacted"))
    assert suppression.suppressed([ADA]) == {ADA}


def test_a_complaint_about_nothing_of_ours_asks_for_a_person() -> None:
    sent_to()
    event = receive(complaint(address="x@y.example", about="<x@y.example>"))
    assert (event.kind, event.needs_human) == ("complaint", True)
    assert not Suppression.objects.exists()


def test_a_report_that_is_not_understood_asks_for_a_person_when_it_is_about_us() -> None:
    sent_to()
    event = receive(answer("Something happened.", sender="MAILER-DAEMON@mx.acme.example", subject="Notice"))
    assert (event.kind, event.needs_human) == ("unknown", True)


def test_a_bounce_after_a_reply_is_written_down_too() -> None:
    message = sent_to()
    receive(answer())
    assert receive(bounce()).kind == "hard"
    assert state_of(message) == ("stopped", "replied")
    assert set(AddressOutcome.objects.values_list("kind", flat=True)) == {"replied", "bounced"}
