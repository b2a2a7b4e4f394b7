"""Chinese, Japanese and Korean names: which strings may be one, and where the family name, which is first, ends."""

import re
from functools import cache

from nameparser import Lexicon

from enrichment.discovery.website.vocabulary import words

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_HANGUL = re.compile(r"[\uac00-\ud7af]{2,4}|[\uac00-\ud7af]{1,2} [\uac00-\ud7af]{1,3}")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff々ヶ]{1,4}")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々ー]{1,5}")
_FOREIGN = re.compile(r"[\u30a1-\u30faー]{2,}(?:・[\u30a1-\u30faー]{2,})+")
_KATAKANA = re.compile(r"[\u30a1-\u30faー]+")
_HONORIFIC = re.compile(r"\s*(?:先生|さん|様|氏|女士|小姐|教授|博士|님)$")
_READING = re.compile(r"\s*[（(][^）)]*[）)]\s*$")  # "山田 太郎（やまだ たろう）"


def bare(text: str) -> str:
    """The name without a reading in brackets and without an honorific, its parts one space apart."""
    return _HONORIFIC.sub("", " ".join(_READING.sub("", text).split()))


def likelihood(text: str) -> float:
    """How likely (0-1) `text` is a name. Two to four characters are many other words, so most need more evidence."""
    name = bare(text)
    if _FOREIGN.fullmatch(name):
        return 0.5
    if _HANGUL.fullmatch(name):
        return 0.6 if _korean(name) else 0.0
    parts = name.split(" ")
    if len(parts) == 2 and all(_JAPANESE.fullmatch(part) for part in parts) and _HAN.fullmatch(parts[0]):
        known = parts[0] in words("japanese_surnames") or parts[0] in words("chinese_surnames")
        return 0.85 if known else 0.4
    if len(parts) == 1 and 2 <= len(name) <= 5 and _JAPANESE.fullmatch(name) and _family(name):
        family = _family(name)
        return 0.45 if len(name) <= 3 or len(family) > 1 or family in words("japanese_surnames") else 0.0
    return 0.0


def split(name: str, language: str = "") -> tuple[str, str]:
    """(given name, family name). A foreign name in katakana is given name first."""
    if "・" in name:
        first, _, last = name.partition("・")
        return first, last
    family, _, given = name.partition(" ")
    if given:
        return given, family
    family = _korean(name) or _family(name, chinese_first=language == "zh") or name[:1]
    return name[len(family) :], family


def is_korean_name(text: str) -> bool:
    """Whether `text` is a Korean name of the usual form: one of the family names, and a given name of two syllables."""
    return len(text) == 3 and _HANGUL.fullmatch(text) is not None and bool(_korean(text))


def is_cjk(name: str) -> bool:
    return CJK.search(name) is not None


def _family(name: str, *, chinese_first: bool = False) -> str:
    for size in (3, 2, 1) if not chinese_first else (2, 1, 3):
        head = name[:size]
        if len(name) > size and (head in words("japanese_surnames") or head in words("chinese_surnames")):
            return head
    return ""


def _korean(name: str) -> str:
    first = name.split(" ", maxsplit=1)[0] if " " in name else ""
    if first:
        return first if first in _korean_surnames() else ""
    return next((name[:size] for size in (2, 1) if len(name) > size and name[:size] in _korean_surnames()), "")


@cache
def _korean_surnames() -> frozenset[str]:
    return frozenset(Lexicon.default().surnames)


def written(first: str, last: str) -> str:
    """A person's name as it is written in its script: 山田太郎, but Jane Doe."""
    if is_cjk(first + last) and "・" not in first + last and not _KATAKANA.fullmatch(first + last):
        return f"{last}{first}"
    return f"{first} {last}".strip()
