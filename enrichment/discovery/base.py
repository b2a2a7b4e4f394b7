"""The words that every source of people speaks: a brand goes in, people with evidence come out.

Nothing here knows a database. Times are aware UTC datetimes, URLs are absolute.
"""

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from core.http import Client
from enrichment.discovery.answers import Answers
from enrichment.discovery.clues import Clues


@dataclass(frozen=True, slots=True)
class Brand:
    """Whom to look for. `domain` is the registrable domain of `website`."""

    name: str
    website: str | None = None
    domain: str | None = None
    linkedin_company_url: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where one claim was read: `field` is `name`, `title`, `email`, `linkedin` …, `value` what was claimed.

    `snippet` is the text around it as a reader of the page sees it, at most 300 characters.
    """

    field: str
    value: str
    url: str
    snippet: str
    source: str
    seen_at: datetime

    def as_json(self) -> dict[str, str]:
        """Return the claim as the API shows it and the database keeps it."""
        return {
            "field": self.field,
            "value": self.value,
            "url": self.url,
            "snippet": self.snippet,
            "source": self.source,
            "seenAt": self.seen_at.isoformat().replace("+00:00", "Z"),
        }


@dataclass(frozen=True, slots=True)
class Person:
    """Someone at the brand. Names as written there; `confidence` 0-100 (discovery/confidence.py)."""

    first_name: str
    last_name: str
    title: str | None = None
    seniority: str = "unknown"
    department: str = "other"
    decision_maker: bool = False
    email: str | None = None
    linkedin_url: str | None = None
    linkedin_id: str | None = None
    confidence: int = 50
    source: str = "website"
    method: str = "website_team_page"
    evidence: tuple[Evidence, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def _clean(text: str) -> str:
    """Return the text without control characters and lone surrogates, which no database takes."""
    return "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text).strip()


def printable_claim(claim: Evidence) -> Evidence:
    """Return the claim without characters that no database takes."""
    return replace(claim, value=_clean(claim.value), url=_clean(claim.url), snippet=_clean(claim.snippet))


def printable(person: Person) -> Person:
    """Return the person without characters that no database takes."""
    return replace(
        person,
        first_name=_clean(person.first_name),
        last_name=_clean(person.last_name),
        title=person.title and _clean(person.title),
        email=person.email and _clean(person.email),
        linkedin_url=person.linkedin_url and _clean(person.linkedin_url),
        linkedin_id=person.linkedin_id and _clean(person.linkedin_id),
        evidence=tuple(map(printable_claim, person.evidence)),
    )


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something the user should know about a run: a stable `code` and a sentence that says what to do."""

    code: str
    sentence: str
    source: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What one source brought back.

    `addresses` are published ones that belong to nobody found (info@ …). `departed` are people of whom the source
    says that they have left, each with evidence of the field `left`. `company` are claims about the company itself:
    their fields are `industry`, `employees`, `parent`, `subsidiary`, `legal_name`, `legal_form`, `register_number`,
    `website`, `country` (ISO 3166-1 alpha-2), `telephone`.
    """

    people: tuple[Person, ...] = ()
    addresses: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    departed: tuple[Person, ...] = ()
    company: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a source may do for one brand. `max_pages` and `max_seconds` are the website's."""

    max_pages: int = 15
    max_seconds: float = 45.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """What a source works with.

    `stopped()` turns true when the job was cancelled or lost, or the source's own time is up: finish early with what
    there is. `clues`: what other sources of this job find and this one may follow, or the other way round.
    `answers`: what earlier runs fetched. `now()`: the moment, for evidence and ages. `sleep(seconds)`: as in `time`.
    """

    client: Client
    limits: Limits = field(default_factory=Limits)
    stopped: Callable[[], bool] = lambda: False
    clues: Clues = field(default_factory=Clues)
    answers: Answers = field(default_factory=Answers)
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep


class SourceError(Exception):
    """A source could not do its work. `diagnostic` says why, in a sentence for the user."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.sentence)
        self.diagnostic = diagnostic


class Source(Protocol):
    """A place where people of a brand can be found. One module each, one line in registry.py.

    `name`: as in ENRICHMENT_SOURCES, and in evidence and diagnostics. `seconds`: the time it gets; what it waits for
    other sources' clues does not count.
    """

    name: str
    seconds: float

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return who works at `brand`. Raises SourceError when the source cannot tell."""
