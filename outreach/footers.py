"""What the law wants said below an e-mail, in the recipient's language where we have it.

Who writes and from where (CAN-SPAM Act, 16 CFR 316.5 with 15 U.S.C. 7704(a)(5)), the source of the data (GDPR art.
14(2)(f)), and the right to object, apart from the rest (GDPR art. 21(4)). The first message to a person says more: it
tells them that we have their data (GDPR art. 14(3)(b)). The wordings are in footers.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings

from crm.models import Contact, ContactAddress, LawfulBasis

from . import notice_sources
from .models import Mailbox
from .rendering import one_line

ENGLISH = "en"


def _read(path: Path) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, str]]:
    """Return the wordings by language, and the language by country."""
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    regions = {code: language for language, codes in table.pop("regions").items() for code in codes}
    return MappingProxyType(table), MappingProxyType(regions)


WORDINGS, _LANGUAGES = _read(Path(__file__).with_name("footers.toml"))


@dataclass(frozen=True, slots=True)
class First:
    """What the first message to a person says besides: the sources, and why we use their data (a `basis_…`)."""

    sources: tuple[str, ...]
    basis: str


def language_of(region: str | None) -> str:
    """Return the language (ISO 639-1) in which a recipient in `region` (ISO 3166-1 alpha-2) reads the footer."""
    return _LANGUAGES.get((region or "").strip().upper(), ENGLISH)


def footer(
    language: str,
    mailbox: Mailbox,
    source_host: str,
    unsubscribe_url: str,
    *,
    origin: str = "",
    notice_url: str = "",
    first: First | None = None,
) -> str:
    """Return the footer as plain text, in paragraphs.

    `source_host` is the site that shows the person, empty when there is none; `origin` how we came by the address (a
    ContactAddress.Origin); `unsubscribe_url` may be empty: then a reply is the way to object. `notice_url` is where
    they read what we know of them; `first` makes it the footer of a first message. A language that we do not have is
    English.
    """
    words = WORDINGS.get(language, WORDINGS[ENGLISH])
    postal = ", ".join(filter(None, map(one_line, mailbox.postal_address.splitlines())))
    sender = ", ".join(filter(None, [one_line(mailbox.company or mailbox.sender_name), postal]))
    about = [words["sender"].format(sender=sender.removesuffix("."))]
    if first:
        about.append(words[first.basis])
    sources = "; ".join(first.sources) if first else _source(words, source_host, origin)
    about.append(words["source"].format(source=sources))
    if mailbox.privacy_url:
        about.append(words["privacy"].format(url=one_line(mailbox.privacy_url)))
    if first:
        email = one_line(settings.CONTROLLER_EMAIL or mailbox.address)
        about.append(words["rights"].format(email=email) if email else words["rights"].replace(" ({email})", ""))
    objection = [words["object_link" if unsubscribe_url else "object_reply"].format(url=unsubscribe_url)]
    if notice_url:
        objection.append(words["notice"].format(url=notice_url))
    return "\n".join(about) + "\n\n" + "\n".join(objection)


def first(contact: Contact, origin: str, language: str) -> First:
    """Return what the first message to a contact says besides. No query."""
    words = WORDINGS.get(language, WORDINGS[ENGLISH])
    return First(tuple(notice_sources.sources(contact, origin, words, notice_sources.FIRST)), basis_of(contact))


def basis_of(contact: Contact) -> str:
    """Return the key of the wording that says on what ground we use a contact's data."""
    return "basis_request" if contact.lawful_basis == LawfulBasis.CONTACT_REQUEST else "basis_interest"


def _source(words: Mapping[str, str], host: str, origin: str) -> str:
    """Name every source: the person may be from a site, and the address from elsewhere."""
    elsewhere = {
        ContactAddress.Origin.PROVIDER.value: words["provider"],
        ContactAddress.Origin.MANUAL.value: words["records"],
    }.get(origin, "")
    return "; ".join(filter(None, [one_line(host), elsewhere])) or words["public"]
