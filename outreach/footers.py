"""What the law wants said below an e-mail, in the recipient's language where we have it.

Who writes and from where (CAN-SPAM Act, 16 CFR 316.5 with 15 U.S.C. 7704(a)(5)), the source of the data (GDPR art.
14(2)(f)), and the right to object, apart from the rest (GDPR art. 21(4)). The wordings are in footers.toml.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crm.models import ContactAddress

from .models import Mailbox
from .rendering import one_line

ENGLISH = "en"


def _read(path: Path) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, str]]:
    """Return the wordings by language, and the language by country."""
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    regions = {code: language for language, codes in table.pop("regions").items() for code in codes}
    return MappingProxyType(table), MappingProxyType(regions)


WORDINGS, _LANGUAGES = _read(Path(__file__).with_name("footers.toml"))


def language_of(region: str | None) -> str:
    """Return the language (ISO 639-1) in which a recipient in `region` (ISO 3166-1 alpha-2) reads the footer."""
    return _LANGUAGES.get((region or "").strip().upper(), ENGLISH)


def footer(language: str, mailbox: Mailbox, source_host: str, unsubscribe_url: str, *, origin: str = "") -> str:
    """Return the footer as plain text, in paragraphs.

    `source_host` is the site that shows the person, empty when there is none; `origin` how we came by the address (a
    ContactAddress.Origin); `unsubscribe_url` may be empty: then a reply is the way to object. A language that
    we do not have is English.
    """
    words = WORDINGS.get(language, WORDINGS[ENGLISH])
    postal = ", ".join(filter(None, map(one_line, mailbox.postal_address.splitlines())))
    sender = ", ".join(filter(None, [one_line(mailbox.company or mailbox.sender_name), postal]))
    about = [words["sender"].format(sender=sender.removesuffix("."))]
    about.append(words["source"].format(source=_source(words, source_host, origin)))
    if mailbox.privacy_url:
        about.append(words["privacy"].format(url=one_line(mailbox.privacy_url)))
    objection = words["object_link" if unsubscribe_url else "object_reply"].format(url=unsubscribe_url)
    return "\n".join(about) + "\n\n" + objection


def _source(words: Mapping[str, str], host: str, origin: str) -> str:
    """Name every source: the person may be from a site, and the address from elsewhere."""
    elsewhere = {
        ContactAddress.Origin.PROVIDER.value: words["provider"],
        ContactAddress.Origin.MANUAL.value: words["records"],
    }.get(origin, "")
    return "; ".join(filter(None, [one_line(host), elsewhere])) or words["public"]
