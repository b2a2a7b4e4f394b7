"""One place on a page where somebody of the organisation is named; the sightings of one name make a person."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from nicknames import NickNamer

from enrichment.discovery.website import role_text
from enrichment.discovery.website.lines import Outline
from enrichment.discovery.website.name_words import is_initial
from enrichment.discovery.website.profiles import Profile
from enrichment.discovery.website.vocabulary import fold

MAX_SNIPPET = 300
REACH_BEFORE, REACH_AFTER = 3, 8

TEAM_PAGE, STRUCTURED_DATA, LEGAL_NOTICE, TEXT = (
    "website_team_page",
    "website_structured_data",
    "website_legal_notice",
    "website_text",
)

_METHODS = (STRUCTURED_DATA, TEAM_PAGE, LEGAL_NOTICE, TEXT)  # the one that says most first


@dataclass(slots=True)
class Sighting:
    """A name with what stands around it. `line` and `title_line` are indexes into the outline, -1 where there is none.

    `spans` are the ranges of lines about this person. `own_page`: the page, or the part of it, presents people.
    """

    name: str
    method: str
    title: str = ""
    line: int = -1
    title_line: int = -1
    spans: list[range] = field(default_factory=list)
    own_page: bool = False
    email: str | None = None
    profile: Profile | None = None


def merged(sightings: Iterable[Sighting]) -> list[Sighting]:
    """One sighting a person, in the order of their first. The better title wins, everything else adds up.

    Text often shortens a name that stands elsewhere in full, so sightings in text join those that may be theirs.
    """
    people: dict[tuple[str, ...], Sighting] = {}
    for sighting in sightings:
        key = _key(sighting.name)
        if key not in people and sighting.method == TEXT:
            key = next((other for other in people if _is_short_for(key, other)), key)
        known = people.setdefault(key, sighting)
        if known is not sighting:
            _add(known, sighting)
    return list(people.values())


def _add(known: Sighting, sighting: Sighting) -> None:
    if _title_worth(sighting) > _title_worth(known):
        known.title, known.title_line = sighting.title, sighting.title_line
    if known.line < 0:
        known.line = sighting.line
    known.spans += sighting.spans
    known.own_page = known.own_page or sighting.own_page
    known.email = known.email or sighting.email
    known.profile = known.profile or sighting.profile
    known.method = min(known.method, sighting.method, key=_METHODS.index)


def _is_short_for(key: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether all words of one name are in the other, or it has a nickname for the given name ("Ken" for "Kenneth")."""
    missing = [word for word in key if word not in other]
    unmatched = [word for word in other if word not in key]
    if not missing:
        return len(key) > 1
    return len(missing) == len(unmatched) == 1 and len(key) > 1 and missing[0] in _nicknames(unmatched[0])


@lru_cache(maxsize=1024)
def _nicknames(given: str) -> frozenset[str]:
    return frozenset(_nicknamer().nicknames_of(given)) | frozenset(_nicknamer().canonicals_of(given))


@cache
def _nicknamer() -> NickNamer:
    return NickNamer()


def _title_worth(sighting: Sighting) -> tuple[int, bool]:
    return role_text.strength(sighting.title), sighting.title_line >= 0


def snippet(outline: Outline, line: int, spans: list[range]) -> str:
    """The visible text around `line`, or around the person's first line, at most 300 characters."""
    lines = outline.lines
    span = next((span for span in spans if line in span), spans[0] if spans else range(line, line + 1))
    line = line if line in span else span.start
    if not 0 <= line < len(lines):
        return ""
    texts = [lines[line].text]
    texts += [following.text for following in lines[line + 1 : min(span.stop, line + REACH_AFTER)]]
    for preceding in range(line - 1, max(span.start, line - REACH_BEFORE) - 1, -1):
        if len(lines[preceding].text) + sum(map(len, texts)) < MAX_SNIPPET:
            texts.insert(0, lines[preceding].text)
    return " ".join(filter(None, texts))[:MAX_SNIPPET]


def _key(name: str) -> tuple[str, ...]:
    return tuple(sorted(fold(word) for word in name.split() if not is_initial(word))) or (fold(name),)
