"""From a register's officers to people: the roles of one person joined, ended ones told apart."""

from collections.abc import Iterable, Sequence

from core.names import name_key
from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.public_index.registers.records import Officer, Record
from enrichment.discovery.titles import RANKS, Role, classify

METHOD = "company_register"
SOURCE = "public_index"
MAX_PEOPLE = 200
MAX_DEPARTED = 100
MAX_SNIPPET = 300
THROUGH_ANOTHER = 0.15  # less certain: who acts for the company that holds the role


def current(record: Record, source: str, certainty: float) -> list[Person]:
    """Return those who hold a role now, each once, with the highest of their roles as the title.

    `source`: for evidence; `certainty`, 0-1: how sure it is that the company is the brand and the role is held.
    """
    people = []
    for roles in _by_person(officer for officer in record.officers if officer.current)[:MAX_PEOPLE]:
        best = min(roles, key=lambda officer: _rank(classify(officer.title)))
        role = classify(best.title)
        lowered = certainty - (THROUGH_ANOTHER if best.through else 0.0)
        people.append(
            Person(
                first_name=best.first_name,
                last_name=best.last_name,
                title=best.title,
                seniority=role.seniority,
                department=role.department,
                decision_maker=role.decision_maker,
                confidence=confidence.public_data(lowered),
                source=SOURCE,
                method=METHOD,
                evidence=tuple(_evidence(best, roles, record, source)),
            )
        )
    return people


def departed(record: Record, source: str) -> list[Person]:
    """Return those whose last role has ended, the latest first."""
    staying = {name_key(officer.first_name, officer.last_name) for officer in record.officers if officer.current}
    ended = sorted((officer for officer in record.officers if not officer.current), key=_end, reverse=True)
    people = []
    for roles in _by_person(ended):
        last = roles[0]
        if name_key(last.first_name, last.last_name) not in staying:
            claim = _claim("left", last.ended or last.title, last, record, source)
            people.append(Person(last.first_name, last.last_name, source=SOURCE, method=METHOD, evidence=(claim,)))
    return people[:MAX_DEPARTED]


def company_facts(record: Record, source: str, title: str) -> list[Evidence]:
    """Return what the register says about the company itself. `title`: what people call the register."""
    facts = {
        "legal_name": record.legal_name,
        "register_number": record.number,
        "legal_form": record.legal_form,
        "industry": record.industry,
        "employees": record.employees,
    }
    snippet = f"{title}: {record.legal_name}, {record.number}"[:MAX_SNIPPET]
    return [
        Evidence(field, value, record.url, snippet, source, record.fetched_at)
        for field, value in facts.items()
        if value
    ]


def _by_person(officers: Iterable[Officer]) -> list[list[Officer]]:
    people: dict[str, list[Officer]] = {}
    for officer in officers:
        people.setdefault(name_key(officer.first_name, officer.last_name), []).append(officer)
    return list(people.values())


def _end(officer: Officer) -> str:
    return officer.ended


def _rank(role: Role) -> int:
    return RANKS.index(role.seniority) if role.seniority in RANKS else len(RANKS)


def _evidence(best: Officer, roles: Sequence[Officer], record: Record, source: str) -> Iterable[Evidence]:
    yield _claim("name", best.name, best, record, source)
    titles = {officer.title: officer for officer in [best, *roles]}
    for title, officer in titles.items():
        yield _claim("title", title, officer, record, source)


def _claim(field: str, value: str, officer: Officer, record: Record, source: str) -> Evidence:
    url = officer.url or record.url
    return Evidence(field, value, url, _snippet(officer, record), source, record.fetched_at)


def _snippet(officer: Officer, record: Record) -> str:
    """The entry in the register's own words: "Daglig leder: Kari Eksempel (Acme AS), since 2020-01-01"."""
    via = f"{officer.through} acts as such for " if officer.through else ""
    since = f", since {officer.started}" if officer.started else ""
    until = f", until {officer.ended}" if officer.ended else ""
    return f"{officer.role}: {officer.name} ({via}{record.legal_name}){since}{until}"[:MAX_SNIPPET]
