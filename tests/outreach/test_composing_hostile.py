"""Names and addresses that could break a mail, or say more than they should."""

from typing import Any

import pytest

from outreach import composing
from tests.kit.received import Reader, body, wire
from tests.outreach.factories import MessageFactory

pytestmark = pytest.mark.django_db

PUBLIC = "https://outreach.sender.example"


@pytest.fixture(autouse=True)
def _public_url(settings: Any) -> None:
    settings.OUTREACH_PUBLIC_URL = PUBLIC


HOSTILE = [
    "Ada\r\nBcc: eve@acme.example",
    "Ada\nBcc: eve@acme.example\n\nBody",
    "Ada\x00\x0b\x85\u2028Bcc: eve@acme.example",
    "Ada\u202eelpmaxe\u2066",
    "👩‍🚀 Ada 🚀",
    '"Ada" <eve@acme.example>, eve',
    "=?utf-8?q?Ada=0ABcc:_eve?=",
    "<script>alert(1)</script>",
    "Ä" * 300,
    "A" * 2000,
    "עדה",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:12]))
def test_no_name_adds_a_header_or_breaks_the_mail(name: str) -> None:
    message = MessageFactory(
        step__template__subject="For {{ first_name }} at {{ company }}",
        step__template__body=f"Hello {{{{ first_name }}}}.\n{'x' * 1500}",
    )
    # Not stored: some are longer than a column, or hold what a database refuses.
    contact, mailbox = message.enrolment.contact, message.mailbox
    contact.first_name = contact.brand.name = mailbox.company = mailbox.signature = name
    mailbox.sender_name = name[:100]
    received = wire(message)
    expected = ["Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe"]
    assert list(received.keys()) == [*expected, "List-Unsubscribe-Post"]
    assert len(received["From"].addresses) == len(received["To"].addresses) == 1
    assert received["From"].addresses[0].addr_spec == message.mailbox.address
    assert received["To"].addresses[0].addr_spec == message.enrolment.address.email
    assert len(received["Subject"].strip()) <= composing.MAX_SUBJECT
    html = Reader(body(received, "html"))
    assert set(html.tags) <= {"html", "head", "meta", "body", "p", "br", "a", "hr", "div"}
    known = (f"{PUBLIC}/unsubscribe/", f"{PUBLIC}/privacy/", "https://www.acme.example/team")
    assert all(link.startswith(known) for link in html.links)


def test_names_in_any_letters_arrive() -> None:
    message = MessageFactory(
        enrolment__address__contact__first_name="Zoë",
        enrolment__mailbox__sender_name="Søren Ćwik, 大阪",
        step__template__subject="Für {{ first_name }} 🚀",
    )
    received = wire(message)
    assert received["From"].addresses[0].display_name == "Søren Ćwik, 大阪"
    assert received["Subject"] == "Für Zoë 🚀"


def test_international_domains_are_written_as_dns_knows_them() -> None:
    message = MessageFactory(
        enrolment__address__email="Ada.Example@bücher.example", enrolment__mailbox__address="grace@müller.example"
    )
    received = wire(message)
    assert received["To"] == "Ada.Example@xn--bcher-kva.example"
    assert received["From"].addresses[0].domain == "xn--mller-kva.example"
    assert received["Message-ID"].endswith("@xn--mller-kva.example>")
    assert "<mailto:grace@xn--mller-kva.example?subject=unsubscribe>" in received["List-Unsubscribe"]
