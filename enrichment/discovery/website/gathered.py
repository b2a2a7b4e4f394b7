"""What the pages of a site have told so far: people, addresses, and what there is to say about what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from enrichment.discovery import confidence
from enrichment.discovery.base import Diagnostic, Person
from enrichment.discovery.website import notices, people, script_pages
from enrichment.discovery.website.links import PRESENTS_PEOPLE
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.people import Extraction
from enrichment.discovery.website.sightings import STRUCTURED_DATA

MAX_PEOPLE = 1_000


@dataclass(slots=True)
class Gathered:
    """The people, addresses and single names found. `without_news`: how many pages in a row told nothing new."""

    found: list[Person] = field(default_factory=list)
    addresses: dict[str, None] = field(default_factory=dict)
    single_names: dict[str, None] = field(default_factory=dict)
    without_news: int = 0
    _facts: set[str] = field(default_factory=set)
    _read: int = 0
    _shells: int = 0
    _cut: int = 0
    _hidden_people: bool = False  # a page that should present people was a shell
    _shown_people: bool = False  # one did present some

    @property
    def is_full(self) -> bool:
        return len(self.found) >= MAX_PEOPLE

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(self.found[:MAX_PEOPLE])

    @property
    def nobodys_addresses(self) -> tuple[str, ...]:
        owned = {person.email for person in self.found}
        return tuple(address for address in self.addresses if address not in owned)

    def take(self, page: Page, kind: str) -> tuple[bool, bool]:
        """Read a page; return whether it shows anybody, and whether somebody new. `kind`: as its link was judged."""
        extraction = people.extract(page)
        presents = kind in PRESENTS_PEOPLE
        is_new = any(person.name not in self._facts for person in extraction.people)
        self.found += [_on_own_page(person) if presents else person for person in extraction.people]
        self.addresses.update(dict.fromkeys(extraction.emails))
        self.single_names.update(dict.fromkeys(extraction.single_names))
        self._count(extraction)
        is_shell = script_pages.is_shell(page)
        self._read += 1
        self._cut += extraction.cut
        self._shells += is_shell
        self._hidden_people |= presents and is_shell and not extraction.people
        self._shown_people |= presents and bool(extraction.people)
        return bool(extraction.people), is_new

    def left_out(self, host: str, *, complete: bool) -> Iterator[Diagnostic]:
        """Yield what the user should know about people who were not found. `complete`: reading was not stopped."""
        named = {person.first_name for person in self.found}
        singles = [name for name in self.single_names if name not in named]
        if singles:
            yield notices.single_names(singles)
        if self._cut:
            yield notices.page_cut(self._cut)
        if complete and (not self.found or (self._hidden_people and not self._shown_people)):
            by_scripts = self._hidden_people or self._shells * 2 >= self._read
            shown = notices.needs_javascript if by_scripts else notices.no_people
            yield shown(host, self._shells if by_scripts else self._read)

    def _count(self, extraction: Extraction) -> None:
        facts = set(extraction.emails)
        for person in extraction.people:
            facts |= {person.name, f"{person.name}: {person.title}".casefold()}
            facts |= {fact for fact in (person.email, person.linkedin_id) if fact}
        self.without_news = 0 if facts - self._facts else self.without_news + 1
        self._facts |= facts


def _on_own_page(person: Person) -> Person:
    """Return somebody from a page whose link said that it presents people."""
    sure = confidence.website(
        own_page=True,
        has_title=person.title is not None,
        structured=person.method == STRUCTURED_DATA,
        has_address=person.email is not None,
    )
    return replace(person, confidence=max(person.confidence, sure))
