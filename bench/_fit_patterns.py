"""Fit the priors of enrichment/emails/mixture.py on the patterns in use at real domains (DATA; no names).

    .venv/bin/python bench/_fit_patterns.py            write enrichment/emails/pattern_priors.json (a few seconds)
    .venv/bin/python bench/_fit_patterns.py --choose   how likely other settings make domains kept apart (minutes)

Expectation maximisation; the weights of a component by Minka's fixed point ("Estimating a Dirichlet distribution",
2000, section 3), drawn a little towards the shares of the patterns, so that no component rules a pattern out.
"""

import json
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import exp, lgamma, log
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from enrichment.emails.mixture import FIGURES, OTHER, Component, read  # noqa: E402 - after the path is set
from enrichment.emails.permutations import ALL  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "patterns" / "domains.jsonl"
NOTE = (
    "How companies form work addresses: a mixture of Dirichlets over patterns, fitted by expectation maximisation "
    "(bench/_fit_patterns.py) on {people} people at {domains} company domains, authors and reviewers in public git "
    "histories; free-mail, personal, university and community domains left out. components: of the domains with "
    "three people or more. shares: each domain counted once. tlds: domains by component and by pattern, for top-level "
    "domains of five or more. smoothing: how many domains the general figures weigh as much as; chosen, like the "
    "number of components, by the likelihood of domains kept apart (five folds: a mean logarithm of -16.62 a domain; "
    "-16.65 without the tlds' patterns, -16.68 without tlds, -17.26 with one component). fi2last and firstli2 were not "
    "told apart from other: they have the share of it that they had in a second count."
)
# What the counts call by another name. Cut after eight letters is the usual rule; "jose.garcia" of José García
# Márquez, and joined given names, are forms of the name (name_forms.py) and no patterns.
SAME = {
    "trunc:flast": "flast8", "trunc:lastf": "lastf8", "first.middle": "first.last", "middle.last": "first.last",
    "firstmiddlelast": "firstlast",
}  # fmt: skip
CUTS = 0.2  # a domain where so many of the short addresses are cut cuts them all: the others fit in eight letters
OF_OTHER = {"fi2last": 0.06, "firstli2": 0.03}
# A kind of company to begin with: its strength and the patterns that lead in it.
STARTS: Sequence[tuple[float, Mapping[str, float]]] = (
    (16, {"first.last": 0.8}), (5, {"first": 0.5}), (20, {"flast": 0.8}), (0.6, {}),
    (10, {"flast": 0.25, "firstl": 0.15, "firstlast": 0.1, "first": 0.1}), (2, {"firstlast": 0.2, "lastfirst": 0.15}),
    (10, {"f.last": 0.6}), (5, {"last.first": 0.2, "last": 0.2}),
)  # fmt: skip
ROUNDS = 200
LEAST_PEOPLE = 3  # two people mostly agree, as those of large companies do not
LEAST_DOMAINS = 5  # of a top-level domain


class Domain(NamedTuple):
    """How many people of a domain use which pattern."""

    tld: str
    counts: tuple[tuple[str, int], ...]


class Settings(NamedTuple):
    """What the likelihood of domains kept apart decides."""

    components: int = 6
    towards_shares: float = 0.05
    tld_components: float = 10
    tld_patterns: float = 60


CHOSEN = Settings()


def main() -> None:
    """Write the figures, or compare settings."""
    domains = load()
    if "--choose" in sys.argv[1:]:
        for settings in _alternatives():
            print(settings, f"{held_out(domains, settings):.4f} a domain")
        return
    figures = fit(domains)
    people = sum(map(_people, domains))
    note = NOTE.format(people=f"{people:,}", domains=f"{len(domains):,}")
    FIGURES.write_text(_pretty({"note": note, **figures}), encoding="utf-8")


def load(part: int | None = None, parts: int = 2) -> list[Domain]:
    """Return all domains, or one part of them: which, goes by a hash, so that it is the same every time."""
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    return [_domain(row) for row in rows if part is None or zlib.crc32(str(row["id"]).encode()) % parts == part]


def _domain(row: Mapping[str, Any]) -> Domain:
    seen, counts = row["patterns"], Counter[str]()
    for name, people in seen.items():
        cut = seen.get(f"trunc:{name}", 0)
        known = f"{name}8" if cut and cut / (cut + people) >= CUTS else SAME.get(name, name)
        counts[known if known in ALL else OTHER] += people
    return Domain(row["tld"], tuple(sorted(counts.items())))


def _people(domain: Domain) -> int:
    return sum(count for _, count in domain.counts)


def fit(domains: Sequence[Domain], settings: Settings = CHOSEN) -> dict[str, Any]:
    """Return the figures for `mixture.read`."""
    names = [name for name in (*ALL, OTHER) if name not in OF_OTHER]
    shares = _shares(domains, names)
    components = _start(shares, settings.components)
    rows = Counter(domain.counts for domain in domains if _people(domain) >= LEAST_PEOPLE)
    for _ in range(ROUNDS):
        components = _improved(components, rows, shares, settings.towards_shares)
    by_tld = _by_tld(domains, components)
    return {
        "shares": _rounded(_with_rare(shares)),
        "components": [
            {
                "share": round(one.share, 5),
                "strength": round(one.strength, 4),
                "mean": _rounded(_with_rare({name: one.patterns[name] / one.strength for name in names})),
            }
            for one in components
        ],
        "smoothing": {"components": settings.tld_components, "patterns": settings.tld_patterns},
        "tlds": {tld: by_tld[tld] for tld in sorted(by_tld)},
    }


def _shares(domains: Iterable[Domain], names: Sequence[str]) -> dict[str, float]:
    found = dict.fromkeys(names, 0.5 / len(names))  # half a domain of nothing in particular: no share is nought
    for domain in domains:
        people = _people(domain)
        for name, count in domain.counts:
            found[name] += count / people
    norm = sum(found.values())
    return {name: value / norm for name, value in found.items()}


def _start(shares: Mapping[str, float], count: int) -> list[Component]:
    return [
        Component(
            1 / count,
            {name: strength * (lead.get(name, 0) + (1 - sum(lead.values())) * share) for name, share in shares.items()},
            strength,
        )
        for strength, lead in STARTS[:count]
    ]


def _odds(components: Sequence[Component], counts: tuple[tuple[str, int], ...]) -> tuple[list[float], float]:
    """Return the chance of each component for a domain, and the logarithm of the domain's likelihood."""
    people = sum(count for _, count in counts)
    fits = []
    for one in components:
        likelihood = lgamma(one.strength) - lgamma(one.strength + people)
        for name, count in counts:
            likelihood += lgamma(one.patterns[name] + count) - lgamma(one.patterns[name])
        fits.append(log(one.share) + likelihood)
    most = max(fits)
    odds = [exp(value - most) for value in fits]
    norm = sum(odds)
    return [odd / norm for odd in odds], most + log(norm)


def _improved(
    components: Sequence[Component],
    rows: Mapping[tuple[tuple[str, int], ...], int],
    shares: Mapping[str, float],
    towards_shares: float,
) -> list[Component]:
    """Return the components after one round: domains shared out, then one step of the fixed point for each."""
    above: list[dict[str, float]] = [defaultdict(float) for _ in components]
    below, members = [0.0] * len(components), [0.0] * len(components)
    for counts, often in rows.items():
        people = sum(count for _, count in counts)
        for place, odd in enumerate(_odds(components, counts)[0]):
            one, part = components[place], odd * often
            members[place] += part
            below[place] += part * (_digamma(one.strength + people) - _digamma(one.strength))
            for name, count in counts:
                weight = one.patterns[name]
                above[place][name] += part * (_digamma(weight + count) - _digamma(weight))
    found = []
    for place, one in enumerate(components):
        weights = {name: weight * above[place][name] / below[place] for name, weight in one.patterns.items()}
        strength = sum(weights.values())
        mixed = {
            name: (1 - towards_shares) * weight + towards_shares * strength * shares[name]
            for name, weight in weights.items()
        }
        found.append(Component((members[place] + 1) / (sum(members) + len(components)), mixed, strength))
    return found


def _digamma(value: float) -> float:
    shift = 0.0
    while value < 6:
        shift -= 1 / value
        value += 1
    square = 1 / value**2
    return shift + log(value) - 0.5 / value - square * (1 / 12 - square * (1 / 120 - square / 252))


def _by_tld(domains: Iterable[Domain], components: Sequence[Component]) -> dict[str, dict[str, Any]]:
    members: dict[str, list[list[float]]] = defaultdict(list)
    patterns: dict[str, Counter[str]] = defaultdict(Counter)
    for domain in domains:
        members[domain.tld].append(_odds(components, domain.counts)[0])
        people = _people(domain)
        for name, count in domain.counts:
            patterns[domain.tld][name] += count / people
    return {
        tld: {
            "components": [round(sum(odds), 2) for odds in zip(*rows, strict=True)],
            "patterns": {name: round(value, 2) for name, value in _with_rare(patterns[tld]).items() if value},
        }
        for tld, rows in members.items()
        if len(rows) >= LEAST_DOMAINS
    }


def _with_rare(means: Mapping[str, float]) -> dict[str, float]:
    """Return the means with the patterns that the counts do not tell apart from `other`, in the order of `ALL`."""
    other = means.get(OTHER, 0.0)
    split = {name: other * part for name, part in OF_OTHER.items()}
    found = {**means, **split, OTHER: other - sum(split.values())}
    return {name: found.get(name, 0.0) for name in (*ALL, OTHER)}


def _rounded(means: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in means.items()}


def held_out(domains: Sequence[Domain], settings: Settings, folds: int = 5) -> float:
    """Return the mean logarithm of a domain's likelihood, the domains of each fold kept apart in turn."""
    found: list[float] = []
    for fold in range(folds):
        priors = read(fit([domain for place, domain in enumerate(domains) if place % folds != fold], settings))
        apart = [domain for place, domain in enumerate(domains) if place % folds == fold]
        found += [_odds(priors.of(domain.tld), domain.counts)[1] for domain in apart if _people(domain) >= LEAST_PEOPLE]
    return sum(found) / len(found)


def _alternatives() -> Iterable[Settings]:
    never = 1e9
    yield CHOSEN
    yield from (CHOSEN._replace(components=count) for count in (1, 4, 8))
    yield from (CHOSEN._replace(towards_shares=part) for part in (0.02, 0.1))
    yield from (CHOSEN._replace(tld_components=count) for count in (5, 20, never))
    yield from (CHOSEN._replace(tld_patterns=count) for count in (30, 120, never))
    yield CHOSEN._replace(tld_components=never, tld_patterns=never)


def _pretty(figures: Mapping[str, Any]) -> str:
    """Return JSON with a component, and a top-level domain, on a line."""
    lines = [f'  "{key}": {json.dumps(figures[key])}' for key in ("note", "shares", "smoothing")]
    lines.append('  "components": [\n    ' + ",\n    ".join(map(json.dumps, figures["components"])) + "\n  ]")
    tlds = [f'"{tld}": {json.dumps(seen)}' for tld, seen in figures["tlds"].items()]
    lines.append('  "tlds": {\n    ' + ",\n    ".join(tlds) + "\n  }")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
