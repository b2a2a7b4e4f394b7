import pytest
from django.contrib.auth.models import User

from crm import suppression
from crm.models import AddressOutcome
from outreach import handling, inbound
from outreach.models import Enrolment, Event

from .coming_back import ADA, another_address, answer, bounce, colleague_of, sent_to
from .factories import AddressFactory

pytestmark = pytest.mark.django_db


def receive(raw: bytes) -> Event:
    (event,) = inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    return event


def test_what_is_handled_is_off_the_list_and_says_by_whom(user: User) -> None:
    sent_to()
    event = receive(answer())
    assert list(handling.waiting()) == [event]
    handling.mark_handled(event, user)
    assert not handling.waiting().exists()
    first = event.handled_at
    assert (event.handled_by, first is not None) == (user, True)
    handling.mark_handled(event, None)
    assert (event.handled_by, event.handled_at) == (user, first)


def test_handling_a_reply_may_let_those_go_on_who_waited_because_of_it(user: User) -> None:
    message = sent_to()
    colleague = colleague_of(message)
    by_hand = colleague_of(message, "alan@acme.example")
    Enrolment.objects.filter(pk=by_hand.pk).update(state="paused", pause_reason="on holiday")
    event = receive(answer())
    handling.mark_handled(event, user)
    colleague.refresh_from_db()
    assert colleague.state == "paused"
    handling.mark_handled(event, user, resume=True)
    colleague.refresh_from_db()
    by_hand.refresh_from_db()
    assert (colleague.state, by_hand.state) == ("active", "paused")


def test_a_reply_gets_its_meaning_from_a_person(user: User) -> None:
    sent_to()
    event = receive(answer())
    handling.set_sentiment(event, "positive", user)
    assert event.sentiment == "positive"
    handling.set_sentiment(event, "", user)
    assert event.sentiment == ""
    with pytest.raises(ValueError, match="A reply is positive, neutral, negative, not “nice”"):
        handling.set_sentiment(event, "nice", user)
    with pytest.raises(ValueError, match="Only a reply can be positive"):
        handling.set_sentiment(receive(bounce()), "positive", user)


def test_a_reply_that_nobody_was_found_for_is_given_to_a_contact(user: User) -> None:
    message = sent_to()
    colleague = colleague_of(message)
    event = receive(answer(answers="<gone@sender.example>", sender="ada@private.example"))
    handling.assign(event, message.enrolment.contact, user)
    assert (event.contact, event.enrolment, event.message) == (message.enrolment.contact, message.enrolment, message)
    assert event.brand == message.enrolment.contact.brand
    assert event.needs_human
    assert Enrolment.objects.get(pk=message.enrolment_id).stop_reason == "replied"
    colleague.refresh_from_db()
    assert colleague.pause_reason == "a colleague replied"
    assert not AddressOutcome.objects.exists()  # it came from an address that we did not write to
    with pytest.raises(ValueError, match="belongs to Ada"):
        handling.assign(event, message.enrolment.contact, user)


def test_a_reply_of_the_company_is_given_to_a_contact_who_was_never_written_to(user: User) -> None:
    message = sent_to()
    other = colleague_of(message)
    event = receive(answer(answers="", sender="office@acme.example"))
    handling.assign(event, other.contact, user)
    other.refresh_from_db()
    assert (event.contact, event.message) == (other.contact, None)
    assert (other.state, other.stop_reason) == ("stopped", "replied")


def test_an_opt_out_that_is_given_to_a_contact_suppresses_where_it_was_written_to(user: User) -> None:
    message = sent_to()
    event = receive(answer("Please remove me from your list.", answers="", sender="ada@private.example"))
    assert suppression.suppressed([ADA, "ada@private.example"]) == {"ada@private.example"}
    handling.assign(event, message.enrolment.contact, user)
    assert suppression.suppressed([ADA]) == {ADA}
    assert Enrolment.objects.get(pk=message.enrolment_id).stop_reason == "opted out"
    assert event.sentiment == "negative"


def test_a_bounce_cannot_be_given_to_a_contact(user: User) -> None:
    message = sent_to()
    event = receive(bounce(address="x@y.example", about="<x@y.example>"))
    with pytest.raises(ValueError, match="Only a reply can be assigned"):
        handling.assign(event, message.enrolment.contact, user)


def test_after_a_bounce_the_sequence_begins_again_with_the_next_address(user: User) -> None:
    message = sent_to()
    following = another_address(message.enrolment.contact, "adae@acme.example")
    event = receive(bounce())
    enrolment = handling.continue_with_next(event, user)
    assert enrolment.pk != message.enrolment_id
    assert (enrolment.sequence, enrolment.address) == (message.enrolment.sequence, following)
    assert enrolment.messages.exists()
    assert (event.handled_by, handling.waiting().count()) == (user, 0)
    with pytest.raises(ValueError, match="handled already"):
        handling.continue_with_next(event, user)
    assert Enrolment.objects.count() == 2


def test_an_address_that_was_entered_after_the_bounce_is_used(user: User) -> None:
    message = sent_to()
    event = receive(bounce())
    with pytest.raises(ValueError, match="No other address of Ada"):
        handling.continue_with_next(event, user)
    new = AddressFactory(contact=message.enrolment.contact, email="new@acme.example", is_primary=False)
    assert handling.continue_with_next(event, user).address == new


def test_there_is_no_next_address_without_a_bounce_or_a_contact(user: User) -> None:
    sent_to()
    with pytest.raises(ValueError, match="Only after a bounce"):
        handling.continue_with_next(receive(answer()), user)
    with pytest.raises(ValueError, match="not known whose address"):
        handling.continue_with_next(receive(bounce(address="x@y.example", about="<x@y.example>")), user)
