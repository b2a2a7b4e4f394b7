"""Queries with search operators that find a brand's decision-makers among the LinkedIn profiles an engine knows."""

import re
import unicodedata
from collections.abc import Iterable

from enrichment.discovery.base import Brand
from enrichment.discovery.search_engines.companies import bare_name
from enrichment.discovery.search_engines.title_words import local_titles

# What Brave Search takes, the strictest of the engines.
MAX_LENGTH = 400
MAX_WORDS = 50
MAX_BRAND = 80
MAX_BRAND_WORDS = 10

_SITE = "site:linkedin.com/in"
_LEADERS = ("CEO", "Founder", "Co-Founder", "Owner", "President", "Managing Director")
_OFFICERS = ("CMO", "CFO", "COO", "CTO", "Chief", "VP", "Vice President")
_HEADS = ("Head of", "Director", "Partner", "General Manager")
_PROMOTERS = ("Marketing", "Partnerships", "Sponsorship", "Brand", "Communications", "Sales", "Business Development")

# Quotation marks end the phrase, an asterisk is a wildcard inside it, and a backslash may escape the mark behind it.
_UNSAFE = re.compile(r"[\"“”„‟«»＂*\\<>]+")


def queries(brand: Brand) -> list[str]:
    """Return the queries, the most promising first: at most 400 characters and 50 words each. None without a name."""
    name = _phrase(brand.name)
    if not name:
        return []
    groups = [_LEADERS, *local_titles(brand), _OFFICERS, _HEADS, _PROMOTERS]
    return [_query(name, titles) for titles in groups]


def _phrase(name: str) -> str:
    """Return what to look for: the name without legal form, and without what means something to a search engine."""
    text = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in name[: MAX_BRAND * 4])
    words = _UNSAFE.sub(" ", bare_name(text)).split()[:MAX_BRAND_WORDS]
    while len(" ".join(words)) > MAX_BRAND and len(words) > 1:
        words = words[:-1]
    text = " ".join(words)[:MAX_BRAND].strip(" -–—+|~()")
    return text if any(char.isalnum() for char in text) else ""


def _query(name: str, titles: Iterable[str]) -> str:
    """Return one query, with as many of `titles` as fit."""
    query = ""
    terms: list[str] = []
    for title in titles:
        terms.append(f'"{title}"' if " " in title or "-" in title else title)
        longer = f'{_SITE} "{name}" ({" OR ".join(terms)})'
        if len(longer) > MAX_LENGTH or len(re.findall(r"\w+", longer)) > MAX_WORDS:
            break
        query = longer
    return query
