"""People's names as registers write them: in capitals, with academic titles, family name first."""

import re

from enrichment.discovery.public_index.registers.reading import short
from enrichment.discovery.website.name_words import is_particle

MAX_NAME = 70

_LETTERS = re.compile(r"[^\W\d_]+")
_ARTICLES = frozenset({"le", "la", "les", "lo", "el"})
_GENERATIONS = frozenset({"II", "III"})
_NO_NAME = re.compile(r"[\d@/\\*\[\]{}<>|#%+=:;!?_]")  # "W*****", "[NON-DIFFUSIBLE]"
_DEGREES = frozenset({"mba", "phd", "csc", "drsc", "msc", "bsc", "llm", "dis", "msca", "obe", "mbe", "cbe", "artd"})
_HONORIFICS = frozenset({"dr", "sir", "dame", "lord", "lady", "mr", "mrs", "ms", "miss", "prof", "professor"})


def cased(text: str, *, elided: bool = False) -> str:
    """Return a name with its words in capitals as people write them: "JAN VAN DER BERG" -> "Jan van der Berg".

    Words that are not in capitals stay. `elided`: a French name, whose d' is small ("Jeanne d'Arc").
    """
    words = text.replace("’", "'").split()
    return " ".join(
        _cased(word, words[place - 1] if place else "", last=place == len(words) - 1, elided=elided)
        for place, word in enumerate(words)
    )


def _cased(word: str, before: str, *, last: bool, elided: bool) -> str:
    if not word.isupper() or word in _GENERATIONS or len(word.rstrip(".")) < 2:
        return word
    if not last and is_particle(word) and (word.lower() not in _ARTICLES or before.lower() == "de"):
        return word.lower()
    lowered = _LETTERS.sub(lambda match: match.group().capitalize(), word)
    lowered = re.sub(r"\bMc([^\W\d_])(?=[^\W\d_]{2})", lambda match: "Mc" + match[1].upper(), lowered)
    return re.sub(r"^D'(?=\w)", "d'", lowered) if elided else lowered


def without_titles(name: str) -> str:
    """Return a name without what comes before ("Ing.", "Dr. h. c.") and after it (", PhD.", "MBA")."""
    words = name.partition(",")[0].split()
    while len(words) > 1 and (_is_dotted(words[0]) or words[0].lower().strip(".") in _HONORIFICS):
        words = words[1:]
    while len(words) > 1 and (words[-1].lower().replace(".", "") in _DEGREES or _is_dotted(words[-1])):
        words = words[:-1]
    return " ".join(words)


def _is_dotted(word: str) -> bool:
    """Whether a word is an abbreviation and no initial: "Ing.", "h.", "Dipl.-Ing.", "Ph.D."."""
    return "." in word and (len(word.rstrip(".")) > 1 or word.islower())


def split(name: str) -> tuple[str, str]:
    """(first name, last name) of a name in that order: particles belong to the last, middle names are dropped."""
    words = name.split()
    if len(words) < 2:
        return "", name
    start = len(words) - 1
    while start > 1 and is_particle(words[start - 1]):
        start -= 1
    return words[0], " ".join(words[start:])


def person(first: object, last: object, *, elided: bool = False) -> tuple[str, str] | None:
    """(usual first name, last name), properly cased, from the parts that a register keeps; None for no usable name.

    Of several first names the first is the one that people go by. A birth name in brackets is dropped.
    """
    forenames = without_titles(cased(short(first), elided=elided)).split()
    family = re.sub(r"\([^)]*\)", " ", short(last).partition(",")[0])
    family = cased(" ".join(family.split()), elided=elided)
    if not forenames or not family or len(family) > MAX_NAME or len(forenames[0]) > MAX_NAME:
        return None
    if _NO_NAME.search(forenames[0] + family) or not _LETTERS.search(forenames[0]) or not _LETTERS.search(family):
        return None
    return forenames[0], family
