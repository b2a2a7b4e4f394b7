"""From what filings say to people: the newest filing counts for each, and who is an insider no more has left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.names import name_key
from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.public_index.sec_filings import Filing, Issuer
from enrichment.discovery.public_index.sec_forms import Named
from enrichment.discovery.public_index.sec_service import NAME
from enrichment.discovery.titles import classify

SOURCE = "public_index"
METHOD = "sec_filing"
MAX_SNIPPET = 300
# What is taken off the certainty of who was found in a filing, 0-1.
HALF_A_YEAR_OLD = 0.2
OFFICERS_CHANGED = 0.3


@dataclass(frozen=True, slots=True)
class Claim:
    """What one filing says about one person. `url`: where people can read it."""

    named: Named
    filing: Filing
    url: str
    fetched_at: datetime


def newest(claims: Iterable[Claim]) -> list[Claim]:
    """Return for each person what the newest filing says, the newest first."""
    found: dict[str, Claim] = {}
    for claim in sorted(claims, key=_filed, reverse=True):
        name = claim.named.name
        found.setdefault(name_key(name.first, f"{name.last} {name.generation}"), claim)
    return list(found.values())


def current(claims: Sequence[Claim], issuer: Issuer, certainty: float, today: date) -> list[Person]:
    """Return those who are insiders still. `certainty`, 0-1: how sure it is that the company is the brand."""
    return [_person(claim, issuer, certainty, today) for claim in claims if not claim.named.left]


def departed(claims: Sequence[Claim], issuer: Issuer) -> list[Person]:
    """Return those who are insiders no more."""
    people = []
    for claim in claims:
        if claim.named.left:
            snippet = f"{_form(claim)}: {claim.named.name.full} is no longer an insider of {issuer.name} (section 16)"
            evidence = (_evidence("left", claim.filing.filed, claim, snippet),)
            name = claim.named.name
            people.append(Person(name.first, name.last, source=SOURCE, method=METHOD, evidence=evidence))
    return people


def changed_since(claims: Sequence[Claim], issuer: Issuer) -> int:
    """Return how many of the people are known from filings older than the last change of officers."""
    day = issuer.officers_changed()
    return sum(not claim.named.left and claim.filing.filed < day for claim in claims)


def _person(claim: Claim, issuer: Issuer, certainty: float, today: date) -> Person:
    named, filed = claim.named, claim.filing.filed
    role = classify(named.title)
    if (today - date.fromisoformat(filed)).days > 183:
        certainty -= HALF_A_YEAR_OLD
    if filed < issuer.officers_changed():
        certainty -= OFFICERS_CHANGED
    snippet = f"{_form(claim)}: {named.name.full}, {named.title}, {issuer.name}"
    return Person(
        first_name=named.name.first,
        last_name=named.name.last,
        title=named.title,
        seniority=role.seniority,
        department=role.department,
        decision_maker=role.decision_maker,
        confidence=confidence.public_data(certainty),
        source=SOURCE,
        method=METHOD,
        evidence=(
            _evidence("name", named.name.full, claim, snippet),
            _evidence("title", named.title, claim, snippet),
        ),
    )


def _evidence(field: str, value: str, claim: Claim, snippet: str) -> Evidence:
    return Evidence(field, value, claim.url, snippet[:MAX_SNIPPET], NAME, claim.fetched_at)


def _form(claim: Claim) -> str:
    return f"Form {claim.filing.form} filed {claim.filing.filed}"


def _filed(claim: Claim) -> str:
    return claim.filing.filed
