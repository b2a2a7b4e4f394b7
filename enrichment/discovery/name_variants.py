"""Can two names be one person's? Nicknames, initials, middle names, umlauts written out. Works on folded names."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import combinations, pairwise
from typing import TypeVar

from nicknames import NickNamer

_T = TypeVar("_T")
_FEW = 12  # names of which every two are compared
_WRITTEN_OUT = re.compile(r"([aou])e")


def spelling(word: str) -> str:
    """Return `word` with written-out umlauts shortened: "mueller" and "muller" (from Müller) are spelt alike."""
    return _WRITTEN_OUT.sub(r"\1", word)


def may_be_one(one: str, other: str, *, surnames_may_differ: bool = False) -> bool:
    """Whether two folded names (`core.names.name_key`) may belong to one person.

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


def same_first_name(one: str, other: str) -> bool:
    """Whether two folded names begin with the same written-out first name."""
    ours, theirs = _words(one)[:1], _words(other)[:1]
    return ours == theirs and len("".join(ours)) > 1


def first_name_signs(name: str, *, sought: bool = False) -> frozenset[str]:
    """Return what the first name of a folded name is found by; two names that may be one person's share a sign.

    Its forms, and its initial: "b." of a written-out name, "b" of an initial. `sought`: the signs to look for instead.
    """
    first = next(iter(_words(name)), "")
    if len(first) < 2:
        return frozenset({first, f"{first}."} if sought else {first}) - {""}
    return _forms(first) | {first[0] if sought else f"{first[0]}."}


def first_names_meet(items: Sequence[_T], key: Callable[[_T], str]) -> Iterator[tuple[_T, _T]]:
    """Yield pairs of `items` whose first names may be one person's; enough pairs to join all that belong together.

    An initial is paired with a full name only when it can be no other's. Linear in the number of items: of more than a
    dozen alike, each is paired with its neighbours.
    """
    by_form: dict[str, list[_T]] = defaultdict(list)
    initials: dict[str, list[_T]] = defaultdict(list)
    full: dict[str, dict[frozenset[str], _T]] = defaultdict(dict)
    for item in items:
        first, *rest = _words(key(item)) or ("",)
        if not rest:
            continue
        if len(first) == 1:
            initials[first].append(item)
        else:
            full[first[0]].setdefault(_forms(first), item)
            for form in _forms(first):
                by_form[form].append(item)
    for alike in by_form.values():
        yield from combinations(alike, 2) if len(alike) <= _FEW else pairwise(alike)
    for letter, shortened in initials.items():
        yield from pairwise(shortened)
        if len(full[letter]) == 1:
            yield next(iter(full[letter].values())), shortened[0]


@lru_cache(maxsize=16_384)
def _words(name: str) -> tuple[str, ...]:
    return tuple(spelling(word) for word in name.split())


def _first_names_agree(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[:1] == other[:1]
    return bool(_forms(one) & _forms(other))


def _middles_agree(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    if not ours or not theirs:
        return True
    if len(ours) != len(theirs):
        return set(ours) <= set(theirs) or set(theirs) <= set(ours)
    return all(a == b or (1 in (len(a), len(b)) and a[0] == b[0]) for a, b in zip(ours, theirs, strict=True))


@lru_cache(maxsize=16_384)
def _forms(first: str) -> frozenset[str]:
    """Return a first name and the full names that it is short for."""
    return frozenset({first, *_nicknames().canonicals_of(first)})


@cache
def _nicknames() -> NickNamer:
    return NickNamer()
