"""Finding known words and phrases in a short text, of any script: the look-up behind titles.py."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from anyascii import anyascii

_WORD = re.compile(r"\w+")
_LATIN_END = 0x250
_VIETNAMESE = range(0x1E00, 0x1F00)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
_COMBINING = range(0x300, 0x370)


def fold(text: str) -> str:
    """Return `text` for comparing: compatibility forms joined, case folded, Latin letters without accents."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        anyascii(char) if char > "\x7f" and (ord(char) < _LATIN_END or ord(char) in _VIETNAMESE) else char
        for char in folded
        if ord(char) not in _COMBINING
    )


@dataclass(frozen=True, slots=True)
class Match:
    """Where in a text a term stands (offsets), and the value it has in the lexicon."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text and its offsets there."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Return the words of `text`: runs of letters and digits."""
    return [Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


class Lexicon:
    """Terms with their values. `word*` stands for a beginning, `*word` for an ending.

    Terms in Chinese, Japanese or Korean script match anywhere. The first value given for a term counts.
    """

    def __init__(self, terms: Iterable[tuple[str, str]]) -> None:
        self.phrases: dict[str, str] = {}
        self.starts: dict[str, str] = {}
        self.ends: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        for raw, value in terms:
            term = " ".join(fold(raw).split())
            if _CJK.search(term):
                self.parts.setdefault(term, value)
            elif term.endswith("*"):
                self.starts.setdefault(term.strip("*"), value)
            elif term.startswith("*"):
                self.ends.setdefault(term.strip("*"), value)
            else:
                self.phrases.setdefault(term, value)
        self.longest = max((len(phrase.split()) for phrase in (*self.phrases, *self.starts)), default=1)
        self.longest_part = max(map(len, self.parts), default=0)

    def matches(self, text: str, tokens: list[Word]) -> list[Match]:
        """Return the longest matches in the folded `text`, left to right, without overlaps."""
        found: list[Match] = []
        index = 0
        while index < len(tokens):
            size, value = self._at(tokens, index)
            if value is not None:
                found.append(Match(tokens[index].start, tokens[index + size - 1].end, value))
            index += size
        if self.parts and _CJK.search(text):
            found += self._parts_in(text)
            found.sort(key=lambda match: match.start)
        return found

    def _at(self, tokens: list[Word], index: int) -> tuple[int, str | None]:
        for size in range(min(self.longest, len(tokens) - index), 0, -1):
            phrase = " ".join(token.text for token in tokens[index : index + size])
            value = self.phrases.get(phrase)
            if value is None and phrase.endswith("s") and len(phrase) > 3:
                value = self.phrases.get(phrase[:-1])
            if value is None:
                value = self._beginning(phrase, tokens[index + size - 1].text)
            if value is not None:
                return size, value
        return 1, self._ending(tokens[index].text)

    def _beginning(self, phrase: str, last: str) -> str | None:
        shortest = max(len(phrase) - len(last) + 2, 3) if phrase != last else 2
        for length in range(len(phrase), shortest - 1, -1):
            value = self.starts.get(phrase[:length])
            if value is not None:
                return value
        return None

    def _ending(self, word: str) -> str | None:
        for cut in range(1, len(word) - 2):
            value = self.ends.get(word[cut:])
            if value is not None:
                return value
        return None

    def _parts_in(self, text: str) -> list[Match]:
        found: list[Match] = []
        index = 0
        while index < len(text):
            for size in range(min(self.longest_part, len(text) - index), 0, -1):
                value = self.parts.get(text[index : index + size])
                if value is not None:
                    found.append(Match(index, index + size, value))
                    index += size - 1
                    break
            index += 1
        return found
