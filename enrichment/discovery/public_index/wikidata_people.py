"""From the offices of a company to people, with the evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.public_index.wikidata_api import OFFICES, Reply
from enrichment.discovery.public_index.wikidata_names import name_of
from enrichment.discovery.public_index.wikidata_offices import Office, certainty
from enrichment.discovery.public_index.wikidata_statements import Statement, has_happened, items, values
from enrichment.discovery.titles import RANKS, classify
from enrichment.discovery.website import profiles

SOURCE = "public_index"
METHOD = "wikidata"
HUMAN = "Q5"


@dataclass(frozen=True, slots=True)
class Page:
    """The page of an item, on which claims were read. `address`: from an item's id to its page's URL."""

    source: str
    address: Callable[[str], str]
    key: str
    seen_at: datetime

    @property
    def url(self) -> str:
        return self.address(self.key)

    def claim(self, name: str, value: str, snippet: str) -> Evidence:
        return Evidence(name, value[:300], self.url, snippet[:300], self.source, self.seen_at)


def people_of(
    offices: Mapping[str, Office], reply: Reply, company: Page, now: datetime
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Return (people, departed). Left out: who is dead, no human, or has no full name, and whom `reply` lacks."""
    people: list[Person] = []
    departed: list[Person] = []
    for key, office in offices.items():
        entity = reply.entities.get(key)
        if entity is None or HUMAN not in items(entity, "P31", now) or has_happened(entity, "P570", now):
            continue
        name = name_of(entity)
        if name is None:
            continue
        own = Page(company.source, company.address, entity["id"], reply.fetched_at)
        if office.held:
            people.append(_person(name, office, _linkedin(entity, now), (company, own), now))
        else:
            departed.append(_departed(name, office, company))
    return tuple(people), tuple(departed)


def _person(
    parts: tuple[str, str], office: Office, linkedin: tuple[str, str] | None, pages: tuple[Page, Page], now: datetime
) -> Person:
    """Return somebody with the highest of their roles. `parts`: of the name; `pages`: the company's and their own."""
    company, own = pages
    name = " ".join(parts)
    roles = sorted(office.held, key=lambda held: _rank(OFFICES[held[0]]))
    title = OFFICES[roles[0][0]]
    role = classify(title)
    evidence = [own.claim("name", name, _snippet(name, *roles[0]))]
    evidence += [company.claim("title", OFFICES[held[0]], _snippet(name, *held)) for held in roles]
    url, slug = linkedin or (None, None)
    if url:
        evidence.append(own.claim("linkedin", url, f"{name}: LinkedIn personal profile ID (P6634): {slug}"))
    return Person(
        first_name=parts[0],
        last_name=parts[1],
        title=title,
        seniority=role.seniority,
        department=role.department,
        decision_maker=role.decision_maker,
        linkedin_url=url,
        linkedin_id=slug,
        confidence=confidence.public_data(max(certainty(*held, now) for held in roles)),
        source=SOURCE,
        method=METHOD,
        evidence=tuple(evidence),
    )


def _departed(parts: tuple[str, str], office: Office, company: Page) -> Person:
    name, statement = office.ended[0]
    claim = company.claim("left", OFFICES[name], _snippet(" ".join(parts), name, statement))
    return Person(*parts, source=SOURCE, method=METHOD, evidence=(claim,))


def _linkedin(entity: dict[str, Any], now: datetime) -> tuple[str, str] | None:
    """(address, slug in lower case) of the person's profile; None for an id that can be none."""
    for text in values(entity, "P6634", now):
        written = text.strip("/")
        profile = profiles.parse(f"linkedin.com/in/{written}")
        if profile is not None and unquote(written).lower() == profile.slug:
            return f"https://www.linkedin.com/in/{quote(unquote(written))}", profile.slug
    return None


def _rank(title: str) -> int:
    return RANKS.index(classify(title).seniority)


def _snippet(name: str, office: str, statement: Statement) -> str:
    """What the item says: "Kari Eksempel: Chief Executive Officer (P169), since 2023-04, reference: https://…"."""
    parts = [f"{name}: {OFFICES[office]} ({office})"]
    parts += [f"since {since}"] if (since := _date(statement.started)) else []
    if statement.ended:
        until = _date(statement.until)
        parts.append(f"until {until}" if until else "ended")
    parts += [f"reference: {statement.reference}"] if statement.reference else []
    return ", ".join(parts)


def _date(date: tuple[int, int, int] | None) -> str:
    return "-".join(f"{part:02}" for part in date or () if part)
