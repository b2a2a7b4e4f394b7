"""Is the company of a register number the brand? A page may name its host's number, or a customer's."""

import re
from urllib.parse import urlsplit

from anyascii import anyascii
from cleanco import basename
from rapidfuzz import fuzz

from core.domains import registrable_domain
from enrichment.discovery.base import Brand
from enrichment.discovery.clues import Clue
from enrichment.discovery.public_index.registers.records import Record

CLOSE = 88.0  # of 100: spelling only
MAX_NAME = 200
MIN_SQUASHED = 5  # letters from which a run-together name says something

# Forms that cleanco does not know, in the countries of these registers.
_FORMS = re.compile(
    r"(?:,?\s*\b(?:spol\.\s*)?s\.?\s?r\.?\s?o\b\.?|,?\s*\ba\.\s?s\b\.?|\b(?:ENK|SAS|SASU|SARL|EURL|SCOP|SCA|SNC)\b)\s*",
    re.IGNORECASE,
)
# Words that many companies' names have.
_COMMON = frozenset({
    "the", "a", "and", "et", "og", "of", "de", "du", "la", "le", "les", "i", "v", "na", "co", "company",
    "companies", "societe", "group", "groupe", "gruppen", "holding", "holdings", "international", "global",
    "services", "service", "solutions", "solution", "technologies", "technology", "consulting", "digital", "media",
    "uk", "france", "norge", "norway", "norsk", "nordic", "europe", "european", "cesko", "czech", "ceska",
    "slovakia", "slovensko", "slovenska",
})  # fmt: skip
_PUBLISHER = re.compile(
    r"trading\s+(?:name|as|style)|\bt/a\b|operated\s+by|[ée]dit[ée]e?\s+par|[ée]diteur|nom\s+commercial"
    r"|provozovatel|provozuje|prev[áa]dzkovate|drives\s+av",
    re.IGNORECASE,
)


def key(name: str) -> list[str]:
    """Return the words by which a company is known: without legal form, accents, case and punctuation."""
    bare = _FORMS.sub(" ", name[:MAX_NAME]).strip(" ,.")
    return _words(basename(bare) or bare) or _words(name[:MAX_NAME])


def resembles(record: Record, brand: Brand) -> bool:
    """Whether the company's name or website is the brand's: its name, or the label of its domain."""
    if brand.domain and brand.domain in record.domains:
        return True
    label = (brand.domain or "").partition(".")[0].replace("-", " ")
    ours = [words for words in (key(brand.name), key(label)) if words]
    return any(_alike(mine, key(theirs)) for mine in ours for theirs in record.names)


def is_namesake(name: str, brand: Brand) -> bool:
    """Whether a company's name is the brand's but for legal form, accents and spaces."""
    ours = "".join(key(brand.name))
    return bool(ours) and ours == "".join(key(name))


def is_published_by(record: Record, brand: Brand, clue: Clue) -> bool:
    """Whether the brand's own site names the company as the one behind it, right beside the number."""
    site = registrable_domain(urlsplit(clue.url).hostname or "") if brand.domain else None
    if site is None or site != brand.domain or not _PUBLISHER.search(clue.snippet):
        return False
    legal_name, around = (
        "".join(key(record.legal_name)),
        "".join(re.findall(r"[a-z0-9]+", anyascii(clue.snippet).lower())),
    )
    return len(legal_name) >= MIN_SQUASHED and legal_name in around


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", anyascii(text).lower())


def _alike(ours: list[str], theirs: list[str]) -> bool:
    """Whether a company (`theirs`) has the brand's name, or more than it: "Acme" has "ACME ROBOTICS AS"."""
    one, other = "".join(ours), "".join(theirs)
    if not one or not other or one == other:
        return bool(one) and one == other
    if min(len(one), len(other)) >= MIN_SQUASHED and (fuzz.ratio(one, other) >= CLOSE or _leads(ours, theirs)):
        return True
    # The other way round a single word is too little: "WATER AS" is not "Bright Water".
    return _holds(theirs, ours, least=1) or _holds(ours, theirs, least=2)


def _leads(ours: list[str], theirs: list[str]) -> bool:
    """Whether one name run together ("brightwater") is the beginning of the other, the company's not much shorter."""
    one, other = "".join(ours), "".join(theirs)
    if set(ours) <= _COMMON or set(theirs) <= _COMMON:
        return False
    return other.startswith(one) or (one.startswith(other) and len(other) * 3 >= len(one) * 2)


def _holds(whole: list[str], part: list[str], *, least: int) -> bool:
    """Whether `part` is among the words of `whole`, with so many words of its own that not every company has."""
    own = set(part) - _COMMON
    return len(own) >= least and own <= set(whole) and max(map(len, own)) >= 3
