"""The numbers under which company registers keep a company, as its site prints them beside a label.

A number without its label may be anything, and one whose check digit is wrong is somebody's typing error: neither is
a clue. Whether the company of that number is the brand is for the register to say (public_index/registers/matching).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum.cz import dic
from stdnum.fr import siren, tva
from stdnum.no import orgnr

from enrichment.discovery.clues import CZ_ICO, FR_SIREN, GB_COMPANY, NO_ORGNR, SK_ICO, US_CIK, Clue

MAX_TEXT = 400_000  # characters of a page that are read
MAX_CLUES = 20  # of one page
MAX_SNIPPET = 300

_GAP = r"[ \t\u00a0\u2000-\u200a\u202f.\u2011\u2013-]?"
_MARKS = r"[\s:.,°º#№()/–—-]{0,6}"
_NUMBER_WORD = r"(?:n[°ºo]|nr|num[ée]ro|number|č[íi]slo|code|is|est|er|je)"
_FILL = rf"{_MARKS}(?:{_NUMBER_WORD}{_MARKS}){{0,2}}"
_RCS = r"(?<!\w)(?:R\.?\s?C\.?\s?S\.?|registre\s+du\s+commerce(?:\s+et\s+des\s+soci[ée]t[ée]s)?)(?!\w)"
_GB_WORD = r"(?:with|under|as|the|company|registered|registration|reg|private|limited|numbered|number|no|nr|is)"
_GB_PREFIX = (
    "(?:AC|CE|CS|FC|FE|GE|GN|GS|IC|IP|LP|NA|NC|NF|NI|NL|NO|NP|NR|NV|NZ|OC|OE|PC|R0|RC|RS|SA|SC|SE|SF|SG|SI|SL|SO|SP|SR"
    "|SZ|ZC)"
)

_NEAR = 200  # characters before and after a number in which words tell what it is
_BRITISH = re.compile(r"England|Wales|Scotland|Northern Ireland|United Kingdom|Companies House|\bU\.?K\b", re.I)
_CZECH = re.compile(
    r"obchodn[íi]m?u?\s+rejst[řr][íi]k|\bDIČ:?\s?CZ|(?:krajsk|městsk)\w{2,4}\s+soud|česk\w{1,3}\s+republi", re.I
)
_SLOVAK = re.compile(
    r"obchodn\w{1,3}\s+regist|\bIČ\s?DPH|(?:okresn|mestsk)\w{2,4}\s+súd|slovensk\w{1,3}\s+republi|vložka", re.I
)
# Legal notices name the site's host and maker as well, with their numbers (art. 1-1 LCEN asks for the host).
_SUPPLIER = re.compile(
    r"h[ée]bergeur|h[ée]bergement|h[ée]berg[ée]e?s?\s+(?:par|chez)|(?:hosted|designed|developed|built|website)\s+by"
    r"|hosting\s+provider|(?:web)?hosting\s*:|web\s?design\s*:|r[ée]alisation\s*:|conception\s*:"
    r"|(?:r[ée]alis|con[çc]u|d[ée]velopp)\w{0,3}\s+par|tvorba\s+(?:webu|str[áa]nek)|utviklet\s+av|levert\s+av",
    re.I,
)
_OWNER = re.compile(
    r"[ée]dit(?:eur|rice|[ée]e?)\b|publish|propri[ée]taire|provozovatel|prev[áa]dzkovate|registered office|si[èe]ge",
    re.I,
)


def _digits(least: int, most: int | None = None) -> str:
    """The pattern of so many digits that spaces, dots or hyphens may part, with no further digit beside them."""
    return rf"[0-9](?:{_GAP}[0-9]){{{least - 1},{(most or least) - 1}}}(?![0-9])"


@dataclass(frozen=True, slots=True)
class _Page:
    """A page's text and what is known about it."""

    text: str
    url: str
    language: str
    tld: str

    def near(self, match: re.Match[str]) -> str:
        return self.text[max(0, match.start() - _NEAR) : match.end() + _NEAR]


Reader = Callable[[re.Match[str], _Page], list[tuple[str, str]]]


def found_in(text: str, url: str, *, language: str | None, domain: str | None) -> list[Clue]:
    """Return the register numbers in a page's text, each once, in the order of the registers, at most MAX_CLUES.

    `url`: where the text was read; `language`: the page's ("cs", "cs-CZ"); `domain`: the brand's registrable domain.
    Numbers that belong to the site's host or maker are left out. Time is linear in the text; never raises.
    """
    tld = (domain or "").rpartition(".")[2].lower()
    page = _Page(text[:MAX_TEXT], url, (language or "").lower().partition("-")[0], tld)
    found: dict[tuple[str, str], Clue] = {}
    for pattern, reader in _RULES:
        for match in pattern.finditer(page.text):
            if is_suppliers(page.text, match.start()):
                continue
            for scheme, value in reader(match, page):
                found.setdefault((scheme, value), Clue(scheme, value, url, _snippet(page.text, match)))
            if len(found) >= MAX_CLUES:
                return list(found.values())[:MAX_CLUES]
    return list(found.values())


def is_suppliers(text: str, at: int) -> bool:
    """Whether the last words before what stands at `at`, such as a number, that say whose it is name a supplier."""
    before = text[max(0, at - _NEAR) : at]
    supplier = max((match.start() for match in _SUPPLIER.finditer(before)), default=-1)
    owner = max((match.start() for match in _OWNER.finditer(before)), default=-1)
    return supplier > owner


def _snippet(text: str, match: re.Match[str]) -> str:
    around = text[max(0, match.start() - 160) : match.end() + 60]
    return " ".join(around.split())[:MAX_SNIPPET]


def _bare(number: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", number).upper()


def _french(match: re.Match[str], _page: _Page) -> list[tuple[str, str]]:
    number = _bare(match["number"])[:9]  # a SIRET begins with the SIREN
    return [(FR_SIREN, number)] if siren.is_valid(number) else []


def _french_vat(match: re.Match[str], _page: _Page) -> list[tuple[str, str]]:
    number = _bare(match["number"])
    return [(FR_SIREN, number[4:])] if tva.is_valid(number) and siren.is_valid(number[4:]) else []


def _norwegian(match: re.Match[str], _page: _Page) -> list[tuple[str, str]]:
    number = _bare(match["number"])
    return [(NO_ORGNR, number)] if orgnr.is_valid(number) else []


def _czech_or_slovak(match: re.Match[str], page: _Page) -> list[tuple[str, str]]:
    number = _bare(match["number"]).zfill(8)
    return [(scheme, number) for scheme in _country(match, page)] if _is_ico(number) else []


def _czech_vat(match: re.Match[str], _page: _Page) -> list[tuple[str, str]]:
    number = _bare(match["number"])
    return [(CZ_ICO, number)] if _is_ico(number) else []


def _is_ico(number: str) -> bool:
    # Ten digits would be a person's number: only those of legal entities are looked at.
    return len(number) == 8 and bool(dic.is_valid(number))


def _country(match: re.Match[str], page: _Page) -> tuple[str, ...]:
    """Both countries number alike: the words beside the number decide, then the domain, then the language."""
    near = page.near(match)
    czech, slovak = bool(_CZECH.search(near)), bool(_SLOVAK.search(near))
    if czech != slovak:
        return (CZ_ICO,) if czech else (SK_ICO,)
    for sign, names in ((page.tld, ("cz", "sk")), (page.language, ("cs", "sk"))):
        if sign in names:
            return (CZ_ICO,) if sign == names[0] else (SK_ICO,)
    return CZ_ICO, SK_ICO


def _british(match: re.Match[str], page: _Page) -> list[tuple[str, str]]:
    """The number padded to eight; "company number" alone may be of any country that speaks English."""
    number = _bare(match["number"])
    sure = number[0].isalpha() or page.tld == "uk" or _BRITISH.search(page.near(match))
    return [(GB_COMPANY, number.zfill(8))] if sure and number.strip("0") else []


def _american(match: re.Match[str], _page: _Page) -> list[tuple[str, str]]:
    number = _bare(match["number"]).lstrip("0")
    return [(US_CIK, number)] if 3 <= len(number) <= 10 else []


def _rules() -> Iterator[tuple[str, Reader]]:
    nine, ico = _digits(9), _digits(6, 8)
    # A SIRET is looked for first, else its first nine digits would be a SIREN with a digit beside it.
    french = rf"(?P<number>{_digits(14)}|{nine})"
    yield rf"\bSIRE[NT]{_FILL}{french}", _french
    yield rf"{_RCS}\D{{0,60}}{french}", _french
    yield rf"(?<!\d)(?P<number>{nine})[\s,()–-]{{0,4}}{_RCS}", _french
    yield rf"\b(?P<number>FR\s?[0-9A-HJ-NP-Z]{{2}}{_GAP}{nine})", _french_vat
    norwegian = rf"(?:NO\s?)?(?P<number>{nine})"
    yield rf"\b(?:foretaks|organisasjons|org\.?\s?)(?:nr|nummer|no)\b{_FILL}{norwegian}", _norwegian
    yield rf"\borgani[sz]ation(?:al)?\s+(?:no|number|nr)\b{_FILL}{norwegian}", _norwegian
    yield rf"(?<!\w)(?:NO\s?)?(?P<number>{nine})\s?MVA\b", _norwegian
    yield rf"(?<!\w)(?:IČO|ICO|IČ|identifika[čc]n[íieé]\s+[čc][íi]slo){_FILL}(?P<number>{ico})", _czech_or_slovak
    yield rf"\bDI[ČC]{_FILL}CZ\s?(?P<number>{_digits(8)})", _czech_vat
    yield from ((pattern, _british) for pattern in _british_patterns())
    yield rf"\bCIK{_FILL}(?P<number>[0-9]{{3,10}})(?![0-9])", _american


def _british_patterns() -> Iterator[str]:
    number = rf"(?P<number>{_GB_PREFIX}\s?{_digits(6)}|{_digits(6, 8)}(?!{_GAP}\d))(?!\w)"
    fill = rf"{_MARKS}(?:{_GB_WORD}\b{_MARKS}){{0,8}}"
    land = r"(?:england|wales|scotland|northern\s+ireland|the\s+uk|the\s+united\s+kingdom|great\s+britain)"
    yield rf"\bregistered\s+in\s+{land}(?:\s+(?:and|&)\s+wales)?\b{fill}{number}"
    yield rf"\b(?:company|co\.?)\s+(?:registration\s+|registered\s+|reg\.?\s+)?(?:no|number|nr)\b{fill}{number}"
    yield rf"\bregistered\s+(?:company\s+)?(?:no|number)\b{fill}{number}"


_RULES = tuple((re.compile(pattern, re.IGNORECASE), reader) for pattern, reader in _rules())
