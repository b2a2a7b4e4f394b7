from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from crm import suppression
from crm.models import AddressOutcome, Contact, HistoryEntry, Suppression
from outreach import inbound, inbound_replies
from outreach.models import Enrolment, Event, Message

from .coming_back import ADA, another_address, answer, away, colleague_of, sent_in, sent_to

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime(2026, 11, 18, 15, tzinfo=UTC)


def receive(raw: bytes) -> Event:
    (event,) = inbound.receive(raw, source=Event.Source.MAILBOX, key=inbound.key_of(raw))
    event.refresh_from_db()
    return event


def state_of(enrolment: Enrolment) -> tuple[str, str, str]:
    enrolment.refresh_from_db()
    return enrolment.state, enrolment.stop_reason, enrolment.pause_reason


def due(message: Message) -> datetime:
    return message.enrolment.messages.get(state="planned").due_at


def test_a_reply_stops_the_sequence_and_asks_for_a_person() -> None:
    message = sent_to()
    event = receive(answer("Yes, please call me.\n\n> A question for Acme."))
    assert (event.kind, event.matched, event.message) == ("reply", "headers", message)
    assert (event.needs_human, event.text, event.email) == (True, "Yes, please call me.", ADA)
    assert event.subject == "Re: A question"
    assert state_of(message.enrolment) == ("stopped", "replied", "")
    assert Contact.objects.get().relationship_status == "Replied"
    assert AddressOutcome.objects.get().kind == "replied"
    assert not Suppression.objects.exists()
    assert HistoryEntry.objects.filter(kind="replied").count() == 1


@pytest.mark.parametrize("status", ["Customer", "Closed"])
def test_a_reply_does_not_take_back_what_a_contact_became(status: str) -> None:
    message = sent_to()
    Contact.objects.filter(pk=message.enrolment.contact_id).update(relationship_status=status)
    receive(answer())
    assert Contact.objects.get().relationship_status == status


def test_colleagues_wait_until_a_person_has_looked() -> None:
    message = sent_to()
    colleague, stranger = colleague_of(message), sent_to("x@other.example", message_id="<x@s>", domain="other.example")
    receive(answer())
    assert state_of(colleague) == ("paused", "", "a colleague replied")
    assert state_of(stranger.enrolment)[0] == "active"


def test_a_reply_stops_every_sequence_of_the_contact() -> None:
    message = sent_to()
    other = sent_in_another_sequence(message)
    receive(answer())
    assert state_of(other) == ("stopped", "replied", "")


def sent_in_another_sequence(message: Message) -> Enrolment:
    from .factories import EnrolmentFactory

    enrolment: Enrolment = EnrolmentFactory(address=message.enrolment.address, state="paused", pause_reason="by hand")
    return enrolment


def test_a_reply_without_headers_is_found_by_the_address_and_the_latest_message_to_it() -> None:
    old = sent_to()
    new = sent_in(sent_in_another_sequence(old), message_id="<second@sender.example>")
    Message.objects.filter(pk=old.pk).update(sent_at=new.sent_at - timedelta(days=30))
    event = receive(answer(answers="", sender=ADA.upper()))
    assert (event.matched, event.message) == ("address", new)


def test_a_reply_from_the_contacts_other_address_is_found() -> None:
    message = sent_to()
    another_address(message.enrolment.contact, "ada.private@gmail.com")
    event = receive(answer(answers="", sender="ada.private@gmail.com"))
    assert (event.matched, event.message) == ("address", message)


def test_a_forwarded_reply_of_somebody_else_is_found_by_its_headers() -> None:
    message = sent_to()
    event = receive(answer(sender="boss@holding.example"))
    assert (event.message, event.email) == (message, "boss@holding.example")


def test_somebody_else_at_the_company_goes_to_a_person_and_stops_nobody() -> None:
    message = sent_to()
    event = receive(answer(answers="", sender="office@mail.acme.example", subject="Your letter"))
    assert (event.matched, event.message, event.contact) == ("domain", None, None)
    assert event.brand == message.enrolment.contact.brand
    assert event.needs_human
    assert event.text
    assert state_of(message.enrolment) == ("paused", "", "a reply from the company")
    assert not AddressOutcome.objects.exists()


def test_a_free_mail_domain_is_no_company() -> None:
    message = sent_to("ada@gmail.com", domain="gmail.com")
    event = receive(answer(answers="", sender="mallory@gmail.com"))
    assert (event.matched, event.brand) == ("", None)
    assert state_of(message.enrolment)[0] == "active"


def test_a_company_that_was_never_written_to_is_not_matched() -> None:
    colleague = colleague_of(sent_to(state="planned", sent_at=None, claimed_at=None))
    event = receive(answer(answers="", sender="office@acme.example"))
    assert event.matched == ""
    assert state_of(colleague)[0] == "active"


def test_an_answer_to_something_unknown_asks_for_a_person() -> None:
    event = receive(answer(answers="<gone@sender.example>", sender="bob@elsewhere.example"))
    assert (event.matched, event.needs_human) == ("", True)
    assert (event.text, event.email) == ("Yes, please call me.", "bob@elsewhere.example")


def test_a_long_reply_is_cut() -> None:
    sent_to()
    text = receive(answer("word word word word\n" * 20_000)).text
    assert text is not None
    assert 10_000 < len(text) <= 20_000


def test_who_wants_no_more_mail_is_suppressed_at_both_addresses() -> None:
    message = sent_to()
    event = receive(answer("Please unsubscribe me.", sender="ada@home.example"))
    assert (event.reason, event.sentiment, event.needs_human) == ("opted_out", "negative", False)
    assert suppression.suppressed([ADA, "ada@home.example"]) == {ADA, "ada@home.example"}
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"unsubscribed"}
    assert state_of(message.enrolment) == ("stopped", "opted out", "")


def test_an_opt_out_at_a_company_with_others_in_sequences_needs_a_person() -> None:
    message = sent_to()
    colleague = colleague_of(message)
    event = receive(answer("Remove me from your list"))
    assert (event.sentiment, event.needs_human) == ("negative", True)
    assert state_of(colleague)[0] == "paused"


def test_an_opt_out_of_nobody_we_know_is_heeded() -> None:
    event = receive(answer("unsubscribe", answers="", sender="bob@elsewhere.example", subject="unsubscribe"))
    assert event.needs_human
    assert suppression.suppressed(["bob@elsewhere.example"]) == {"bob@elsewhere.example"}


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until 4 December 2026.",
        "Ich bin bis zum 4. Dezember 2026 nicht im Büro.",
        "Je suis absent du bureau jusqu'au 4 décembre 2026.",
        "Estaré fuera de la oficina hasta el 4 de diciembre de 2026.",
        "Sono fuori ufficio fino al 4 dicembre 2026.",
        "Ik ben afwezig tot 4 december 2026.",
    ],
)
@time_machine.travel(WEDNESDAY, tick=False)
def test_an_absence_note_postpones_to_the_workday_after_it_and_is_no_reply(text: str) -> None:
    message = sent_to()
    colleague = colleague_of(message)
    event = receive(away(text))
    assert (event.kind, event.needs_human) == ("auto_reply", False)
    assert due(message).date() == date(2026, 12, 7)
    assert state_of(message.enrolment)[0] == state_of(colleague)[0] == "active"
    assert Contact.objects.filter(relationship_status="Replied").count() == 0
    assert not AddressOutcome.objects.exists()


@time_machine.travel(WEDNESDAY, tick=False)
def test_an_absence_without_an_end_postpones_by_three_workdays() -> None:
    message = sent_to()
    receive(away("Thank you for your message. I am out of the office."))
    assert due(message).date() == date(2026, 11, 23)


def test_the_days_of_an_absence() -> None:
    today, back = date(2026, 11, 18), inbound_replies.back_on
    assert back(None, today, "DE") == date(2026, 11, 23)
    assert back(date(2026, 11, 2), today, "DE") == date(2026, 11, 23)
    assert back(date(2026, 12, 4), today, "DE") == date(2026, 12, 7)
    assert back(date(2027, 11, 1), today, "DE") == date(2027, 1, 18)
    assert back(None, date(2026, 12, 24), "DE") == date(2026, 12, 30)  # after Christmas and a weekend


@time_machine.travel(WEDNESDAY, tick=False)
def test_an_absence_note_does_not_wake_what_was_stopped_and_a_read_receipt_postpones_nothing() -> None:
    message = sent_to()
    before = due(message)
    receipt = answer("Your message was displayed.", answers="<first@sender.example>").replace(
        b"Content-Type: text/plain", b"Content-Type: multipart/report; report-type=disposition-notification", 1
    )
    assert receive(receipt).kind == "auto_reply"
    assert due(message) == before
    receive(answer())
    receive(away("I am out of the office until 4 December 2026."))
    assert state_of(message.enrolment) == ("stopped", "replied", "")


def test_an_absence_note_of_somebody_else_at_the_company_pauses_nobody() -> None:
    message = sent_to()
    event = receive(away("I am away.", answers="", sender="office@acme.example"))
    assert (event.kind, event.matched, event.needs_human) == ("auto_reply", "domain", False)
    assert state_of(message.enrolment)[0] == "active"


def test_the_text_of_a_reply_is_not_readable_in_the_database() -> None:
    from django.db import connection

    sent_to()
    event = receive(answer("A secret plan"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outreach_event")
        rows = str(cursor.fetchall())
    assert event.text == "A secret plan"
    assert "secret" not in rows
    assert ADA not in rows
