"""A person's names -> the forms they take in addresses: spelling, hyphens, particles, double names, nicknames.

The weights were measured on 27,300 work addresses at 2,955 domains; a domain's known addresses move them
(`habits`). Every form consists of the letters a-z and hyphens.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import nlargest

from nicknames import NickNamer

from enrichment.emails.names import Name, letters

MAX_FORMS = 12
MAX_NICKNAMES = 3

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    # Of three or more words. Which of them is the surname is often not to be seen from the name.
    "words": {
        "first and last": 0.6223,
        "given names joined": 0.1393,
        "first surname": 0.1294,
        "surnames joined": 0.0829,
        "middle name first": 0.0254,
    },
    # Romanised Chinese, Korean and Vietnamese names are written either way round; Hungarian ones are taken to be.
    "order": {"as written": 0.5072, "swapped": 0.4928},
    "umlaut": {"spelled out": 0.7008, "plain": 0.2992},
    "particle": {"joined": 0.9381, "left out": 0.0619},
    "nickname": {"no": 0.961, "yes": 0.039},
    "stated nickname": {"no": 0.7, "yes": 0.3},  # declared, not yet measured
    "hyphen in first name": {
        "kept": 0.5803,
        "initials": 0.161,
        "joined": 0.159,
        "first part": 0.0838,
        "second part": 0.016,
    },
    "hyphen in last name": {"kept": 0.4941, "joined": 0.3059, "first part": 0.147, "second part": 0.053},
}
# Of a name in another script: the chance that its bearer romanises it as we do. Declared, not yet measured.
ROMANISED = 0.5

# Surnames that are hardly ever given names elsewhere ("Kim", "Lee", "Lin" and the like are left out), where they are
# written first: Chinese, Korean, Vietnamese …
_SURNAMES = """
    bui cai cao chen choi cui dang deng dinh duan duong feng guo ho hoang huang huynh hwang jeong jiang kwon le li
    liang liao liu luo luong ngo nguyen pan park peng pham phan qin qiu shao tang tran trinh truong vo vu wang wu xie
    xiong xu yang yao yoon zeng zhang zhao zheng zhong zhou zhu zou
"""
# … and Hungarian.
_HUNGARIAN_SURNAMES = """
    bakos balogh biro boros farkas fazekas fekete fodor gulyas horvath juhasz katona kiraly kocsis kovacs lakatos
    meszaros molnar nagy nemeth olah papp pinter racz sipos somogyi szabo szalai szilagyi szucs takacs torok toth varga
"""
_WRITTEN_FIRST = frozenset(f"{_SURNAMES} {_HUNGARIAN_SURNAMES}".split())
_ARTICLES = frozenset({"al", "el"})
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a name in an address. `weight` is its share among all forms of the name (0-1).

    `choices` tells how it came about: pairs of a key of `WEIGHTS` and the option taken. A first or last name
    of one letter is an initial; an empty one is not known.
    """

    first: str
    last: str
    middle: str = ""
    nickname: str = ""
    weight: float = 1.0
    choices: tuple[tuple[str, str], ...] = ()


Habits = Mapping[str, Mapping[str, float]]  # how often (weighed) the known addresses of a domain take an option
Options = Sequence[tuple[str, Form]]


def forms(name: Name, habits: Habits | None = None) -> tuple[Form, ...]:
    """Return the ways to write `name`, likeliest first, at most MAX_FORMS; their weights add up to 1 or less.

    Empty when no letter of the name is left. `habits` counts the options that the domain's known addresses take.
    """
    drafts = [Form("", "", weight=1.0 if _is_latin(name) else ROMANISED)]
    for group, step in _steps(name):
        chosen = (form for draft in drafts for form in _choose(draft, group, step(draft), habits or {}))
        drafts = nlargest(MAX_FORMS, chosen, key=lambda form: form.weight)
    unique: dict[tuple[str, str, str], Form] = {}
    for form in drafts:
        key = (form.first, form.middle, form.last)
        unique[key] = _merged(unique[key], form) if key in unique else form
    known = (form for form in unique.values() if form.first or form.last)
    return tuple(sorted(known, key=lambda form: -form.weight))


def _merged(form: Form, other: Form) -> Form:
    """Return two ways to the same spelling as one; it shows only the choices that both made."""
    shared = tuple(choice for choice in form.choices if choice in other.choices)
    return replace(form, weight=form.weight + other.weight, choices=shared)


def _choose(draft: Form, group: str, options: Options, habits: Habits) -> list[Form]:
    """Return the options as forms, the draft's weight shared out among them."""
    if len(options) == 1:
        return [options[0][1]]
    # The same rule as for patterns: (s x prior + n) / (s + N) with s = 1, up to the norm.
    seen = habits.get(group, {})
    weights = [WEIGHTS[group][option] + seen.get(option, 0) for option, _ in options]
    same = [sum(option == other for other, _ in options) for option, _ in options]
    weights = [weight / count for weight, count in zip(weights, same, strict=True)]
    total = sum(weights) / draft.weight
    return [
        replace(form, weight=weight / total, choices=(*draft.choices, (group, option)))
        for weight, (option, form) in zip(weights, options, strict=True)
    ]


def _steps(name: Name) -> Sequence[tuple[str, Callable[[Form], Options]]]:
    return (
        ("words", lambda draft: _choose_words(draft, name)),
        ("order", _order),
        ("umlaut", _romanise),
        ("particle", _particle),
        ("stated nickname" if name.nickname else "nickname", _nickname),
        ("hyphen in first name", _first_hyphen),
        ("hyphen in last name", _last_hyphen),
    )


def _choose_words(draft: Form, name: Name) -> Options:
    first, *more = name.given or ("",)
    *surnames, last = name.family or ("",)
    middle = more[0] if more else ""
    plain = replace(draft, first=first, last=last, middle=middle, nickname=name.nickname)
    options = [("first and last", plain)]
    given = [word for word in more if len(letters(word)) > 1]
    if given:
        options.append(("given names joined", replace(plain, first=first + given[0], middle="")))
        options.append(("middle name first", replace(plain, first=given[0], middle="")))
    # "José García Márquez": the second word may be a given name or a surname.
    surnames = surnames or (given[-1:] if last else [])
    if surnames:
        options.append(("first surname", replace(plain, last=surnames[0], middle="")))
        options.append(("surnames joined", replace(plain, last=surnames[-1] + last, middle="")))
    return options


def _order(form: Form) -> Options:
    first, last = letters(form.first), letters(form.last)
    if first in _WRITTEN_FIRST and last and last not in _WRITTEN_FIRST:
        return [("as written", form), ("swapped", replace(form, first=form.last, last=form.first))]
    return [("as written", form)]


def _romanise(form: Form) -> Options:
    plain = _spell(form, str)
    spelled = _spell(form, lambda text: text.translate(_UMLAUTS))
    return [("plain", plain)] if plain == spelled else [("spelled out", spelled), ("plain", plain)]


def _spell(form: Form, spelling: Callable[[str], str]) -> Form:
    *particles, base = [letters(spelling(word)) for word in form.last.split(" ")]
    return replace(
        form,
        first=letters(spelling(form.first)),
        last=" ".join((*particles, base)).strip(),
        middle=letters(spelling(form.middle)),
        nickname=letters(spelling(form.nickname)),
    )


def _particle(form: Form) -> Options:
    *particles, base = form.last.split(" ")
    if not particles:
        return [("joined", form)]
    return [("joined", replace(form, last="".join((*particles, base)))), ("left out", replace(form, last=base))]


def _nickname(form: Form) -> Options:
    others = [form.nickname] if form.nickname else _nicknames(form.first)
    return [("no", form), *(("yes", replace(form, first=other)) for other in others if other != form.first)]


def _first_hyphen(form: Form) -> Options:
    parts = form.first.split("-")
    if len(parts) == 1:
        return [("kept", form)]
    initials = "".join(part[0] for part in parts)
    options = zip(
        ("kept", "initials", "joined", "first part", "second part"),
        (form.first, initials, "".join(parts), parts[0], parts[1]),
        strict=True,
    )
    return [(option, replace(form, first=first)) for option, first in options]


def _last_hyphen(form: Form) -> Options:
    parts = form.last.split("-")
    if len(parts) == 1:
        return [("kept", form)]
    options = zip(
        ("kept", "joined", "first part", "second part"), (form.last, "".join(parts), parts[0], parts[1]), strict=True
    )
    article = parts[0] in _ARTICLES  # nobody is called "Al" for short
    return [(option, replace(form, last=last)) for option, last in options if not (article and option == "first part")]


def _is_latin(name: Name) -> bool:
    characters = (character for word in (*name.given, *name.family) for character in word if character.isalpha())
    return all(character.isascii() or "LATIN" in unicodedata.name(character, "") for character in characters)


@lru_cache(maxsize=1)
def _nicknamer() -> NickNamer:
    return NickNamer()


@lru_cache(maxsize=4096)
def _nicknames(first: str) -> tuple[str, ...]:
    """Return the commonest nicknames of a first name, or the full names of a nickname; never more than a few."""
    namer = _nicknamer()
    short: list[str] = sorted(namer.nicknames_of(first), key=lambda nick: (-len(namer.canonicals_of(nick)), nick))
    full: list[str] = sorted(namer.canonicals_of(first), key=lambda name: (-len(namer.nicknames_of(name)), name))
    return tuple(nick for nick in [*short, *full] if nick.isascii() and nick.isalpha())[:MAX_NICKNAMES]
