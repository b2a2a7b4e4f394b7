"""Where a company says it sits: the postal address and the telephone number of its legal notice and contact page.

An address counts where it names its country beside a postal code, or has the form of one country only. The claims are
`country` (ISO 3166-1 alpha-2, the address as snippet), `office` (another country that the pages name in an address)
and `telephone`; what they mean is for others to say.
"""

import gettext
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

import pycountry

from core import countries
from enrichment.discovery.base import Evidence
from enrichment.discovery.register_numbers import is_suppliers

SOURCE = "website"
IMPRINT = "imprint"
MAX_TEXT = 200_000  # characters of a page that are read
MAX_FOUND = 50  # of one page
MAX_OFFICES = 4  # countries besides the one where a company says it sits
MAX_WORDS = 5  # of the place between a postal code and the country's name
BEFORE, AFTER = 60, 90  # characters around a postal code that may belong to the address

# The languages in which legal notices write the names of countries.
LANGUAGES = (
    *("de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "bg", "el", "hr", "sl"),
    *("et", "lv", "lt", "is", "tr", "uk"),
)
ALIASES = {
    **dict.fromkeys(("england", "scotland", "wales", "northern ireland", "great britain", "united kingdom"), "GB"),
    **dict.fromkeys(("united states", "united states of america", "vereinigte staaten"), "US"),
    **dict.fromkeys(("republic of ireland", "eire"), "IE"),
    **dict.fromkeys(("the netherlands", "holland", "nederland"), "NL"),
    **{"czech republic": "CZ", "south korea": "KR", "turkey": "TR", "russia": "RU", "taiwan": "TW", "vietnam": "VN"},
}
CAPITALS = {"USA": "US", "U.S.A.": "US", "UK": "GB", "U.K.": "GB", "UAE": "AE"}
# Two letters count as a country's where its addresses are often written so, and they are no legal form (AG, SA, SE) or
# word (IT, ID) either.
CODES = frozenset("AT BE CH CZ DE DK ES FI FR GB HU IE LI LT LU LV NL NO PL PT RO SI SK US".split())  # noqa: SIM905
# Words in small letters that stand in the names of places; any other one ends an address.
_PARTICLES = frozenset(
    (  # noqa: SIM905
        "am an auf bei der die das dem den im in ob unter vor zu la le les sur sous lès aux en de del della dei di du "
        "da do dos das het aan bij op ved på över nad u pod w z upon on by the and und et y e i cedex"
    ).split()
)
AMBIGUOUS = frozenset({"georgia", "jersey", "jordan", "chad", "man", "mali", "guinea", "niger", "togo", "oman"})

# American states with how their postal codes begin: “, DE 10115” is an address in Berlin.
_ZIP = "|".join(
    rf"(?:{states})\.?,?\s+{begins}\d{{{5 - digits}}}"
    for states, begins, digits in (
        ("CT|MA|ME|NH|NJ|RI|VT", "0", 1),
        ("DE", "19[7-9]", 3),
        ("NY|PA", "1", 1),
        ("DC|MD|NC|SC|VA|WV", "2", 1),
        ("AL|FL|GA|MS|TN", "3", 1),
        ("IN|KY|MI|OH", "4", 1),
        ("IA|MN|MT|ND|SD|WI", "5", 1),
        ("IL|KS|MO|NE", "6", 1),
        ("AR|LA|OK|TX", "7", 1),
        ("AZ|CO|ID|NM|NV|UT|WY", "8", 1),
        ("AK|CA|HI|OR|WA", "9", 1),
    )
)
# The areas of British postal codes: “A4 5GB” and “Q3 2ND” are none.
_AREAS = (
    "AB|AL|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EC|EH|EN|EX|FK|FY|GL|GU"
    "|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|ME|MK|ML|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE"
    "|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|WR|WS|WV"
    "|YO|ZE|B|E|G|L|M|N|S|W"
)
# A postal code of any of the usual forms; 1950 and 2024 are more often years.
_CODE = re.compile(
    r"(?<![\w.,+/-])(?:[A-Z]{1,3}-)?(?:\d{2}-\d{3}|\d{3} \d{2}|\d{4}-\d{3}|\d{4} ?[A-Z]{2}|\d{4,6}"
    r"|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d)(?![\w/])"
)
_YEAR_BEFORE = re.compile(r"(?:©|\(c\)|copyright|since|seit|depuis|est\.?|founded|in)\s*$", re.IGNORECASE)
_UNMISTAKABLE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf",\s*(?:{_ZIP})(?:-\d{{4}})?(?!\d)"), lambda _: "US"),
    (
        re.compile(
            rf"(?<![\w-])(?P<area>{_AREAS})\d[A-Z\d]?\s(?!\d(?:GB|TB|ND|RD|TH|ST)\b)\d[ABD-HJLNP-UW-Z]{{2}}(?!\w)",
        ),
        lambda match: {"JE": "JE", "GY": "GG", "IM": "IM"}.get(match["area"], "GB"),
    ),
    (
        re.compile(r"(?<![\w-])[ABCEGHJKLMNPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\s\d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"),
        lambda _: "CA",
    ),
    (re.compile(r"(?<![\w-])\d{4}-\d{3}\s+[A-ZÀ-Þ][^\W\d_]{2}"), lambda _: "PT"),
    (re.compile(r"(?<![\w-])(?!19|20)\d{4} ?[A-Z]{2},?\s+[A-ZÀ-Þ'’][^\W\d_]{2}"), lambda _: "NL"),
    (re.compile(r"〒\s?\d{3}-\d{4}"), lambda _: "JP"),
    (
        re.compile(
            r"(?<![\w-])(?P<country>D-\d{5}|DE-\d{5}|A-\d{4}|AT-\d{4}|CH-\d{4}|F-\d{5}|FR-\d{5}|L-\d{4}|LU-\d{4}"
            r"|BE-\d{4}|IT-\d{5}|ES-\d{5}|NL-\d{4}|DK-\d{4}|SE-\d{3} ?\d{2}|NO-\d{4}|FI-\d{5}|PL-\d{2}-\d{3}"
            r"|CZ-\d{3} ?\d{2}|SK-\d{3} ?\d{2}|LT-\d{5}|LV-\d{4}|EE-\d{5}|SI-\d{4}|HR-\d{5}|BG-\d{4}|RO-\d{6}"
            r"|HU-\d{4}|FL-\d{4})(?: [A-Z]{2})?\s+[A-ZÀ-Þ]"
        ),
        lambda match: {"D": "DE", "A": "AT", "F": "FR", "L": "LU", "FL": "LI"}.get(
            match["country"].partition("-")[0], match["country"].partition("-")[0]
        ),
    ),
)
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[\s().\-/–\u00a0]{0,2}\d){6,14}(?!\d)")
_STATED = re.compile(r'"addressCountry"\s*:\s*(?:\{[^{}]{0,200}?"name"\s*:\s*)?"([^"\\]{2,60})"')
_NUMBER = re.compile(r"[.,]?\s*\d")
_WORD = re.compile(r"[^\s,;|·•()]+")


@dataclass(frozen=True, slots=True)
class _Found:
    """A claim's value, the text around it, and whether a legal notice says so."""

    value: str
    evidence: Evidence
    imprint: bool


@dataclass(slots=True)
class Places:
    """What the pages of a site have told of where the company sits."""

    _addresses: list[_Found] = field(default_factory=list)
    _numbers: list[_Found] = field(default_factory=list)

    def take(self, text: str, data: str, url: str, now: datetime, *, kind: str) -> None:
        """Read a page: its visible `text`, and the `data` that its scripts state. `kind`: as its link was judged."""
        text, imprint = text[:MAX_TEXT], kind == IMPRINT
        for code, snippet in [*addresses(text), *stated(data[:MAX_TEXT])][:MAX_FOUND]:
            claim = Evidence("country", code, url, snippet, SOURCE, now)
            self._addresses.append(_Found(code, claim, imprint))
        for code, number in numbers(text):
            claim = Evidence("telephone", number, url, number, SOURCE, now)
            self._numbers.append(_Found(code, claim, imprint))

    def claims(self) -> tuple[Evidence, ...]:
        """Return at most one address and one number: what the legal notice says first, else what all pages agree on.

        Then the other countries of addresses, the legal notice's first: a company may not sit where it says first.
        """
        where, number = _decided(self._addresses), _decided(self._numbers)
        decided = [found.evidence for found in (where, number) if found]
        others: dict[str, Evidence] = {}
        for found in sorted(self._addresses, key=lambda one: not one.imprint):
            if where is None or found.value != where.value:
                others.setdefault(found.value, replace(found.evidence, field="office"))
        return (*decided, *list(others.values())[:MAX_OFFICES])


def addresses(text: str) -> list[tuple[str, str]]:
    """Return the countries of the addresses in a text, each with the text around it, in its order."""
    found = [*_with_country(text), *_unmistakable(text)]
    return [(code, snippet) for _, code, snippet in sorted(found) if code]


def stated(data: str) -> list[tuple[str, str]]:
    """Return the countries of addresses in schema.org data."""
    found = ((_country(match[1]), f"addressCountry: {match[1]}") for match in _STATED.finditer(data))
    return [(code, snippet) for code, snippet in found if code]


def numbers(text: str) -> Iterator[tuple[str, str]]:
    """Yield international telephone numbers with their countries. Nothing for numbers of no country."""
    for place, match in enumerate(_PHONE.finditer(text)):
        if place >= MAX_FOUND:
            return
        written = re.sub(r"^00", "+", " ".join(match[0].split()))
        region = countries.of_phone(written)
        if region and not is_suppliers(text, match.start()):
            yield region, written


def _decided(found: list[_Found]) -> _Found | None:
    in_notice = [one for one in found if one.imprint]
    if in_notice:
        return in_notice[0]
    return found[0] if len({one.value for one in found}) == 1 else None


def _with_country(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield addresses that name their country within a few words after the postal code."""
    for place, match in enumerate(_CODE.finditer(text)):
        if place >= MAX_FOUND * 4:
            return
        if _YEAR_BEFORE.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        code, end = _named(text, match.end())
        if code and not is_suppliers(text, match.start()):
            yield match.start(), code, _around(text, match.start(), end)


def _named(text: str, start: int) -> tuple[str, int]:
    """Return the country named in the words that follow `start`, and where its name ends; "" for none.

    What stands between is a place: a few words with capitals, without the end of a sentence. A country that another
    follows is one of a list to choose from.
    """
    tail = text[start : start + AFTER]
    words = list(_WORD.finditer(tail))[: MAX_WORDS + 8]
    for first in range(min(len(words), MAX_WORDS + 1)):
        code, last = _country_at(tail, words, first)
        if code:
            follows, _ = _country_at(tail, words, last)
            return ("", start) if follows not in {"", code} else (code, start + words[last - 1].end())
        word = words[first][0]
        # "12345 units in Germany", "10115 Berlin delivers to France"
        if word[:1].islower() and (first == 0 or word not in _PARTICLES):
            return "", start
        cedex = first > 0 and words[first - 1][0].lower() == "cedex" and len(word) <= 2  # “Paris cedex 01”
        if (any(char.isdigit() for char in word) and not cedex) or word.endswith((".", ":", "!", "?")):
            return "", start
    return "", start


def _country_at(tail: str, words: list[re.Match[str]], first: int) -> tuple[str, int]:
    """Return the country whose name begins with a word, and the word after it; "" where none does."""
    for last in range(min(first + 4, len(words)), first, -1):
        begins, ends = words[first].start(), words[last - 1].end()
        name = tail[begins:ends]
        if len(name) == 2:
            apart = tail[:begins].rstrip().endswith((",", "/", "|", "·", "(", "-"))
            name = name if apart and name in CODES and not _NUMBER.match(tail, ends) else ""
        if code := _country(name):
            return code, last
    return "", first


def _unmistakable(text: str) -> Iterator[tuple[int, str, str]]:
    for pattern, country in _UNMISTAKABLE:
        for place, match in enumerate(pattern.finditer(text)):
            if place >= MAX_FOUND:
                break
            if not is_suppliers(text, match.start()):
                yield match.start(), country(match), _around(text, match.start(), match.end())


def _around(text: str, start: int, end: int) -> str:
    return " ".join(text[max(0, start - BEFORE) : end + 20].split())


def _country(text: str) -> str:
    """Return the code of a country's name, or of its code; "" for other words."""
    bare = text.strip().rstrip(".") if text not in CAPITALS else text
    if bare in CAPITALS:
        return CAPITALS[bare]
    if len(bare) == 2:
        return bare if bare.isupper() and pycountry.countries.get(alpha_2=bare) else ""
    return _names().get(_folded(bare), "")


@cache
def _names() -> dict[str, str]:
    """Return countries' names, folded, in the languages of legal notices; without those that have two meanings."""
    names: dict[str, set[str]] = {}
    translations = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for language in LANGUAGES
    ]
    for country in pycountry.countries:
        own = {country.name, getattr(country, "common_name", country.name)}
        for name in [*own, *(translation.gettext(each) for translation in translations for each in own)]:
            if len(name) > 3:
                names.setdefault(_folded(name), set()).add(country.alpha_2)
    sure = {name: next(iter(codes)) for name, codes in names.items() if len(codes) == 1}
    return {name: code for name, code in (sure | ALIASES).items() if name not in AMBIGUOUS}


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).split())
