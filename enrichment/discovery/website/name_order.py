"""Which part of a name is the family name? Decided by particles, patronymics, script and language."""

from functools import cache, lru_cache

from nameparser import Parser, Policy, locales, parser_for

from enrichment.discovery.website import cjk_names
from enrichment.discovery.website.name_words import is_given, is_initial, is_particle
from enrichment.discovery.website.vocabulary import fold

_TWO_FAMILY_NAMES = frozenset({"es", "ca", "gl"})  # languages whose speakers have two family names
_GENERATIONS = frozenset({"filho", "neto", "sobrinho"})  # follow the family name in Portuguese
_GO_ON = frozenset({"maria", "jose", "ana", "juan", "joao"})  # given names that "del Carmen", "da Conceição" continue


@lru_cache(maxsize=4096)
def split(name: str, language: str = "", *, family_first: bool = False) -> tuple[str, str]:
    """(first name, last name) of a name that `read` gave. Middle initials are dropped, middle names stay.

    A family name in capitals before or after the given name is recognised ("DUPONT Marie"), as are particles,
    patronymics and East Asian order. On Spanish pages a middle name that is no given name opens the family name.
    """
    if cjk_names.is_cjk(name):
        return cjk_names.split(name, language)
    tokens = name.split()
    if family_first and len(tokens) > 1:
        tokens = [*tokens[1:], tokens[0]]
    parsed = _parser().parse(" ".join(tokens))
    first, middle, last = parsed.given, parsed.middle.split(), parsed.family
    if not first or not last or parsed.suffix or is_given(parsed.title):  # "Aas" and "Fco." are names
        first, middle, last = tokens[0], tokens[1:-1], tokens[-1]
    if middle and language in _TWO_FAMILY_NAMES and not is_given(middle[-1]) and not is_initial(middle[-1]):
        last = f"{middle.pop()} {last}"
    if middle and fold(last) in _GENERATIONS:
        last = f"{middle.pop()} {last}"
    while middle and is_particle(middle[-1]):
        last = f"{middle.pop()} {last}"
    if fold(first) in _GO_ON:
        first, last = _with_devotion(first, last.split())
    if not is_initial(first):
        middle = [word for word in middle if not is_initial(word)]
    return " ".join([first, *middle]), last


def are_family_first(names: list[str]) -> bool:
    """Whether a list prints family names first throughout: its given names stand last, hardly ever first."""
    pairs = [(is_given(words_of[0]), is_given(words_of[-1])) for name in names if len(words_of := name.split()) == 2]
    backward = sum(last and not first for first, last in pairs)
    return len(pairs) >= 3 and backward * 5 >= len(pairs) * 3


def _with_devotion(first: str, last: list[str]) -> tuple[str, str]:
    """María | del Carmen Ruiz -> María del Carmen | Ruiz."""
    size = next((place for place, word in enumerate(last) if not is_particle(word)), 0)
    if 0 < size < len(last) - 1 and is_given(last[size]):
        return " ".join([first, *last[: size + 1]]), " ".join(last[size + 1 :])
    return first, " ".join(last)


@cache
def _parser() -> Parser:
    return parser_for(locales.RU, base=Parser(policy=Policy()))
