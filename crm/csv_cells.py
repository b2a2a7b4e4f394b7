"""What single cells of a contacts file may say. Each function raises ValueError with a sentence about what to do.

No message repeats what a cell holds: messages are printed and kept, addresses and names are not.
"""

import re
from urllib.parse import urlsplit

import nameparser
import pycountry

from core.domains import registrable_domain
from core.hosts import host_name

from . import regions
from .contacts import clean_email
from .models import Contact, LawfulBasis

_YES = "yes y true t 1 x on ja j oui si sí unsubscribed suppressed blocked opt-out optout opted-out"
_NO = "no n false f 0 off nein non - subscribed opt-in optin opted-in"
YES, NO = frozenset(_YES.split()), frozenset(_NO.split())
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b.*")

# What people write for a country, and pycountry does not know.
COUNTRIES = {
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "great britain": "GB",
    "holland": "NL",
    "the netherlands": "NL",
    "russia": "RU",
    "turkey": "TR",
    "czech republic": "CZ",
    "ivory coast": "CI",
    "macedonia": "MK",
    "uae": "AE",
}


def text_of(text: str, limit: int) -> str:
    """Return a cell as one line of at most `limit` characters."""
    line = " ".join(text.split())
    if re.search(r"[\x00-\x1f\x7f-\x9f\ufffd]", line):
        raise ValueError("This cell has characters that cannot be read: save the file as UTF-8.")
    if len(line) > limit:
        raise ValueError(f"This is longer than {limit} characters: shorten it.")
    return line


def full_name(text: str) -> tuple[str, str]:
    """Return first and last name."""
    name = text_of(text, 200)
    parsed = nameparser.parse(name)
    first = " ".join(filter(None, (parsed.given, parsed.middle)))
    return (first, parsed.family) if first or parsed.family else (name, "")


def emails(text: str) -> list[str]:
    """Return the addresses in a cell, apart by white space, commas or semicolons."""
    return [_email(word) for word in re.split(r"[\s,;]+", text) if word]


def _email(word: str) -> str:
    try:
        address = clean_email(word)
    except ValueError:
        address = ""
    if not 0 < len(address) <= 320:
        raise ValueError("This is not an e-mail address: write it like ada@acme.example.")
    return address


def url(text: str) -> str:
    """Return an address on the web; https:// goes before one without a scheme."""
    address = text if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE) else f"https://{text}"
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and "." in host_name(parts.hostname or "") and parts.port != 0
    except ValueError:
        good = False
    if not good or "@" in parts.netloc or len(address) > 500 or re.search(r"[\s\x00-\x1f\x7f-\x9f\ufffd]", address):
        raise ValueError("This is not an address on the web: write it like https://acme.example, of 500 characters.")
    return address


def domain(text: str) -> str:
    """Return the registrable domain of a host name or an address on the web."""
    try:
        name = registrable_domain(host_name(urlsplit(url(text)).hostname or ""))
    except ValueError:
        name = None
    if name is None:
        raise ValueError("This is not a company's domain: write it like acme.example.")
    return name


def region(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a code or an English name."""
    word = text_of(text, 100)
    code = COUNTRIES.get(word.casefold(), word)
    try:
        return regions.clean_code(pycountry.countries.lookup(code).alpha_2 if len(code) > 2 else code) or ""
    except (LookupError, ValueError):
        raise ValueError("This is no country: write its code, such as US or DE, or its English name.") from None


def word(text: str) -> str:
    """Return one of our words for seniority or department, as `c_level` for “C-Level”."""
    folded = re.sub(r"[\s/&-]+", "_", text_of(text, 60).lower())
    if not re.fullmatch(r"[a-z0-9_]{1,20}", folded):
        raise ValueError("This must be one word of at most 20 letters, such as director or marketing.")
    return folded


def lawful_basis(text: str) -> str:
    """Return a LawfulBasis by its value or label."""
    for basis in LawfulBasis:
        if text.casefold() in {basis.value, basis.label.casefold()}:
            return basis.value
    raise ValueError(f"This must be one of {', '.join(LawfulBasis.values)}, or empty.")


def relationship(text: str) -> str:
    """Return a Contact.Relationship."""
    for status in Contact.Relationship.values:
        if text.casefold() == status.casefold():
            return status
    raise ValueError(f"This must be one of {', '.join(Contact.Relationship.values)}, or empty.")


def yes(text: str) -> bool:
    """Return whether a cell says yes; a date says it too."""
    word = re.sub(r"\s+", "-", text.casefold())
    if word in NO:
        return False
    if word in YES or _DATE.fullmatch(word):
        return True
    raise ValueError("Write yes or no: so long as this is not clear, the row is left out.")
