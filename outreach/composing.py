"""The whole mail as it goes out: text, signature, legal footer, HTML alternative and headers. Nothing is stored here.

No header takes more than one line, whatever a contact is called, and every address has a domain as DNS knows it.
"""

from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from urllib.parse import quote
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from core.hosts import host_name
from crm.models import Contact, ContactAddress

from . import footers, html_part, notice_links, notices_due, texts, threads, unsubscribing
from .models import Channel, Mailbox, Message, Template, Variant
from .rendering import one_line
from .texts import Text

NO_SENDER = "There is no sender. Open Outreach, Mailboxes, and add the one to write from."
NO_ADDRESS = "The contact has no address to write to."
BAD_ADDRESS = (
    "The contact's address cannot be written to: check its spelling. Before the @ only plain letters may stand."
)
BAD_SENDER = (
    "The sender's address cannot be written from: check its spelling. Before the @ only plain letters may stand."
)
NO_SUBJECT = "The e-mail has no subject, and there is none before it to follow up: write one into the template."
NO_BODY = "The text is empty: write one into the template."

MAX_SUBJECT = 250  # characters; a header's line holds 998 octets (RFC 5322 section 2.1.1)

# A preview must not hold a link that unsubscribes the person it is about.
NOWHERE = "…"


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail, all of it as it would go; when there is a `problem`, a sentence that says why, only that.

    `text` and `html` have signature and footer in them. `from_header` may hold any letters in its name, Django
    encodes them; `to` is a bare address. `message` is the id of the message. `notice` is what of the text tells the
    person what we know of them, when this is the mail that does. A message on LinkedIn has a `text` only.
    """

    subject: str = ""
    text: str = ""
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    from_header: str = ""
    to: str = ""
    message_id: str = ""
    problem: str = ""
    message: str = ""
    notice: str = ""


def compose(message: Message, mailbox: Mailbox | None) -> Composed:
    """Return the mail of a message as it would go from `mailbox` now.

    Whoever was not told yet what we know of them is told with it. Each call makes a Message-ID of its own, unless the
    message has one already. Two queries when step, template, experiment, variant, enrolment, contact, brand, address
    and user are loaded; three for a follow-up without a subject of its own to an e-mail that has not gone yet.
    """
    enrolment, key = message.enrolment, str(message.pk)
    text = texts.write_message(message, texts.values(enrolment.contact, enrolment.enrolled_by, mailbox))
    if text.problem or message.step.channel == Channel.LINKEDIN:
        return Composed(text=text.body, problem=text.problem, message=key)
    if mailbox is None or enrolment.address is None:
        return Composed(problem=NO_SENDER if mailbox is None else NO_ADDRESS, message=key)
    earlier = threads.sent_before(message)
    subject = text.subject.strip() or threads.follow_up_subject(message, mailbox, earlier)
    link = unsubscribing.url(enrolment.address.email)
    first = not notices_due.is_told(enrolment.contact_id)
    composed = _mail(Text(subject, text.body), enrolment.contact, enrolment.address, mailbox, link, first=first)
    if composed.problem:
        return replace(composed, message=key)
    return replace(
        composed,
        headers=list_headers(mailbox, link) | threads.headers(earlier),
        message_id=message.message_id or new_message_id(mailbox),
        message=key,
    )


def preview(
    wording: Template | Variant,
    contact: Contact,
    mailbox: Mailbox | None,
    user: User | None,
    channel: str = Channel.EMAIL,
) -> Composed:
    """Return how a template or variant reads for a contact, without headers and with a link that leads nowhere.

    Without a mailbox there is no footer. An empty subject stays empty: it depends on the e-mail before.
    """
    text = texts.fill(wording, channel, texts.values(contact, user, mailbox))
    if text.problem or channel == Channel.LINKEDIN:
        return Composed(text=text.body, problem=text.problem)
    address = contact.addresses.filter(is_primary=True).first()
    if mailbox is None:
        to = address.email if address else ""
        return Composed(_header(text.subject), text.body, html_part.render(text.body, "", ""), to=to)
    link = unsubscribing.link(NOWHERE)
    return _mail(text, contact, address, mailbox, link, subject_needed=False)


def plain(subject: str, text: str, to: str, mailbox: Mailbox, language: str) -> Composed:
    """Return a mail that is no message of a sequence: without signature and footer, answered by nobody's program."""
    sender, recipient = _ascii_address(mailbox.address), _ascii_address(to)
    if problem := _problem(subject, text, sender, recipient):
        return Composed(problem=problem)
    return Composed(
        subject=_short(_header(subject)),
        text=f"{text}\n",
        html=html_part.render(text, "", language),
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: nothing that is away answers it
        from_header=str(Address(_header(mailbox.sender_name), addr_spec=sender)),
        to=recipient or "",
        message_id=new_message_id(mailbox),
    )


def footer_of(contact: Contact, address: ContactAddress, mailbox: Mailbox, *, first: bool) -> str:
    """Return what stands below a mail to a contact at an address; with `first` it tells what we know of them."""
    language, email = footers.language_of(contact.region_code or contact.brand.region_code), address.email
    links = unsubscribing.url(email), notice_links.privacy_url(email)
    return _footer(contact, address, mailbox, language, links, first=first)


def new_message_id(mailbox: Mailbox) -> str:
    """Return a new Message-ID at the mailbox's domain (RFC 5322 section 3.6.4). Raises ValueError for a bad domain."""
    return f"<{uuid4()}@{host_name(mailbox.address.rpartition('@')[2])}>"


def as_email(composed: Composed, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """Return a composed mail for Django to send; mail services give `metadata` back with what they report."""
    email = EmailMultiAlternatives(
        subject=composed.subject,
        body=composed.text,
        from_email=composed.from_header,
        to=[composed.to],
        connection=connection,
        headers={"Message-ID": composed.message_id, **composed.headers},
    )
    email.attach_alternative(composed.html, "text/html")
    email.metadata = {"message": composed.message}  # type: ignore[attr-defined]  # django-anymail's
    return email


def _mail(
    text: Text,
    contact: Contact,
    address: ContactAddress | None,
    mailbox: Mailbox,
    link: str,
    *,
    subject_needed: bool = True,
    first: bool = False,
) -> Composed:
    """Return a mail without Message-ID and headers."""
    sender, to = _ascii_address(mailbox.address), _ascii_address(address.email) if address else ""
    problem = _problem(text.subject if subject_needed else "-", text.body, sender, to)
    if problem or sender is None:
        return Composed(problem=problem)
    language = footers.language_of(contact.region_code or contact.brand.region_code)
    shown = link == unsubscribing.link(NOWHERE)  # to whoever edits a text, not to the person
    notice_link = notice_links.link(NOWHERE) if shown or not address else notice_links.privacy_url(address.email)
    footer = _footer(contact, address, mailbox, language, (link, notice_link), first=first)
    signed = _signed(text.body, mailbox.signature)
    return Composed(
        subject=_short(_header(text.subject)),
        # Not below a line of “-- ”: mail programs fold away what follows it, and this has to be seen.
        text=f"{signed}\n\n{footer}\n",
        html=html_part.render(signed, footer, language),
        from_header=str(Address(_header(mailbox.sender_name), addr_spec=sender)),
        to=to or "",
        notice=footer if first else "",
    )


def _footer(
    contact: Contact,
    address: ContactAddress | None,
    mailbox: Mailbox,
    language: str,
    links: tuple[str, str],
    *,
    first: bool,
) -> str:
    """Return the footer; `links` are those to unsubscribe by and to what we know of the person."""
    origin = address.origin if address else ""
    return footers.footer(
        language,
        mailbox,
        texts.source_host(contact),
        links[0],
        origin=origin,
        notice_url=links[1],
        first=footers.first(contact, origin, language) if first else None,
    )


def _problem(subject: str, body: str, sender: str | None, to: str | None) -> str:
    """Return what keeps a mail from being made, in a sentence."""
    problems = {
        BAD_SENDER: sender is None,
        BAD_ADDRESS: to is None,
        NO_SUBJECT: not subject.strip(),
        NO_BODY: not body.strip(),
    }
    return next((sentence for sentence, wrong in problems.items() if wrong), "")


def _ascii_address(address: str) -> str | None:
    """Return an address with its domain as DNS knows it; None when SMTP without SMTPUTF8 (RFC 6531) cannot take it."""
    local, _, domain = address.strip().rpartition("@")
    try:
        spec = f"{local}@{host_name(domain)}"
        Address(addr_spec=spec)
        return spec if spec.isascii() else None
    except (ValueError, IndexError):  # the parser of some versions runs off the end of a broken address
        return None


def _signed(body: str, signature: str) -> str:
    """Return a text with the signature below it, once, also where the text ends with its first lines already."""
    body, lines = body.rstrip(), [line.rstrip() for line in signature.strip().splitlines()]
    written = [line.rstrip() for line in body.splitlines()]
    for length in range(len(lines), 0, -1):
        if written[-length:] == lines[:length]:
            return "\n".join([body, *lines[length:]])
    return "\n\n".join(filter(None, [body, "\n".join(lines)]))


def _header(value: str) -> str:
    """Return a value as one line that no mail program takes for an encoded word (RFC 2047), which could hide a line."""
    return one_line(value).replace("=?", "= ?")


def _short(subject: str) -> str:
    return subject if len(subject) <= MAX_SUBJECT else f"{subject[: MAX_SUBJECT - 1].rstrip()}…"


def list_headers(mailbox: Mailbox, link: str) -> dict[str, str]:
    """Return the ways to unsubscribe, by the link (one click where RFC 8058 allows it) and by mail (RFC 2369)."""
    by_mail = f"<mailto:{quote(_ascii_address(mailbox.address) or '', safe='@+')}?subject=unsubscribe>"
    headers = {"List-Unsubscribe": f"<{link}>, {by_mail}" if link else by_mail}
    if unsubscribing.one_click(link):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
