"""Messages that went out, and the mails that come back of them."""

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from django.utils import timezone

from crm.models import Contact, ContactAddress
from outreach.models import Message
from tests.factories import BrandFactory

from .factories import AddressFactory, EnrolmentFactory, MessageFactory, ReachableFactory, StepFactory

ADA, OURS = "ada@acme.example", "<first@sender.example>"


def sent_to(email: str = ADA, *, message_id: str = OURS, domain: str = "acme.example", **fields: Any) -> Message:
    """Return a message that went out yesterday, with one planned after it."""
    brand = fields.pop("brand", None) or BrandFactory(name="Acme", domain=domain)
    address = AddressFactory(
        email=email, contact=ReachableFactory(brand=brand), probability=0.91, verification_method="smtp_ping"
    )
    return sent_in(EnrolmentFactory(address=address), message_id=message_id, **fields)


def sent_in(enrolment: Any, *, message_id: str = OURS, **fields: Any) -> Message:
    """Return a message of an enrolment that went out yesterday, with one planned after it."""
    yesterday = timezone.now() - timedelta(days=1)
    values = {"state": "sent", "sent_at": yesterday, "claimed_at": yesterday, "due_at": yesterday}
    values |= {"email": enrolment.address.email, "subject": "A question", "body": "Hello", "message_id": message_id}
    message = MessageFactory(enrolment=enrolment, step=StepFactory(version=enrolment.version), **(values | fields))
    MessageFactory(
        enrolment=enrolment,
        step=StepFactory(version=enrolment.version),
        due_at=timezone.now() + timedelta(days=1),
    )
    return message


def colleague_of(message: Message, email: str = "joan@acme.example") -> Any:
    """Return the active enrolment of somebody else at the company, to whom nothing went out yet."""
    address = AddressFactory(email=email, contact=ReachableFactory(brand=message.enrolment.contact.brand))
    return EnrolmentFactory(address=address, version=message.enrolment.version, mailbox=message.mailbox)


def another_address(contact: Contact, email: str, probability: float | None = 0.31) -> ContactAddress:
    return AddressFactory(contact=contact, email=email, is_primary=False, probability=probability)


def answer(
    text: str = "Yes, please call me.",
    *,
    sender: str = f"Ada Example <{ADA}>",
    answers: str = OURS,
    subject: str = "Re: A question",
    **headers: str,
) -> bytes:
    """Return a person's answer; `answers` "" for one that answers nothing. `headers`: Auto_Submitted="auto-replied"."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "grace@sender.example", subject
    mail["Date"], mail["Message-ID"] = format_datetime(timezone.now()), make_msgid(domain="acme.example")
    if answers:
        mail["In-Reply-To"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def away(text: str, **options: str) -> bytes:
    return answer(text, subject="Automatic reply: A question", Auto_Submitted="auto-replied", **options)


def bounce(
    said: str = "550 5.1.1 No such user here", *, address: str = ADA, about: str = OURS, status: str = ""
) -> bytes:
    """Return a delivery report (RFC 3464) about a message of ours; `about` "" leaves its Message-ID out."""
    return _report(
        f"Reporting-MTA: dns; mx.acme.example\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: failed\r\n"
        f"Status: {status or said.split()[1]}\r\nDiagnostic-Code: smtp; {said}\r\n",
        "delivery-status",
        address,
        about,
    )


def complaint(address: str = ADA, about: str = OURS) -> bytes:
    """Return a feedback report (RFC 5965) about a message of ours."""
    told = f"Feedback-Type: abuse\r\nUser-Agent: Loop/1\r\nVersion: 1\r\nOriginal-Rcpt-To: {address}\r\n"
    return _report(told, "feedback-report", address, about)


def _report(told: str, kind: str, address: str, about: str) -> bytes:
    sender = "MAILER-DAEMON@mx.acme.example" if kind == "delivery-status" else "feedback@mx.acme.example"
    lines = [
        f"From: Mail Delivery System <{sender}>",
        "To: grace@sender.example",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(timezone.now())}",
        f"Message-ID: {make_msgid(domain='mx.acme.example')}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="part"',
        "",
        "--part",
        "Content-Type: text/plain",
        "",
        "This is a report about a message of yours.",
        "",
        "--part",
        f"Content-Type: message/{kind}",
        "",
        told,
        "--part",
        "Content-Type: text/rfc822-headers",
        "",
        *([f"Message-ID: {about}"] if about else []),
        f"To: {address}",
        "Subject: A question",
        "",
        "--part--",
        "",
    ]
    return "\r\n".join(lines).encode()
