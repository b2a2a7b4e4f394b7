from datetime import timedelta

import pytest

from outreach import bounce_mime, matching
from outreach.matching import NOTHING
from outreach.models import Event, Message

from .coming_back import ADA, OURS, another_address, colleague_of, sent_in, sent_to

pytestmark = pytest.mark.django_db
Match = Event.Match


def test_the_nearest_of_the_ids_that_is_ours_counts() -> None:
    first = sent_to()
    second = sent_in(colleague_of(first), message_id="<second@sender.example>")
    ids = ("<strange@x.example>", "<second@sender.example>", OURS)
    assert matching.by_ids(ids) == second
    assert matching.by_ids(()) is None


def test_an_id_that_a_mail_service_put_in_place_of_ours_is_found() -> None:
    message = sent_to(provider_id="0100018c-aaaa-bbbb")
    assert matching.by_ids(["<0100018c-aaaa-bbbb@mail.service.example>"]) == message
    assert matching.by_ids(["<strange@x.example>", "<0100018c-aaaa-bbbb>"]) == message
    Message.objects.update(provider_id="")
    assert matching.by_ids(["<@mail.service.example>"]) is None


def test_headers_go_before_the_address_and_the_address_before_the_domain() -> None:
    first = sent_to()
    second = sent_in(colleague_of(first), message_id="<second@sender.example>")
    found = matching.of_answer(("<second@sender.example>",), ADA)
    assert (found.how, found.message) == (Match.HEADERS, second)
    found = matching.of_answer(("<strange@x.example>",), ADA)
    assert (found.how, found.message) == (Match.ADDRESS, first)
    found = matching.of_answer((), "somebody@www.acme.example")
    assert (found.how, found.message, found.brand) == (Match.DOMAIN, None, first.enrolment.contact.brand)
    assert matching.of_answer((), "somebody@elsewhere.example") == NOTHING


def test_an_address_is_compared_in_its_normal_form() -> None:
    message = sent_to()
    assert matching.of_address(" ADA@Acme.Example ").message == message


def test_the_latest_message_to_an_address_counts() -> None:
    old = sent_to()
    new = sent_in(old.enrolment, message_id="<second@sender.example>", sent_at=old.sent_at + timedelta(hours=2))
    perhaps = sent_in(
        old.enrolment,
        message_id="<third@sender.example>",
        state="unknown",
        sent_at=None,
        claimed_at=old.sent_at + timedelta(hours=1),
    )
    assert matching.of_address(ADA).message == new
    Message.objects.filter(pk=new.pk).update(state="failed")
    assert matching.of_address(ADA).message == perhaps
    assert matching.latest_of(old.enrolment.contact) == perhaps


def test_a_report_never_goes_by_an_address_that_was_not_written_to() -> None:
    message = sent_to()
    another_address(message.enrolment.contact, "adae@acme.example")
    assert matching.of_report((), "adae@acme.example") == NOTHING
    assert matching.of_report((), "office@acme.example") == NOTHING
    assert matching.of_answer((), "adae@acme.example").message == message


def test_of_several_recipients_only_ours_goes_by_the_ids() -> None:
    message = sent_to()
    assert matching.of_report((OURS,), ADA, alone=False).message == message
    assert matching.of_report((OURS,), "joan@acme.example", alone=False) == NOTHING
    assert matching.of_report((OURS,), "joan@acme.example").message == message


@pytest.mark.parametrize("address", ["", "x", "@", "x@", "x@localhost", "x@gmail.com", "x@co.uk", "x@[127.0.0.1]"])
def test_what_has_no_company_belongs_to_nobody(address: str) -> None:
    sent_to()
    assert matching.of_answer((), address) == NOTHING


def test_a_service_names_a_message_by_our_id_or_by_its_own() -> None:
    message = sent_to(provider_id="service-1")
    assert matching.by_service(str(message.pk), "") == message
    assert matching.by_service(None, "service-1") == message
    assert matching.by_service("garbage", "service-1") == message
    assert matching.by_service(["a"], OURS) == message
    assert matching.by_service({}, "service-2") is None


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("Ada <ada@acme.example>", "ada@acme.example"),
        ("ada@acme.example", "ada@acme.example"),
        ('"joan@acme.example" <ada@acme.example>', "ada@acme.example"),
        ("=?utf-8?q?Ad=C3=A9?= <ada@acme.example>", "ada@acme.example"),
        ("Ada <>", ""),
        ("nobody", ""),
        ("Ada <ada@localhost>", ""),
        ("", ""),
    ],
)
def test_the_sender_of_a_mail(header: str, address: str) -> None:
    mail = bounce_mime.read(f"From: {header}\n\nHello".encode())
    assert matching.sender_of(mail) == address
