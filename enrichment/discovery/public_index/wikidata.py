"""Wikidata: who leads a company, its industry, size, parent and subsidiaries, and its numbers in registers.

Data is CC0. It covers the large and the listed; most small companies are not there. Edited by volunteers: how sure a
statement is depends on whether it is dated and referenced.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from enrichment.discovery import confidence
from enrichment.discovery.base import Brand, Context, Evidence, Findings, Person
from enrichment.discovery.clues import CZ_ICO, FR_SIREN, GB_COMPANY, NO_ORGNR, US_CIK, Clue
from enrichment.discovery.public_index import wikidata_company
from enrichment.discovery.public_index.wikidata_api import BASE_URL, LANGUAGES, OFFICES, Api
from enrichment.discovery.public_index.wikidata_statements import (
    Statement,
    entity_of,
    item,
    items,
    label,
    quantity,
    statements,
    values,
)
from enrichment.discovery.titles import RANKS, classify
from enrichment.discovery.website import cjk_names, name_order

__all__ = ["BASE_URL", "WikidataSource"]

METHOD = "wikidata"
MAX_PEOPLE = 100
MAX_SUBSIDIARIES = 20
HUMAN = "Q5"
RECENT = 5  # years
SCHEMES = {"P2622": GB_COMPANY, "P1616": FR_SIREN, "P2333": NO_ORGNR, "P4156": CZ_ICO, "P5531": US_CIK}
LENGTHS = {GB_COMPANY: 8, FR_SIREN: 9, NO_ORGNR: 9, CZ_ICO: 8}
FACTS = {"P452": "industry", "P749": "parent", "P355": "subsidiary", "P1454": "legal_form"}


@dataclass(slots=True)
class _Office:
    """What the company's item says about one person."""

    roles: list[tuple[str, Statement]] = field(default_factory=list)  # property and statement, held now
    ended: list[tuple[str, Statement]] = field(default_factory=list)


class WikidataSource:
    """Finds a company's officers and founders. `user_agent`: what the client sends; it must name a contact."""

    name = "wikidata"
    seconds = 15.0

    def __init__(self, *, base_url: str = BASE_URL, user_agent: str) -> None:
        self._api = Api(base_url=base_url, user_agent=user_agent)

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return who leads the brand, who did, and what is known of it. Raises SourceError."""
        found = wikidata_company.find(self._api, brand, context)
        if found is None:
            return Findings()
        key, company = found
        for clue in _clues(company, self._api.page(key), context.now()):
            context.clues.add(clue)
        offices = {} if statements(company, "P576", context.now()) else _offices(company, context.now())
        named = [one for name in FACTS for one in items(company, name, context.now())[:MAX_SUBSIDIARIES]]
        entities = self._api.entities([*list(offices)[:MAX_PEOPLE], *named], context)
        people: list[Person] = []
        departed: list[Person] = []
        reader = _Reader(self.name, self._api.page(key), self._api.fetched_at or context.now(), context.now())
        for person_key, office in list(offices.items())[:MAX_PEOPLE]:
            entity = entity_of(entities, person_key)
            if entity is None or not _is_living_human(entity, context.now()):
                continue
            person = reader.person(entity, office)
            if person is not None:
                (people if office.roles else departed).append(person)
        facts = tuple(_facts(company, entities, reader))
        return Findings(people=tuple(people), departed=tuple(departed), company=facts)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes people and claims. `url`: the company's page; `seen_at`: when it was fetched."""

    source: str
    url: str
    seen_at: datetime
    now: datetime

    def person(self, entity: dict[str, Any], office: _Office) -> Person | None:
        """Return the person of an entity, with the highest of their roles; None where the name is no full name."""
        written = label(entity, LANGUAGES)
        if len(written.split()) < 2 and not (written and cjk_names.is_cjk(written)):
            return None
        first, last = name_order.split(written)
        name = f"{first} {last}"
        if not office.roles:
            ended = office.ended[0]
            claim = self.claim("left", OFFICES[ended[0]], _snippet(name, *ended, ended=True))
            return Person(first, last, source="public_index", method=METHOD, evidence=(claim,))
        roles = sorted(office.roles, key=lambda role: RANKS.index(_seniority(role[0])))
        title = OFFICES[roles[0][0]]
        role = classify(title)
        slug = next(iter(values(entity, "P6634", self.now)), "").strip("/")
        profile = f"https://www.linkedin.com/in/{slug}" if slug and "/" not in slug else None
        evidence = [self.claim("name", name, _snippet(name, *roles[0]))]
        evidence += [self.claim("title", OFFICES[one[0]], _snippet(name, *one)) for one in roles]
        if profile:
            evidence.append(self.claim("linkedin", profile, f"{name}: LinkedIn profile id (P6634) {slug}"))
        return Person(
            first_name=first,
            last_name=last,
            title=title,
            seniority=role.seniority,
            department=role.department,
            decision_maker=role.decision_maker,
            linkedin_url=profile,
            linkedin_id=slug.lower() if profile else None,
            confidence=confidence.public_data(max(_certainty(*one, self.now) for one in roles)),
            source="public_index",
            method=METHOD,
            evidence=tuple(evidence),
        )

    def claim(self, name: str, value: str, snippet: str) -> Evidence:
        return Evidence(name, value[:300], self.url, snippet[:300], self.source, self.seen_at)


def _offices(company: dict[str, Any], now: datetime) -> dict[str, _Office]:
    """Return who holds or held an office, by item, in the order of the offices."""
    offices: dict[str, _Office] = {}
    for name in OFFICES:
        said = [(key, one) for one in statements(company, name, now) if (key := item(one.value))]
        holding = [(key, one) for key, one in said if not one.ended or name == "P112"]
        if name == "P169" and len(holding) > 1:
            # Of several who are said to lead it, the last to begin does; the others' ends were not written down.
            latest = max((one.started or (0, 0, 0)) for _, one in holding)
            holding = [(key, one) for key, one in holding if (one.started or (0, 0, 0)) == latest]
        for key, one in said:
            office = offices.setdefault(key, _Office())
            if (key, one) in holding:
                office.roles.append((name, one))
            elif one.ended:
                office.ended.append((name, one))
    return {key: office for key, office in offices.items() if office.roles or office.ended}


def _is_living_human(entity: dict[str, Any], now: datetime) -> bool:
    claims = entity.get("claims")
    is_dead = isinstance(claims, dict) and bool(claims.get("P570"))
    return HUMAN in items(entity, "P31", now) and not is_dead


def _seniority(name: str) -> str:
    return classify(OFFICES[name]).seniority


def _certainty(name: str, statement: Statement, now: datetime) -> float:
    """Return how sure it is, 0-1, that the office is held now, by what the statement says of itself."""
    if name == "P112":
        return 0.0  # a founder stays one, wherever they work today
    recent = statement.started is not None and now.year - statement.started[0] <= RECENT
    certainty = 0.2 + 0.25 * (statement.started is not None) + 0.2 * statement.referenced
    return certainty + 0.15 * (statement.preferred and recent) + 0.1 * statement.current


def _snippet(name: str, office: str, statement: Statement, *, ended: bool = False) -> str:
    since = "-".join(f"{part:02}" for part in statement.started or () if part)
    parts = [f"{name}: {OFFICES[office]} ({office}){', ended' if ended else ''}"]
    parts += [f"since {since}"] if since and not ended else []
    parts += [f"reference: {statement.reference}"] if statement.reference else []
    return ", ".join(parts)


def _clues(company: dict[str, Any], url: str, now: datetime) -> Iterator[Clue]:
    for name, scheme in SCHEMES.items():
        for text in values(company, name, now)[:3]:
            number = text.replace(" ", "").upper()
            number = number.lstrip("0") if scheme == US_CIK else number.zfill(LENGTHS[scheme])
            if number.isascii() and number.isalnum() and len(number) <= 10:
                yield Clue(scheme, number, url, f"{name}: {text}"[:300])


def _facts(company: dict[str, Any], entities: dict[str, Any], reader: _Reader) -> Iterable[Evidence]:
    """Yield claims about the company itself."""
    for name, kind in FACTS.items():
        for key in items(company, name, reader.now)[:MAX_SUBSIDIARIES]:
            entity = entity_of(entities, key)
            text = label(entity, LANGUAGES) if entity else ""
            if text:
                yield reader.claim(kind, text, f"{kind.replace('_', ' ')} ({name}): {text}")
    sizes = [(one.moment or (0, 0, 0), quantity(one.value)) for one in statements(company, "P1128", reader.now)]
    if sizes and max(sizes)[1]:
        moment, number = max(sizes)
        as_of = f", as of {moment[0]}" if moment[0] else ""
        yield reader.claim("employees", number, f"employees (P1128): {number}{as_of}")
