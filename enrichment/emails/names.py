"""A human name, as people write it -> its words: given names, surnames with their particles, nickname."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import nameparser
from anyascii import anyascii

MAX_NAME = 200  # characters

_PUNCTUATION = frozenset("-.'’\"“”„() ")
_HYPHENS = re.compile(r"-+")
_NOT_LETTERS = re.compile(r"[^a-z-]+")
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A person's names, as written. A word keeps its particles (`van der Berg`); titles and suffixes are gone."""

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    nickname: str = ""


def split(name: str) -> tuple[str, str]:
    """Return first and last name of a full name; either is empty when there is none. Titles and suffixes go."""
    text = _tidy(name, keep=",")
    parsed = nameparser.parse(text)
    nickname = f'"{parsed.nickname}"' if parsed.nickname else ""
    first = " ".join(filter(None, (parsed.given, parsed.middle, nickname)))
    if not (first and parsed.family) and (cjk := _CJK.fullmatch(text)) and len(text) > 1:
        cut = 1 if len(text) < 4 else 2
        return cjk[0][cut:], cjk[0][:cut]
    return first, parsed.family


def parse(first_name: str, last_name: str) -> Name:
    """Return the words of a first and a last name; a middle name belongs to the first."""
    first, last = _tidy(first_name), _tidy(last_name)
    if first and last:
        parsed = nameparser.parse(f"{last}, {first}")  # this order says which is which
        given = [token for token in parsed.tokens if token.role in {"given", "middle"}]
        family = _words(token for token in parsed.tokens if token.role == "family")
        if given and family:
            # A name never begins with a particle: "Ben", "Al" and "Van" are given names there.
            return Name((given[0].text, *_words(given[1:])), family, parsed.nickname)
    # One name only, or one that reads as a title ("Judge").
    return Name(tuple(first.split()), tuple(last.split()))


def _tidy(text: str, keep: str = "") -> str:
    text = unicodedata.normalize("NFC", text[:MAX_NAME])
    kept = (_legible(character, keep) for character in text)
    return " ".join("".join(kept).split())


def _legible(character: str, keep: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd":
        return "-"
    return character if category[0] in "LM" or character in _PUNCTUATION or character in keep else " "


def _words(tokens: Iterable[nameparser.Token]) -> tuple[str, ...]:
    """Return the words with their particles in front; a particle at the end is a name ("Do", "Van")."""
    words, particles = [], ""
    for token in tokens:
        if "conjunction" in token.tags:  # Ortega y Gasset
            continue
        if "particle" in token.tags:
            particles += f"{token.text} "
        else:
            words.append(particles + token.text)
            particles = ""
    return (*words, particles.strip()) if particles else tuple(words)


def letters(text: str) -> str:
    """Return `text` romanised, as lower-case letters a-z and single inner hyphens; apostrophes and the rest go."""
    ascii_text: str = anyascii(text)
    return _HYPHENS.sub("-", _NOT_LETTERS.sub("", ascii_text.lower())).strip("-")
