"""Who is left out for being on the suppression list. The one home of the rule, for discovery and approval.

An address on the list is never kept. A person whose likeliest address is on it has objected, whatever other
addresses they may have: they are left out as a whole. One that is on it only since a message bounced is no objection:
another address of the person may be right.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crm import suppression
from enrichment.discovery.base import Person
from enrichment.emails.finder import Candidate


@dataclass(frozen=True, slots=True)
class Screened:
    """The people who may be kept, with their addresses; and those left out, by name and addresses, to be forgotten."""

    kept: list[tuple[Person, list[Candidate]]]
    left_out: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Hits:
    """Addresses that are on the list, and those of them that are on it for more than a bounce."""

    all: Collection[str] = frozenset()
    refused: Collection[str] = frozenset()

    @property
    def bounced(self) -> set[str]:
        return set(self.all) - set(self.refused)


def look_up(addresses: Iterable[str]) -> Hits:
    """Return which of the addresses are on the list. One query, and another one if there are any."""
    listed = suppression.suppressed(addresses)
    return Hits(listed, suppression.refused(listed))


def screen(addresses_best_first: Sequence[str], hits: Hits) -> list[str] | None:
    """Return a person's addresses without those on the suppression list; None: leave the person out."""
    if addresses_best_first and addresses_best_first[0] in hits.refused:
        return None
    return [address for address in addresses_best_first if address not in hits.all]


def screen_people(people: Sequence[tuple[Person, Sequence[Candidate]]]) -> Screened:
    """Return whom discovery may keep, by one look-up. A published address on the list leaves its person out too."""
    hits = look_up(address for person, candidates in people for address in _all(person, candidates))
    screened = Screened([], [])
    for person, candidates in people:
        addresses = screen([candidate.email for candidate in candidates], hits)
        if addresses is None or person.email in hits.refused:
            screened.left_out.append((person.name, _all(person, candidates)))
        else:
            screened.kept.append((person, [candidate for candidate in candidates if candidate.email in addresses]))
    return screened


def _all(person: Person, candidates: Sequence[Candidate]) -> list[str]:
    return [candidate.email for candidate in candidates] + ([person.email] if person.email else [])
