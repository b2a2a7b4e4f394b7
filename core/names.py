"""The folded form under which people's names are compared and looked up."""

import re
from collections.abc import Hashable, Mapping
from typing import TypeVar

from anyascii import anyascii
from rapidfuzz import fuzz, process

MAX_KEY = 400
ALIKE = 90  # of 100, by words in any order; one letter of ten

_Id = TypeVar("_Id", bound=Hashable)

_NO_WORD = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['’‘ʼ`´]")


def name_key(first: str, last: str) -> str:
    """Return the folded name by which a person is looked up: lower-case ASCII words, single spaces, at most 400 long.

    Case, accents, script (by transliteration), punctuation and hyphens make no difference. The key is stored, so
    what it is for a name must not change. Empty only for a name without letters or digits.
    """
    plain = anyascii(_APOSTROPHES.sub("", f"{first} {last}")).casefold()
    return _NO_WORD.sub(" ", plain).strip()[:MAX_KEY].rstrip()


def alike(key: str, others: Mapping[_Id, str], limit: int) -> list[_Id]:
    """Return who of `others`, given by their keys, has the same or much the same name, likeliest first."""
    found = process.extract(key, others, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=limit)
    return [who for _key, _score, who in found]
