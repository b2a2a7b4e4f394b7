"""Which item is the brand: by its website, else by its name where the website or LinkedIn's page confirms it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from stdnum.cz import dic
from stdnum.fr import siren
from stdnum.no import orgnr

from core.domains import registrable_domain
from enrichment.discovery.base import Brand, Context
from enrichment.discovery.clues import CZ_ICO, FR_SIREN, GB_COMPANY, NO_ORGNR, US_CIK, Clue
from enrichment.discovery.lexicon import fold
from enrichment.discovery.linkedin import vanity_name
from enrichment.discovery.public_index.wikidata_api import LANGUAGES, OFFICES, Api
from enrichment.discovery.public_index.wikidata_statements import has_happened, items, labels, statements, values

MAX_QUERY = 300  # characters of one search, by CirrusSearch
MAX_CANDIDATES = 10
HUMAN = "Q5"
SCHEMES = {"P2622": GB_COMPANY, "P1616": FR_SIREN, "P2333": NO_ORGNR, "P4156": CZ_ICO, "P5531": US_CIK}

# What a front page is called where the site has one for each language.
_FRONT = re.compile(r"/(?:[a-z]{2}(?:[-_][a-z]{2})?|home|index\.[a-z]{3,5})?/?", re.IGNORECASE)
_ENDS_QUERY = re.compile(r"[\s|\"\\]")
_BRITISH = re.compile(r"(?:[A-Z]{2}|R0|[0-9]{2})[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Company:
    """The brand's item. `key`: its id; `entity`: what is used of it; `seen_at`: when it was fetched."""

    key: str
    entity: dict[str, Any]
    seen_at: datetime


def find(api: Api, brand: Brand, context: Context) -> Company | None:
    """Return the brand's item, None when there is none for sure. Raises SourceError."""
    for search in (_by_website, _by_name):
        keys = search(api, brand, context)
        reply = api.entities(keys[:MAX_CANDIDATES], context)
        found = [reply.entities[key] for key in keys if key in reply.entities]
        confirmed = [entity for entity in found if _is_the_brand(entity, brand, context.now())]
        if confirmed:
            best = max(confirmed, key=lambda entity: _worth(entity, brand, context.now()))
            return Company(best["id"], best, reply.fetched_at)
        if context.stopped():
            return None
    return None


def clues(company: Company, url: str, now: datetime) -> Iterator[Clue]:
    """Yield the company's numbers in registers whose form and check digits are right. `url`: the item's page."""
    for name, scheme in SCHEMES.items():
        for text in values(company.entity, name, now)[:3]:
            number = _number(scheme, re.sub(r"[\s.]", "", text).upper())
            if number:
                yield Clue(scheme, number, url, f"{name}: {text}"[:300])


def _by_website(api: Api, brand: Brand, context: Context) -> list[str]:
    """Return the items whose official website (P856) is the brand's, in any of the forms that it may be written in."""
    for query in _queries(brand):
        found = [] if context.stopped() else api.search(query, context)
        if found:
            return list(dict.fromkeys(found))
    return []


def _queries(brand: Brand) -> list[str]:
    """Return searches for all forms of the website's address, each as long as may be.

    A path is part of the address: what is at facebook.com/acme is not Facebook.
    """
    try:
        parts = urlsplit(brand.website or f"https://{brand.domain or ''}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return []
    path = "" if _FRONT.fullmatch(parts.path) else parts.path.rstrip("/")
    bare = host.removeprefix("www.")
    terms = [
        f"P856={scheme}://{name}{path}{slash}"
        for name in (f"www.{bare}", bare)
        for scheme in ("https", "http")
        for slash in ("/", "")
    ]
    if not host or _ENDS_QUERY.search(host + path) or len(terms[0]) > MAX_QUERY // 2:
        return []
    queries = [f"haswbstatement:{terms[0]}"]
    for term in terms[1:]:
        if len(queries[-1]) + 1 + len(term) <= MAX_QUERY:
            queries[-1] += f"|{term}"
        else:
            queries.append(f"haswbstatement:{term}")
    return queries


def _by_name(api: Api, brand: Brand, context: Context) -> list[str]:
    name = " ".join(brand.name.split())[:100]
    if not name or not (brand.domain or vanity_name(brand.linkedin_company_url)):
        return []  # nothing that could confirm a namesake
    return list(dict.fromkeys(api.search_by_name(name, context)))


def _is_the_brand(entity: dict[str, Any], brand: Brand, now: datetime) -> bool:
    """Whether the item has the brand's domain, or its LinkedIn page. Founders have their company's website, too."""
    if HUMAN in items(entity, "P31", now):
        return False
    if brand.domain and brand.domain in {_domain(site) for site in values(entity, "P856", now)}:
        return True
    slug = vanity_name(brand.linkedin_company_url)
    return bool(slug) and slug in {value.lower() for value in values(entity, "P4264", now)}


def _worth(entity: dict[str, Any], brand: Brand, now: datetime) -> tuple[bool, bool, bool]:
    """Which of several items with the brand's website to take: products and predecessors have it as well."""
    names = {fold(text) for _language, text in labels(entity, LANGUAGES)}
    led = any(statements(entity, office, now) for office in OFFICES)
    return not has_happened(entity, "P576", now), led, fold(brand.name) in names


def _domain(site: str) -> str | None:
    try:
        return registrable_domain(urlsplit(site).hostname or "")
    except ValueError:
        return None


def _number(scheme: str, text: str) -> str:
    """Return a number in its scheme's form, "" for one that is none."""
    if scheme == US_CIK:
        number = text.lstrip("0")
        return number if re.fullmatch(r"[0-9]{1,10}", number) else ""
    number = text.zfill(8) if scheme in (GB_COMPANY, CZ_ICO) else text
    if scheme == GB_COMPANY:
        return number if _BRITISH.fullmatch(number) and number.strip("0") else ""
    if not re.fullmatch(r"[0-9]{8,9}", number):
        return ""
    if scheme == CZ_ICO:
        return number if len(number) == 8 and dic.is_valid(number) else ""
    return number if (siren if scheme == FR_SIREN else orgnr).is_valid(number) else ""
