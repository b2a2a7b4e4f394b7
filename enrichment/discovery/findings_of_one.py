"""The findings of one person, and the person they make together: whose title counts, how sure they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from core.names import name_key
from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.lexicon import fold
from enrichment.discovery.titles import RANKS, Role, classify

# Who tells best what somebody does, by source and method: the company itself, then who reads it from the person's own
# profile. A register knows the office that the law asks for ("Director"), not the work.
TITLES_FROM = (
    ("website", ""),
    ("linkedin", ""),
    ("public_index", "press_release"),
    ("public_index", "sec_filing"),
    ("public_index", "wikidata"),
    ("public_index", ""),
    ("public_index", "company_register"),
)
# A source that speaks this much later than another knows more; what was fetched in one run is of one time.
CLEARLY_NEWER = timedelta(days=30)

_TITLE_ORDER = {origin: place for place, origin in enumerate(TITLES_FROM)}
_PROFILE = re.compile(r"linkedin\.com/in/([^/?#\s]+)", re.IGNORECASE)
_UNTOLD = frozenset({"executive", "other"})  # the departments that say nothing of somebody's work
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Findings:
    """Findings of one person.

    `key`: the folded name; `origins`: what the findings are independent by; `speakers`: the sources that their
    evidence names; `departed`: who reports that they left.
    """

    key: str
    people: list[Person] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    profiles: set[str] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)
    speakers: set[str] = field(default_factory=set)
    departed: list[Person] = field(default_factory=list)

    def add(self, place: int, person: Person) -> None:
        """Take a finding in; `place` is where it stood among all."""
        self.people.append(person)
        self.places.append(place)
        self.titles |= {title_of(person)} - {""}
        self.addresses |= {address_of(person)} - {""}
        self.profiles |= {profile_of(person)} - {""}
        self.origins.add(origin_of(person))
        self.speakers |= {"linkedin" if _PROFILE.search(item.url) else item.source for item in person.evidence}

    def take(self, other: "Findings") -> None:
        """Take all findings of another in, who is the same person."""
        for place, person in zip(other.places, other.people, strict=True):
            self.add(place, person)

    def name_anew(self) -> None:
        """Make `key` that of the name that is shown."""
        self.key = key_of(_named(_ranked(self.people)))

    def pages(self) -> set[str]:
        """Return the addresses of the pages that name the person."""
        return {item.url for person in self.people for item in person.evidence}

    def share_a_source_with(self, other: "Findings") -> bool:
        """Whether one source names both, which it would not do with one person."""
        return bool(self.origins & other.origins or self.speakers & other.speakers)

    def differ_from(self, other: "Findings") -> bool:
        """Whether the profiles or the addresses of the two, where both have some, have none in common."""
        profiles = bool(self.profiles and other.profiles and not self.profiles & other.profiles)
        return profiles or bool(self.addresses and other.addresses and not self.addresses & other.addresses)

    def person(self) -> Person:
        """Return the findings as one person."""
        ranked = _ranked(self.people)
        best, named = ranked[0], _named(ranked)
        role = min((person for person in ranked if person.title), key=_title_worth, default=best)
        addressed = next((person for person in ranked if person.email), best)
        linked = next((person for person in ranked if person.linkedin_url or person.linkedin_id), best)
        return replace(
            best,
            first_name=named.first_name,
            last_name=named.last_name,
            title=role.title,
            seniority=role.seniority,
            department=role.department,
            decision_maker=role.decision_maker,
            email=addressed.email,
            linkedin_url=linked.linkedin_url,
            linkedin_id=linked.linkedin_id,
            confidence=self._confidence(best.confidence),
            evidence=_evidence([*(item for person in ranked for item in person.evidence), *self._leavings()]),
        )

    def _leavings(self) -> list[Evidence]:
        return [item for person in self.departed for item in person.evidence if item.field == "left"]

    def _confidence(self, best: int) -> int:
        """The best one, higher where independent origins agree, lower where one says that the person has left.

        Who says so counts for little while the company's own site shows the person, and for nothing where another
        origin speaks clearly later, or where the finding has that claim already.
        """
        agreed = confidence.agreed(best, len(self.origins))
        leavings = self._leavings()
        known = {_claim(item) for person in self.people for item in person.evidence}
        if not self.departed or (leavings and all(_claim(item) in known for item in leavings)):
            return agreed
        tellers = {origin_of(person) for person in self.departed}
        told = max((item.seen_at for item in leavings), default=_LONG_AGO)
        others = [person for person in self.people if origin_of(person) not in tellers]
        if leavings and any(_seen(person, _LONG_AGO) - told > CLEARLY_NEWER for person in others):
            return agreed
        shown = [person for person in others if person.source == "website"]
        on_site = any(told - _seen(person, told) <= CLEARLY_NEWER for person in shown)
        return confidence.reported_left(agreed, on_site=on_site)


def origin_of(person: Person) -> str:
    """Return what a finding is independent by: search results all read the same profiles, registers each their own."""
    if person.method == "search_operators" or person.source == "linkedin":
        return "linkedin"
    return f"{person.source} {person.method}" if person.source == "public_index" else person.source


def key_of(person: Person) -> str:
    """Return the folded name, never empty for somebody who has a name of any letters."""
    return name_key(person.first_name, person.last_name) or person.name.casefold()


def title_of(person: Person) -> str:
    """Return the title for comparing, "" where there is none."""
    return " ".join(fold(person.title or "").split())


def address_of(person: Person) -> str:
    """Return the e-mail address for comparing, "" where there is none."""
    return (person.email or "").strip().casefold()


def profile_of(person: Person) -> str:
    """Return what names the LinkedIn profile, "" where none is known."""
    slug = _PROFILE.search(person.linkedin_url or "")
    return (person.linkedin_id or (slug.group(1) if slug else "")).strip().casefold()


def content_of(person: Person) -> tuple[object, ...]:
    """Return what orders findings by what they say, the surest first: the order they came in makes no difference."""
    claims = sorted((item.field, item.value, item.url, item.snippet, item.source) for item in person.evidence)
    texts = (person.title, person.email, person.linkedin_id, person.linkedin_url, person.source, person.method)
    return -person.confidence, key_of(person), person.name, tuple(text or "" for text in texts), tuple(claims)


def rank_of(person: Person | Role) -> int:
    """Return the place of the seniority in RANKS, behind the last where it is unknown."""
    return RANKS.index(person.seniority) if person.seniority in RANKS else len(RANKS)


def _ranked(people: Iterable[Person]) -> list[Person]:
    return sorted(people, key=content_of)


def _named(ranked: list[Person]) -> Person:
    """Return the surest finding with a written-out first name."""
    return next((person for person in ranked if len(person.first_name.strip(".")) > 1), ranked[0])


def _title_worth(person: Person) -> tuple[int, int, bool, bool, int]:
    """The origin first, then how sure; at equal worth who decides, then the title that says what somebody works at."""
    exact = _TITLE_ORDER.get((person.source, person.method))
    place = exact if exact is not None else _TITLE_ORDER.get((person.source, ""), 0)
    role = classify(person.title or "")
    return place, -person.confidence, not role.decision_maker, role.department in _UNTOLD, rank_of(role)


def _seen(person: Person, undated: datetime) -> datetime:
    return max((item.seen_at for item in person.evidence), default=undated)


_Claim = tuple[str, str, str, str, str]


def _claim(item: Evidence) -> _Claim:
    return item.field, item.value, item.url, item.snippet, item.source


def _evidence(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return each claim once, as it was seen last."""
    seen: dict[_Claim, Evidence] = {}
    for item in items:
        known = seen.get(_claim(item))
        seen[_claim(item)] = item if known is None or item.seen_at > known.seen_at else known
    return tuple(seen.values())
