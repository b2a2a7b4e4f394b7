"""The words by which names, headings and mailboxes are told apart. Text files beside this one, one set each."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HERE = Path(__file__).parent
# Letters that Unicode does not take apart into a base letter and a mark.
_WHOLE_LETTERS = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "’": "'", "ʼ": "'"}
)


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """`word` for comparing: lower case, without accents; every script stays what it is."""
    lowered = unicodedata.normalize("NFKC", word).casefold().translate(_WHOLE_LETTERS)
    if lowered.isascii():
        return lowered
    return "".join(char for char in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(char))


@cache
def words(name: str) -> frozenset[str]:
    """The folded words of `name`.txt."""
    lines = (_HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(fold(word) for line in lines if not line.startswith("#") for word in line.split())


@cache
def phrases(name: str) -> tuple[str, ...]:
    """The phrases of `name`.txt as they are written."""
    lines = (_HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    parts = (part.strip() for line in lines if not line.startswith("#") for part in line.split(","))
    return tuple(dict.fromkeys(filter(None, parts)))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The phrases of `name`.txt as one pattern for folded text. Languages without spaces match anywhere."""
    longest = sorted({*map(fold, phrases(name))}, key=lambda phrase: (-len(phrase), phrase))  # which shall match first
    spaced = [re.escape(phrase).replace(r"\*", r"\w*") for phrase in longest if not _UNSPACED.search(phrase)]
    unspaced = [re.escape(phrase) for phrase in longest if _UNSPACED.search(phrase)]
    return re.compile("|".join([rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", *unspaced]))
