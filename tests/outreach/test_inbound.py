import pytest
from django.db import connection

from crm import suppression
from crm.models import AddressOutcome
from outreach import inbound, matching
from outreach.models import Enrolment, Event, Message
from tests.racing import race

from .coming_back import ADA, OURS, answer, bounce, sent_to
from .factories import MailboxFactory

pytestmark = pytest.mark.django_db
MAILBOX = Event.Source.MAILBOX


def receive(raw: bytes, key: str = "") -> list[Event]:
    return inbound.receive(raw, source=MAILBOX, key=key or inbound.key_of(raw))


def test_a_mail_counts_once_however_often_and_by_whichever_way_it_comes() -> None:
    sent_to()
    raw = answer()
    assert len(receive(raw)) == 1
    again = b"Received: from elsewhere\r\nX-Spam: no\r\nDelivered-To: grace@sender.example\r\n" + raw
    assert inbound.receive(again, source=Event.Source.WEBHOOK, key=inbound.key_of(again)) == []
    assert Event.objects.count() == 1
    assert AddressOutcome.objects.count() == 1


def test_line_ends_and_an_html_copy_make_no_other_mail_of_it() -> None:
    raw = answer()
    assert inbound.key_of(raw) == inbound.key_of(raw.replace(b"\n", b"\r\n"))


def test_two_mails_have_two_keys() -> None:
    assert inbound.key_of(answer("Yes")) != inbound.key_of(answer("Yes"))  # each has a Message-ID of its own
    assert inbound.key_of(b"From: ada@acme.example\n\nYes") != inbound.key_of(b"From: ada@acme.example\n\nNo")


def test_each_recipient_of_a_report_is_an_event_and_only_ours_are_acted_upon() -> None:
    message = sent_to()
    raw = bounce().replace(
        b"\r\n\r\nFinal-Recipient",
        b"\r\n\r\nFinal-Recipient: rfc822; joan@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 No such user here\r\n\r\nFinal-Recipient",
        1,
    )
    joan, ada = receive(raw, "two")
    assert (joan.key, ada.key) == ("two", "two:1")
    assert (joan.kind, joan.message, joan.needs_human) == (Event.Kind.HARD, None, True)
    assert (ada.kind, ada.message) == (Event.Kind.HARD, message)
    assert suppression.suppressed([ADA, "joan@acme.example"]) == {ADA}


@pytest.mark.parametrize("state", ["sent", "unknown", "sending"])
def test_what_perhaps_went_out_is_matched(state: str) -> None:
    message = sent_to(state=state)
    assert receive(answer(sender="other@elsewhere.example"))[0].message == message


@pytest.mark.parametrize("state", ["planned", "held", "cancelled", "failed"])
def test_what_did_not_go_out_is_not_matched(state: str) -> None:
    sent_to(state=state, email=ADA)
    (event,) = receive(bounce())
    assert (event.message, event.needs_human) == (None, True)
    assert not suppression.suppressed([ADA])


def test_a_copy_of_our_own_message_and_a_colleagues_mail_are_no_replies() -> None:
    message = sent_to()
    MailboxFactory(address="grace@sender.example")
    own = answer(sender="Grace <grace@sender.example>", answers="").replace(b"In-Reply-To", b"X-Nothing")
    assert [event.kind for event in receive(own)] == [Event.Kind.UNKNOWN]
    colleague = answer(sender="GRACE@sender.example")
    assert [event.kind for event in receive(colleague)] == [Event.Kind.UNKNOWN]
    assert Event.objects.filter(needs_human=True).count() == 0
    assert Enrolment.objects.get(pk=message.enrolment_id).state == "active"


def test_mail_that_has_nothing_to_do_with_us_leaves_no_personal_data() -> None:
    sent_to()
    (event,) = receive(answer("Buy now!", sender="Shop <news@shop.example>", answers="", subject="Sale"))
    assert (event.kind, event.matched, event.needs_human) == (Event.Kind.REPLY, "", False)
    assert (event.email, event.email_index, event.subject, event.text) == (None, None, None, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b"\xff\xfe\xfd",
        b"From: " + b"<" * 5000 + b"@\n\nHello",
        b'From: "a@b.example" <>\nDate: Mon, 99 Foo 99999 99:99:99 +9999\nIn-Reply-To: <\x00@x>\n\nHello',
        b"From: ada@acme.example\nSubject: =?utf-8?b?/////w==?= \x00\nIn-Reply-To: " + OURS.encode() + b"\n\n\xed\xa0",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 400,
        b"From: ada@acme.example\nDate: Thu, 1 Jan 1970 00:00:00 -2359\n\nHello",
        b"From: ada@acme.example\nDate: Thu, 31 Dec 9999 23:59:59 -1200\n\nHello",
        bounce().replace(b"ada@acme.example", b"ada@" + b"a" * 3000),
        bounce().replace(b"5.1.1", b"5." + b"1" * 900),
    ],
)
def test_a_hostile_mail_is_one_event_and_raises_nothing(raw: bytes) -> None:
    sent_to()
    events = receive(raw)
    assert len(events) == 1
    events[0].refresh_from_db()


def test_thirty_megabytes_are_cut_before_they_are_read() -> None:
    sent_to()
    raw = answer("Yes, please.") + b"\n" + b"x" * 30_000_000
    (event,) = receive(raw)
    assert event.kind == Event.Kind.REPLY
    assert event.text is not None
    assert len(event.text) <= inbound.MAX_TEXT


def test_the_senders_name_is_not_taken_for_the_address() -> None:
    message = sent_to()
    raw = answer(sender='"ada@acme.example" <mallory@evil.example>', answers="", subject="Hello")
    (event,) = receive(raw)
    assert event.message is None
    assert Enrolment.objects.get(pk=message.enrolment_id).state == "active"


def test_a_mails_own_date_counts_within_reason() -> None:
    message = sent_to()
    early = answer().replace(b"Date:", b"X-Date:", 1)
    (event,) = receive(b"Date: Thu, 1 Jan 2015 10:00:00 +0000\r\n" + early)
    assert event.happened_at == message.sent_at


def test_everything_of_a_mail_is_undone_when_a_part_of_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    message = sent_to()
    monkeypatch.setattr("crm.history.record", _broken)
    with pytest.raises(RuntimeError):
        receive(answer())
    assert Event.objects.count() == AddressOutcome.objects.count() == 0
    assert Enrolment.objects.get(pk=message.enrolment_id).state == "active"


def _broken(*_args: object, **_options: object) -> None:
    raise RuntimeError("the history is broken")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_read_the_same_mail_at_once_one_writes_it_down() -> None:
    message = sent_to()
    raw = answer()
    results = race(4, lambda _: len(receive(raw)))
    assert sorted(results) == [0, 0, 0, 1]
    assert Event.objects.count() == 1
    assert message.enrolment.contact.history.filter(kind="replied").count() == 1
    assert connection.vendor in {"sqlite", "postgresql"}


@pytest.mark.django_db(transaction=True)
def test_answers_of_colleagues_at_once_do_not_block_each_other() -> None:
    first = sent_to()
    brand = first.enrolment.contact.brand
    others = [
        sent_to(f"person{n}@acme.example", message_id=f"<other{n}@sender.example>", brand=brand) for n in range(3)
    ]
    mails = [answer(sender=m.email or "", answers=m.message_id or "") for m in [first, *others]]
    race(4, lambda n: receive(mails[n]))
    assert Event.objects.filter(kind="reply", message__isnull=False).count() == 4
    assert set(Enrolment.objects.values_list("stop_reason", flat=True)) == {"replied"}


def test_a_refusal_while_sending_is_read_like_a_bounce() -> None:
    message = sent_to(state="failed", sent_at=None)
    event = inbound.record_smtp_refusal(message, 550, "5.1.1 <ada@acme.example>: no such user")
    assert event is not None
    assert (event.kind, event.source, event.status, event.message) == ("hard", "smtp", "5.1.1", message)
    assert suppression.suppressed([ADA]) == {ADA}
    assert Enrolment.objects.get(pk=message.enrolment_id).stop_reason == "bounced"
    assert inbound.record_smtp_refusal(message, 550, "5.1.1 no such user") is None


def test_a_refusal_for_our_reputation_pauses_the_sender_and_suppresses_nobody() -> None:
    message = sent_to(state="failed", sent_at=None)
    event = inbound.record_smtp_refusal(message, 554, "5.7.1 Your address is listed by a block list (Spamhaus)")
    assert event is not None
    assert (event.kind, event.needs_human) == ("blocked", True)
    assert not suppression.suppressed([ADA])
    assert message.mailbox is not None
    message.mailbox.refresh_from_db()
    assert message.mailbox.paused_at is not None


def test_a_refusal_that_says_nothing_asks_for_a_person() -> None:
    message = sent_to(state="failed", sent_at=None)
    event = inbound.record_smtp_refusal(message, 0, "")
    assert event is not None
    assert (event.kind, event.needs_human) == ("unknown", True)


def test_one_message_that_is_refused_again_and_again_is_one_soft_bounce() -> None:
    message = sent_to(state="failed", sent_at=None)
    for attempt in range(1, 6):
        message.attempts = attempt
        event = inbound.record_smtp_refusal(message, 452, "4.2.2 mailbox full")
        assert event is not None
        assert event.kind == "soft"
    assert not suppression.suppressed([ADA])


def test_a_report_by_the_message_id_alone_is_matched() -> None:
    message = sent_to()
    assert matching.of_report((OURS,), "").message == message
    assert Message.objects.filter(message_id=OURS).count() == 1
