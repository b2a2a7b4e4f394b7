"""Is this text a person's name?

A name is recognised by its shape (two to six capitalised words, initials, particles), by a list of given names,
and by what it is not: page furniture and job titles. No single sign decides; `Reading.likelihood` weighs them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from enrichment.discovery.website import cjk_names, role_text
from enrichment.discovery.website.name_words import (
    bare,
    capitals_last,
    is_given,
    is_initial,
    is_particle,
    without_asides,
)
from enrichment.discovery.website.vocabulary import fold, words

MAX_NAME = 70
MAX_WORDS = 6
_CONJUNCTIONS = frozenset({"y", "i", "e", "und"})  # inside one name only between two family names
# What a name is worth by its shape alone, and with a given name that we know.
BY_SHAPE = 0.4
KNOWN = 0.85

_FORBIDDEN = re.compile(r"[\d@/\\&!?:;=+*#%{}\[\]<>…_|©®™•·→»«\"“”()]")
_PATRONYMIC = re.compile(r"(?:ович|евич|овна|евна|ична|йович|ovich|evich|ovna|evna)$")
_CYRILLIC = re.compile(r"[А-ЯЁІЇЄ][а-яёіїєґ'-]+$")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.‘`-](?=[^\W\d_]))*\.?")
_SMALL_BEFORE = re.compile(r"(?:d|l|dell|dall|nell|m|t|h|n|s)['’]?(?=[^\W\d_a-zà-ÿ])")  # d'Arcy, dell'Acqua, tSaoir
_SAINTS = frozenset({"san", "santa", "saint", "st"})  # a name that begins so is a place


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read as a name: `text` without honorifics and suffixes, and how likely it is one (0-1).

    `single` names have one word only: somebody, but nobody that can be addressed. `honoured` ones had a title such as
    "Dr." or a degree.
    """

    text: str
    likelihood: float
    single: bool = False
    honoured: bool = False


@lru_cache(maxsize=16384)
def read(text: str) -> Reading | None:
    """Read `text` as one person's name and nothing else; None when it can be none."""
    text = text.strip(" \t,;:–—-·•*|\u200b\ufeff")
    if not 2 <= len(text) <= MAX_NAME:
        return None
    if cjk_names.is_cjk(text):
        likelihood = 0.0 if role_text.strength(text) else cjk_names.likelihood(text)
        return Reading(cjk_names.bare(text), likelihood) if likelihood else None
    text, nickname = without_asides(text)
    tokens, honoured = bare(text.replace("’", "'").replace("`", "'").split())
    if nickname and tokens and all(is_initial(token) for token in tokens[:-1]):
        tokens = [nickname, tokens[-1]]
    if len(tokens) > 1 and _CYRILLIC.match(tokens[0]) and all(map(is_initial, tokens[1:])):
        tokens = [*tokens[1:], tokens[0]]  # "Иванов И. И."
    if not 1 <= len(tokens) <= MAX_WORDS or _FORBIDDEN.search(" ".join(tokens)):
        return None
    tokens = capitals_last(tokens)
    likelihood = _likelihood(tokens)
    if not likelihood:
        return None
    single = len(tokens) == 1
    if single and role_text.strength(text):
        return None
    return Reading(" ".join(tokens), likelihood, single, honoured)


def _likelihood(tokens: list[str]) -> float:
    full: list[str] = []
    for place, token in enumerate(tokens):
        if is_particle(token) and len(tokens) > 2 and place < len(tokens) - 1:
            if fold(token) in _CONJUNCTIONS and (
                place < 2 or (is_given(tokens[place + 1]) and place + 2 < len(tokens))
            ):
                return 0.0  # "Anna y Pedro López" are two
            continue
        bare_token = _SMALL_BEFORE.sub("", token, count=1) if place and token[:1].islower() else token.lstrip("'")
        if not _WORD.fullmatch(bare_token) or not bare_token[:1].isupper():
            return 0.0
        if not is_initial(token):
            full.append(token)
    if not full or full[-1] != tokens[-1] or fold(tokens[0]) in _SAINTS:
        return 0.0
    share = _share_of_names(full, {after for before, after in pairwise(tokens) if is_particle(before)})
    return min(share, _weigh(tokens, full)) if share else 0.0


def _share_of_names(full: list[str], led: set[str]) -> float:
    """1 when no word speaks against a name, 0 when one does, between where the last is doubtful.

    `led` are the words after a particle: the company form "S.A." is a family name in "Ana de Sá".
    """
    given = [is_given(token) for token in full]
    for place, token in enumerate(full):
        folded = fold(token).strip(".")
        if given[place] or (folded in words("word_surnames") and place and given[0]):
            continue
        if role_text.blocks_name(folded):
            return 0.0
        if folded in words("page_words") and not (token in led and given[0]):
            return BY_SHAPE + 0.1 if given[0] and place == len(full) - 1 == 1 else 0.0  # "Ida Solar", "Virginia Beach"
    return 1.0


def _weigh(tokens: list[str], full: list[str]) -> float:
    given = [is_given(token) for token in full]
    if len(tokens) == 1:
        return 0.7 if given[0] else 0.2
    if given[0] or any(_PATRONYMIC.search(token) for token in full):
        return KNOWN
    weight = BY_SHAPE
    if any(given[1:]):
        weight += 0.2
    if len(tokens) > len(full) and not is_initial(tokens[0]):
        weight += 0.1  # a middle initial or a particle
    if len(full) > 3 or max(map(len, full)) > 16:
        weight -= 0.1
    return weight
