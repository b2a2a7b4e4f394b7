"""The notice of GDPR art. 14: all that a person has to be told of the data that we have from elsewhere.

It is made from what is stored of the contact and from the settings; the wordings are in notices.toml.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from django.conf import settings

from core import whereabouts
from crm import lawful_basis
from crm.models import Contact, ContactAddress

from . import footers, mail_services, mailboxes, notice_links, notice_sources, unsubscribing
from .models import Mailbox
from .rendering import one_line

Words = Mapping[str, str]

WORDINGS: Mapping[str, Words] = MappingProxyType(
    tomllib.loads(Path(__file__).with_name("notices.toml").read_text(encoding="utf-8"))
)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a notice; `apart`: to be shown set apart from the others (GDPR art. 21(4))."""

    heading: str
    lines: tuple[str, ...]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A whole notice; `language` (ISO 639-1) is the one it is written in, not always the recipient's."""

    language: str
    title: str
    sections: tuple[Section, ...]

    def as_text(self) -> str:
        """Return it as plain text, in paragraphs; what has to stand apart stands between lines."""
        return "\n\n".join(_paragraph(section) for section in self.sections)


def text_for(contact: Contact, address: ContactAddress | None, mailbox: Mailbox | None = None) -> NoticeText:
    """Return all that a contact has to be told, about what is known at `address` too.

    `mailbox` is who writes: the first sender, if none is given. At most two queries where contact and brand are loaded.
    """
    language = language_for(contact)
    words = WORDINGS[language]
    mailbox = mailbox or mailboxes.default()
    email = one_line(settings.CONTROLLER_EMAIL or (mailbox.address if mailbox else ""))
    origin = address.origin if address else ""
    at = address.email if address else ""
    sections = [
        Section(words["who"], tuple(_controller(words, mailbox, email))),
        Section(words["what_for"], (words["purpose"],)),
        Section(words["basis"], (lawful_basis.text(contact.lawful_basis, language),)),
        Section(words["data"], tuple(_data(words, contact, address))),
        Section(words["source"], tuple(notice_sources.sources(contact, origin, footers.WORDINGS[language]))),
        *_others(words, contact),
        Section(words["rights"], tuple(_with_link(words, "rights", email, notice_links.privacy_url(at) if at else ""))),
        Section(words["complain"], tuple(_complaint(words))),
        Section(words["automated"], (words["automated_text"],)),
        Section(words["object"], tuple(_with_link(words, "object", email, unsubscribing.url(at) if at else "")), True),
    ]
    return NoticeText(language, words["title"], tuple(sections))


def language_for(contact: Contact) -> str:
    """Return the language of a contact's notice: the recipient's, else English."""
    language = footers.language_of(contact.region_code or contact.brand.region_code)
    return language if language in WORDINGS else footers.ENGLISH


def _controller(words: Words, mailbox: Mailbox | None, email: str) -> Iterator[str]:
    name = settings.CONTROLLER_NAME or (mailbox.company or mailbox.sender_name if mailbox else "")
    place = settings.CONTROLLER_ADDRESS or (mailbox.postal_address if mailbox else "")
    yield ", ".join(filter(None, map(one_line, [name, *place.splitlines()])))
    if email:
        yield words["who_email"].format(email=email)
    if settings.CONTROLLER_DPO:
        yield words["who_dpo"].format(dpo=one_line(settings.CONTROLLER_DPO))
    if settings.CONTROLLER_REPRESENTATIVE:
        yield words["who_representative"].format(representative=one_line(settings.CONTROLLER_REPRESENTATIVE))


def _data(words: Words, contact: Contact, address: ContactAddress | None) -> Iterator[str]:
    yield words["data_name"]
    if contact.job_title:
        yield words["data_title"]
    if contact.department != "other" or contact.seniority != "unknown":
        yield words["data_department"]
    yield words["data_company"]
    if address:
        yield words["data_email"]
    if contact.linkedin_url:
        yield words["data_linkedin"]
    yield words["data_letters"]


def _others(words: Words, contact: Contact) -> Iterator[Section]:
    """Yield who receives the data, where they sit, and how long it is kept."""
    service, seat = mail_services.service()
    providers = notice_sources.providers(contact) or [
        notice_sources.provider_name(name)
        for name, access in settings.ENRICHMENT_PROVIDER_ACCESS.items()
        if _on(access)
    ]
    receive = [words["recipients_own"]]
    if service:
        receive.append(words["recipients_mail_service"].format(name=service))
    elif server := mail_services.server():
        receive.append(words["recipients_mail_server"].format(name=server))
    else:
        receive.append(words["recipients_mail"])
    if providers:
        receive.append(words["recipients_providers"].format(names=", ".join(providers)))
    yield Section(words["recipients"], tuple(receive))
    seats = {service: seat} | {name: _seat(name) for name in providers}
    outside = [f"{name} ({seat})" for name, seat in seats.items() if seat and seat not in whereabouts.EEA]
    transfers = words["transfers_to"].format(names=", ".join(outside)) if outside else words["transfers_none"]
    yield Section(words["transfers"], (transfers,))
    unused = words["kept_unused"].format(days=settings.ENRICHMENT_RETENTION_DAYS)
    yield Section(words["kept"], (unused, words["kept_used"].format(days=settings.OUTREACH_KEPT_DAYS)))


def _seat(provider: str) -> str:
    """Return where a provider sits, by its name as notice_sources writes it; "" where that is not known."""
    return whereabouts.SERVICES.get(provider.lower().replace(" ", "_"), whereabouts.UNKNOWN).code


def _on(access: Mapping[str, str]) -> bool:
    """Return whether a provider is set up: it has a key, or for one that we run ourselves an address."""
    return any(access.get(name) for name in ("api_key", "client_id", "base_url"))


def _with_link(words: Words, name: str, email: str, url: str) -> Iterator[str]:
    yield words[f"{name}_text"].format(email=email)
    if url:
        yield words[f"{name}_link"].format(url=url)


def _complaint(words: Words) -> Iterator[str]:
    yield words["complain_text"]
    if settings.SUPERVISORY_AUTHORITY:
        yield words["complain_ours"].format(authority=one_line(settings.SUPERVISORY_AUTHORITY).removesuffix("."))


def _paragraph(section: Section) -> str:
    text = "\n".join([section.heading, *section.lines])
    return f"{'* ' * 20}\n{text}\n{'* ' * 20}".replace(" \n", "\n").rstrip() if section.apart else text
