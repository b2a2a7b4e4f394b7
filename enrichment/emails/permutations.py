"""The forms of a name + a pattern -> local parts. A pattern's name is its recipe: `f.last` of Jane Doe is `j.doe`.

`fi2` and `li2` are the first two letters of a name; an 8 at the end cuts the local part to so many letters, as old
systems did (`flast8` of Jonathan Featherstone is `jfeather`).
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from enrichment.emails.name_forms import Form

# The specification's eight, in its order and with its confidence (0-100).
SPEC_CONFIDENCE: Mapping[str, int] = {
    "first.last": 95,
    "firstlast": 90,
    "first_last": 85,
    "f.last": 80,
    "flast": 75,
    "first.l": 70,
    "first": 65,
    "last.first": 60,
}
# Others that companies use often enough to be tried everywhere, commonest first …
COMMON = ("last", "firstl", "fl", "flast8", "lastfirst", "lastf")
# … and those tried only where a known address follows them.
RARE = (
    "fml", "first-last", "fmlast", "lfirst", "last_first", "f_last", "l.first", "last.f", "first.m.last",
    "first.middle.last", "fi2last", "firstli2", "lastf8", "lf", "f-last",
)  # fmt: skip

STANDARD = (*SPEC_CONFIDENCE, *COMMON)
ALL = (*STANDARD, *RARE)

MAX_LOCAL_PART = 64  # octets, RFC 5321 section 4.5.3.1.1

CUT = 8  # letters

_INGREDIENT = re.compile(r"first|middle|last|fi2|li2|[fml]|[._-]")


@lru_cache(maxsize=len(ALL))
def _recipe(pattern: str) -> tuple[str, ...]:
    return tuple(_INGREDIENT.findall(pattern))


def ingredients(form: Form) -> Mapping[str, str]:
    """Return what a recipe may call for; what is not known is empty.

    An initial stands for no whole name: "J. Doe" has no `first.last`.
    """
    return {
        "first": form.first if len(form.first) > 1 else "",
        "middle": form.middle if len(form.middle) > 1 else "",
        "last": form.last if len(form.last) > 1 else "",
        "fi2": form.first[:2] if len(form.first) > 1 else "",
        "li2": form.last[:2] if len(form.last) > 1 else "",
        "f": form.first[:1],
        "m": form.middle[:1],
        "l": form.last[:1],
    }


def local_part(pattern: str, names: Mapping[str, str]) -> str | None:
    """Return the local part that `pattern` makes of a form's ingredients, or None when one of them is missing."""
    parts = [names.get(ingredient, ingredient) for ingredient in _recipe(pattern)]
    local = "".join(parts)
    if pattern.endswith(str(CUT)):
        local = local[:CUT]
    return local if all(parts) and len(local) <= MAX_LOCAL_PART else None


def permutations(forms: Iterable[Form], patterns: Iterable[str]) -> dict[str, dict[str, float]]:
    """Return the local parts that `patterns` make of a person: `{pattern: {local part: share}}`, in their order.

    `share` is the part of the pattern's users (0-1) who would write this person's name so. Patterns that
    cannot be formed are left out.
    """
    prepared = [(ingredients(form), form.weight) for form in forms]
    found: dict[str, dict[str, float]] = {}
    for pattern in patterns:
        for names, weight in prepared:
            if (local := local_part(pattern, names)) is not None:
                shares = found.setdefault(pattern, {})
                shares[local] = shares.get(local, 0.0) + weight
    return found
