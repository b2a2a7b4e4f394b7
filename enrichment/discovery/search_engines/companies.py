"""Is the company that a result names the brand? Compared folded and without legal form, as a whole name or not at all.

"Acme", "ACME GmbH", "Acme Group" and "acme.example" are one; "Acme Robotics" is another company.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from cleanco import basename

from enrichment.discovery.base import Brand
from enrichment.discovery.lexicon import Word, fold, words_of
from enrichment.discovery.name_variants import spelling
from enrichment.discovery.website import role_text
from enrichment.discovery.website.cjk_names import is_cjk

MAX_NAME = 120

_FORMS = re.compile(
    r"(?:股份|责任|責任)?有限(?:责任|責任)?公司|株式会社|有限会社|合同会社|주식회사|[㈜㈱]|[（(]\s*(?:株|有|주)\s*[)）]"
)
_EDGES = " \t.,;:|·•-–—()[]（）\"'“”„‘’«»"
_AND = frozenset({"and", "und", "et"})
# Words behind a name that make no other company of it.
_SAME_HOUSE = frozenset(
    {"group", "gruppe", "groupe", "grupo", "gruppo", "holding", "holdings", "international", "global", "worldwide"}
    | {"company", "official", "deutschland", "germany", "austria", "osterreich", "schweiz", "suisse", "switzerland"}
    | {"france", "italia", "italy", "espana", "spain", "nederland", "netherlands", "belgium", "polska", "poland", "uk"}
    | {"usa", "us", "europe", "emea", "dach", "apac", "japan", "canada", "australia", "india", "brasil", "brazil"}
)
# Capitalised words that may stand before a company's name without being part of it.
_BEFORE = frozenset(
    {"at", "bei", "chez", "presso", "bij", "hos", "of", "for", "the", "with", "from", "by", "von", "de", "join", "view"}
    | {"ex", "former", "formerly", "previously", "now", "currently"}
)


@dataclass(frozen=True, slots=True)
class Company:
    """How a brand is recognised. `keys`: what a name of it comes to; `words`: its name's words, folded."""

    name: str
    keys: frozenset[str]
    words: tuple[str, ...]
    domain: str
    capital: bool

    def is_named(self, text: str) -> bool:
        """Whether `text` is the brand's name or domain, and nothing else."""
        text = text[:MAX_NAME].strip(_EDGES)
        if not text:
            return False
        return text.lower().removeprefix("www.") == self.domain or key(text) in self.keys

    def mentions(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where (offsets) a sentence names the brand, in order of its words; the domain comes last.

        The name must be written with a capital if the brand is, and must not go on into a longer name.
        """
        if is_cjk(self.name):
            yield from ((match.start(), match.end()) for match in re.finditer(re.escape(self.name), text))
        elif self.words:
            yield from self._in_words(text, words_of(text))
        if self.domain:
            pattern = rf"(?<![\w.@-])(?:www\.)?{re.escape(self.domain)}(?![\w-])"
            yield from ((match.start(), match.end()) for match in re.finditer(pattern, text.lower()))

    def _in_words(self, text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
        folded = [spelling(fold(word.text)) for word in words]
        kept = [place for place, word in enumerate(folded) if word not in _AND]
        size = len(self.words)
        for at in range(len(kept) - size + 1):
            places = kept[at : at + size]
            if tuple(folded[place] for place in places) != self.words:
                continue
            first, last = words[places[0]], words[places[-1]]
            if self.capital and not first.text[:1].isupper():
                continue
            if not _goes_on(text, words, places[-1]) and not _began_before(text, words, places[0]):
                yield first.start, last.end


def company_of(brand: Brand) -> Company:
    """Return how to recognise `brand`."""
    domain = (brand.domain or "").strip().lower()
    label = spelling(fold(domain.partition(".")[0].replace("-", "")))
    name = bare_name(brand.name)
    keys = {key(brand.name), label if len(label) > 2 else ""}
    capital = any(char.isupper() for char in name)
    return Company(name, frozenset(keys - {""}), tuple(_words(name)), domain, capital)


def bare_name(name: str) -> str:
    """Return a company's name without its legal form: "Müller & Söhne GmbH" -> "Müller & Söhne"."""
    name = " ".join(name[:MAX_NAME].split())
    bare = _FORMS.sub(" ", name).strip(_EDGES)
    return basename(bare).strip(_EDGES) or bare or name


def key(name: str) -> str:
    """Return the form under which names of companies are compared: "Müller & Söhne GmbH" -> "mullersohne"."""
    return "".join(_words(bare_name(name)))


def _words(name: str) -> list[str]:
    words = [spelling(fold(word.text)) for word in words_of(name)]
    words = [word for word in words if word not in _AND] or words
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in _SAME_HOUSE:
        words = words[:-1]
    return words


def _goes_on(text: str, words: list[Word], last: int) -> bool:
    """Whether the next word continues the name: "Acme" in "Acme Robotics", but not in "Acme GmbH" or "Acme Ort:"."""
    for before, word in pairwise(words[last : last + 3]):
        between = text[before.end : word.start]
        if between not in (" ", "-", " & ") or not word.text[:1].isupper():
            return False
        if text[word.end : word.end + 1] in (":", "：") or spelling(fold(word.text)) in _SAME_HOUSE:
            return False
        return bool(basename(f"Name {word.text}") != "Name")
    return False


def _began_before(text: str, words: list[Word], first: int) -> bool:
    """Whether the word before belongs to the name: "Mills" in "General Mills", but not in "CEO Mills"."""
    if not first:
        return False
    before, word = words[first - 1], words[first]
    if text[before.end : word.start] not in (" ", "-", " & ") or not before.text[:1].isupper():
        return False
    folded = fold(before.text)
    return folded not in _BEFORE and not role_text.matches(folded)
