"""What headings, page titles and job titles say about the people under them: ours, somebody else's, no longer ours."""

import re
from functools import lru_cache

from enrichment.discovery.website.vocabulary import fold, pattern

MAX_HEADING = 200
MAX_HEADING_WORDS = 12

# Too common to mean staff inside a longer heading.
_ALONE = frozenset(
    {"people", "personal", "management", "direction", "gerencia", "directory", "annuaire", "directorio", "verzeichnis"}
)
_UNTIL = re.compile(r"\b(?:until|bis|jusqu.en|hasta|ate|fino al|tot|do) (?:19|20)\d\d\b|†|✝")
_LIFETIME = re.compile(r"\b(?:18|19)\d\d\s?[-–]\s?(?:19|20)\d\d\b")


@lru_cache(maxsize=4096)
def names_staff(text: str) -> bool:
    """Whether a page title or heading has a word for the organisation's own people."""
    folded = fold(text[:MAX_HEADING]).strip()
    return folded in _ALONE or pattern("staff_headings").search(folded) is not None


@lru_cache(maxsize=4096)
def names_organisation(text: str) -> bool:
    """Whether a page title says that the page is about the organisation, or how to reach it."""
    return pattern("about_headings").search(fold(text[:MAX_HEADING])) is not None


@lru_cache(maxsize=4096)
def about_others(text: str) -> bool:
    """Whether a heading announces people from outside, or who no longer work there."""
    folded = fold(text[:MAX_HEADING])
    return pattern("others_headings").search(folded) is not None or pattern("former").search(folded) is not None


@lru_cache(maxsize=4096)
def about_staff(text: str) -> bool:
    """Whether a heading announces the organisation's own people."""
    return len(text.split()) <= MAX_HEADING_WORDS and names_staff(text) and not about_others(text)


@lru_cache(maxsize=4096)
def is_outsider(title: str) -> bool:
    """Whether a title is one of those who serve from outside: "Datenschutzbeauftragter", "Web designer"."""
    return pattern("suppliers").fullmatch(fold(title[:MAX_HEADING])) is not None


@lru_cache(maxsize=4096)
def is_former(text: str) -> bool:
    """Whether a title says that its bearer left or died: "Former CEO", "Directeur honoraire", "(1931-2009)"."""
    folded = fold(text)
    return any(found.search(folded) for found in (pattern("former"), _UNTIL, _LIFETIME))


@lru_cache(maxsize=4096)
def is_pet(title: str) -> bool:
    """Whether a title is an animal's: it ends in one ("Office dog", "Head of Security (cat)")."""
    folded = fold(title[:MAX_HEADING]).rstrip(" )!.")
    return any(match.end() == len(folded) for match in pattern("pets").finditer(folded))


@lru_cache(maxsize=4096)
def is_supplier(text: str) -> bool:
    """Whether a heading stands over those who host or designed the site."""
    return pattern("suppliers").search(fold(text[:MAX_HEADING])) is not None
