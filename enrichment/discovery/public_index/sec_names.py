"""People's names as EDGAR has them: "SAMPLE MICHAEL A JR", family name first, often in capitals."""

import re
from dataclasses import dataclass
from typing import Any

from enrichment.discovery.public_index.registers import names
from enrichment.discovery.public_index.registers.reading import short
from enrichment.discovery.website.name_words import is_particle

_GENERATIONS = {"JR": "Jr", "SR": "Sr", "II": "II", "III": "III", "IV": "IV"}
_DEGREES = frozenset({"MD", "PHD", "ESQ", "CPA", "MBA", "DR"})
# Funds and companies own shares and sit on boards too.
_NO_PERSON = re.compile(
    r"\b(?:L\.?P|L\.?L\.?[CP]|INC|CORP|CORPORATION|LTD|LIMITED|TRUST|FUNDS?|PARTNERS|PARTNERSHIP|CAPITAL|HOLDINGS?"
    r"|GROUP|VENTURES?|MANAGEMENT|ASSOCIATES|COMPANY|FOUNDATION|INVEST(?:ORS?|MENTS?)|ADVIS[EO]RS?|GMBH|PLC|N\.V)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Name:
    """`first`: the name that people go by; `last`: as websites have it, without the `generation` ("Jr", or "").

    `full` has everything.
    """

    first: str
    last: str
    full: str
    generation: str = ""


def owner(value: Any) -> Name | None:
    """Read "Last First Middle"; None for a company, and for anything that is no name."""
    text = short(value).replace(",", " ")
    if _NO_PERSON.search(text):
        return None
    words, generation = _without_suffixes(text.split())
    family = 0
    while family < len(words) - 2 and is_particle(words[family]):
        family += 1
    return _name(words[family + 1 :], words[: family + 1], generation)


def related(first: Any, middle: Any, last: Any) -> Name | None:
    """Read the parts of a name on Form D; None for a company, and for anything that is no name."""
    given, family = f"{short(first)} {short(middle)}".split(), short(last).replace(",", " ")
    if _NO_PERSON.search(f"{' '.join(given)} {family}"):
        return None
    words, generation = _without_suffixes(family.split())
    return _name(given, words, generation)


def _without_suffixes(words: list[str]) -> tuple[list[str], str]:
    """Return the words without generation and degrees, and the generation; the first word always stays."""
    bare = [word.replace(".", "").upper() for word in words]
    generation = next((_GENERATIONS[word] for word in bare[1:] if word in _GENERATIONS), "")
    skipped = {*_GENERATIONS, *_DEGREES}
    return [word for place, word in enumerate(words) if not place or bare[place] not in skipped], generation


def _name(given: list[str], family: list[str], generation: str) -> Name | None:
    given = [_initial(word) for word in given]
    person = names.person(" ".join(given), " ".join(family))
    if person is None:
        return None
    first, last = person
    if len(first.strip(".")) == 1 and len(given) > 1:
        first = f"{first} {names.cased(given[1])}"  # "J. Michael": the initial is not what they go by
    return Name(first, last, " ".join(filter(None, [names.cased(" ".join(given)), last, generation])), generation)


def _initial(word: str) -> str:
    return f"{word.upper()}." if len(word) == 1 and word.isalpha() else word
