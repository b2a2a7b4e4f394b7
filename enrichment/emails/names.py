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
# "(she/her)" is no nickname, "Dr. h.c." no name; "J.R." are two initials.
_ASIDES = re.compile(r"\([^()]*/[^()]*\)|\bh\. ?c\.(?!\w)", re.IGNORECASE)
_GLUED_INITIALS = re.compile(r"(?<=\b[^\W\d_]\.)(?=[^\W\d_]\.)")
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
# A Russian name of three words that ends with the father's name begins with the surname.
_PATRONYMIC = re.compile(r"[а-яё]+(?:вич|ьич|вна|ична)", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouy]")
_VIETNAMESE = frozenset(
    {"bui", "dang", "do", "duong", "hoang", "huynh", "le", "ngo", "nguyen", "pham", "phan", "tran", "vo", "vu"}
)
# The surnames of most Koreans, as they write them; the rule would make "gim", "i", "bag" …
_KOREAN = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho", "윤": "yoon",
    "장": "jang", "임": "lim", "신": "shin", "권": "kwon", "황": "hwang", "안": "ahn", "송": "song", "류": "ryu",
}  # fmt: skip
_GREEK_OU = re.compile("[οΟ][υύΥΎ]")  # two letters, one sound


@dataclass(frozen=True, slots=True)
class Name:
    """A person's names, as written. A word keeps its particles (`van der Berg`); titles and suffixes are gone."""

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    nickname: str = ""


def split(name: str) -> tuple[str, str]:
    """Return first and last name of a full name; either is empty when there is none. Titles and suffixes go.

    A name is read as written, given name first, unless a comma, capitals or a patronymic show the surname.
    """
    text = _surname_shown(_tidy(name, keep=","))
    parsed = nameparser.parse(text)
    nickname = f'"{parsed.nickname}"' if parsed.nickname else ""
    first = " ".join(filter(None, (parsed.given, parsed.middle, nickname)))
    if not (first and parsed.family) and (cjk := _CJK.fullmatch(text)) and len(text) > 1:
        cut = 1 if len(text) < 4 else 2
        return cjk[0][cut:], cjk[0][:cut]
    particle, _, rest = parsed.family.partition(" ")
    if rest and _has_vietnamese_van(f"{first} {particle}"):
        return f"{first} {particle}", rest
    return first, parsed.family


def _surname_shown(text: str) -> str:
    """Return a name that shows its surname in front ("Dr. DUPONT Jean") with a comma after it."""
    words = text.split(" ")
    if "," in text:
        return text
    start = next((place for place, word in enumerate(words) if not word.endswith(".")), len(words))
    end = next((place for place, word in enumerate(words) if place >= start and not word.isupper()), start)
    # A name has three letters and a vowel: "JR Doe" and "DJ Doe" have initials in front.
    capitals = any(len(word) > 2 and _VOWEL.search(letters(word)) for word in words[start:end])
    if not (capitals and not any(word.isupper() and len(word) > 2 for word in words[end:])):
        end = start + (len(words) == start + 3 and _PATRONYMIC.fullmatch(words[-1]) is not None)
    surname, others = words[start:end], words[end:]
    return f"{' '.join(surname)}, {' '.join(others)}" if surname and others else text


def parse(first_name: str, last_name: str) -> Name:
    """Return the words of a first and a last name; a middle name belongs to the first."""
    first, last = _tidy(first_name), _tidy(last_name)
    if _has_vietnamese_van(first):
        return Name(tuple(first.split()), tuple(last.split()))
    if first and last:
        parsed = nameparser.parse(f"{last}, {first}")  # this order says which is which
        given = [token for token in parsed.tokens if token.role in {"given", "middle"}]
        family = _words(token for token in parsed.tokens if token.role == "family")
        if given and family:
            # A name never begins with a particle: "Ben", "Al" and "Van" are given names there.
            return Name((given[0].text, *_words(given[1:])), family, parsed.nickname)
    # One name only, or one that reads as a title ("Judge").
    return Name(tuple(first.split()), tuple(last.split()))


def _has_vietnamese_van(first: str) -> bool:
    """Return whether a first name is a surname and a middle name, as in "Nguyen Van An": Van is no particle there."""
    words = [letters(word) for word in first.split()]
    return len(words) == 2 and words[0] in _VIETNAMESE and words[1] == "van"


def _tidy(text: str, keep: str = "") -> str:
    text = unicodedata.normalize("NFC", text[:MAX_NAME])
    text = _GLUED_INITIALS.sub(" ", _ASIDES.sub(" ", text))[:MAX_NAME]
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
    if text in _KOREAN:
        return _KOREAN[text]
    ascii_text: str = anyascii(_GREEK_OU.sub("ou", text))
    return _HYPHENS.sub("-", _NOT_LETTERS.sub("", ascii_text.lower())).strip("-")
