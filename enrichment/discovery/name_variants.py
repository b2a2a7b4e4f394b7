"""Can two names be one person's? Nicknames, initials, middle names, umlauts written out. Works on folded names."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import TypeVar

from nicknames import NickNamer

_T = TypeVar("_T")
_WRITTEN_OUT = re.compile(r"([aou])e")


def spelling(word: str) -> str:
    """Return `word` with written-out umlauts shortened: "mueller" and "muller" (from Müller) are spelt alike."""
    return _WRITTEN_OUT.sub(r"\1", word)


def may_be_one(one: str, other: str, *, surnames_may_differ: bool = False) -> bool:
    """Whether two folded names (`dedupe.name_key`) may belong to one person.

    First names must be equal, a nickname or an initial of each other. The last words must be alike; with
    `surnames_may_differ` it is enough that one name has all the surnames of the other (a second surname, a married
    name). Middle names may be missing or be initials, but not differ.
    """
    ours, theirs = _words(one), _words(other)
    if len(ours) < 2 or len(theirs) < 2 or not _first_names_agree(ours[0], theirs[0]):
        return False
    if ours[-1] == theirs[-1]:
        return _middles_agree(ours[1:-1], theirs[1:-1])
    return surnames_may_differ and (set(ours[1:]) <= set(theirs[1:]) or set(theirs[1:]) <= set(ours[1:]))


def first_names_meet(items: Sequence[_T], key: Callable[[_T], str]) -> Iterator[tuple[_T, _T]]:
    """Yield pairs of `items` whose first names may be one person's; enough pairs to join all that belong together.

    An initial is paired with a full name only when it can be no other's. Linear in the number of items.
    """
    by_form: dict[str, list[_T]] = defaultdict(list)
    initials: dict[str, list[_T]] = defaultdict(list)
    full: dict[str, dict[frozenset[str], _T]] = defaultdict(dict)
    for item in items:
        first = next(iter(_words(key(item))), "")
        if len(first) == 1:
            initials[first].append(item)
        elif first:
            full[first[0]].setdefault(_forms(first), item)
            for form in _forms(first):
                by_form[form].append(item)
    for alike in by_form.values():
        yield from pairwise(alike)
    for letter, shortened in initials.items():
        yield from pairwise(shortened)
        if len(full[letter]) == 1:
            yield next(iter(full[letter].values())), shortened[0]


def _words(name: str) -> list[str]:
    return [spelling(word) for word in name.split()]


def _first_names_agree(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[:1] == other[:1]
    return bool(_forms(one) & _forms(other))


def _middles_agree(ours: list[str], theirs: list[str]) -> bool:
    if not ours or not theirs:
        return True
    if len(ours) != len(theirs):
        return set(ours) <= set(theirs) or set(theirs) <= set(ours)
    return all(a == b or (1 in (len(a), len(b)) and a[0] == b[0]) for a, b in zip(ours, theirs, strict=True))


@lru_cache(maxsize=4096)
def _forms(first: str) -> frozenset[str]:
    """Return a first name and the full names that it is short for."""
    return frozenset({first, *_nicknames().canonicals_of(first)})


@cache
def _nicknames() -> NickNamer:
    return NickNamer()
