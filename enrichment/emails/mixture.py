"""A mixture of Dirichlets over address patterns: which kinds of companies there are, and what one of them does next.

A component is a kind of company: how its addresses are spread over the patterns, and how firmly it keeps to that.
Addresses known at a domain tell which kind it is (the likelihood of a Dirichlet-multinomial) and then count
themselves, so that one `jane.roe` says more than one `jroe`. Companies of a top-level domain have their own mix of
kinds, and their own taste in patterns. `pattern_priors.json` holds the figures and says how they were fitted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("pattern_priors.json")
OTHER = "other"  # addresses that no pattern explains


@dataclass(frozen=True, slots=True)
class Component:
    """A kind of company: its share (0-1) of all, and the weight of each pattern, `other` among them.

    `strength`, the sum of the weights, is how many known addresses they count as much as.
    """

    share: float
    patterns: Mapping[str, float]
    strength: float


@dataclass(frozen=True, slots=True)
class Priors:
    """The kinds of companies, in general and by top-level domain. Every component names the same patterns."""

    everywhere: tuple[Component, ...]
    by_tld: Mapping[str, tuple[Component, ...]]

    def of(self, domain: str) -> tuple[Component, ...]:
        """Return the components for a domain in A-labels."""
        return self.by_tld.get(domain.rpartition(".")[2], self.everywhere)


@lru_cache(maxsize=1)
def shipped() -> Priors:
    """Return the priors that come with the project."""
    return read(json.loads(FIGURES.read_text(encoding="utf-8")))


def read(figures: Mapping[str, Any]) -> Priors:
    """Return the priors that the figures describe; raises KeyError or TypeError for other figures."""
    shares: Mapping[str, float] = figures["shares"]
    everywhere = tuple(
        _component(one["share"], one["strength"], {name: one["mean"][name] for name in shares})
        for one in figures["components"]
    )
    smoothing = figures["smoothing"]
    by_tld = {
        tld: _local(everywhere, shares, seen, smoothing["components"], smoothing["patterns"])
        for tld, seen in figures["tlds"].items()
    }
    return Priors(everywhere, by_tld)


def _component(share: float, strength: float, mean: Mapping[str, float]) -> Component:
    norm = strength / sum(mean.values())
    return Component(share, {name: value * norm for name, value in mean.items()}, strength)


def _local(
    everywhere: tuple[Component, ...],
    shares: Mapping[str, float],
    seen: Mapping[str, Any],
    for_components: float,
    for_patterns: float,
) -> tuple[Component, ...]:
    """Return the components as a top-level domain has them, drawn towards the general ones where it is small.

    `seen` counts its domains by component and by pattern (in parts of a domain); the last two arguments are how many
    domains the general figures weigh as much as.
    """
    domains = sum(seen["patterns"].values())
    tilt = {
        name: (seen["patterns"].get(name, 0.0) / share + for_patterns) / (domains + for_patterns)
        for name, share in shares.items()
    }
    fitted = sum(seen["components"])
    return tuple(
        _component(
            (count + for_components * one.share) / (fitted + for_components),
            one.strength,
            {name: weight * tilt[name] for name, weight in one.patterns.items()},
        )
        for one, count in zip(everywhere, seen["components"], strict=True)
    )


def predict(
    components: tuple[Component, ...], counts: Mapping[str, float], against: Mapping[str, float]
) -> dict[str, float]:
    """Return the chance (0-1) of each pattern, `other` among them, for a domain's next address; they add up to 1.

    `counts` is how many known addresses follow a pattern, `against` how many turned out not to; both may be
    fractions.
    """
    known = sum(counts.values())
    evidence, found = [], []
    for one in components:
        total = one.strength + known
        fit = log(one.share) + lgamma(one.strength) - lgamma(total)
        for name, count in counts.items():
            fit += lgamma(one.patterns[name] + count) - lgamma(one.patterns[name])
        weights = {**one.patterns, **{name: one.patterns[name] + count for name, count in counts.items()}}
        for name, count in against.items():
            # A draw that is not this pattern is one of the others, each in proportion to its weight.
            rest = total - weights[name]
            fit += lgamma(rest + count) - lgamma(rest) + lgamma(total) - lgamma(total + count)
            kept = weights[name]
            weights = {other: weight * (1 + count / rest) for other, weight in weights.items()}
            weights[name] = kept
            total += count
        evidence.append(fit)
        found.append((weights, total))
    most = max(evidence)
    odds = [exp(fit - most) for fit in evidence]
    norm = sum(odds)
    parts = [(odd / norm / total, weights) for odd, (weights, total) in zip(odds, found, strict=True)]
    return {name: sum(part * weights[name] for part, weights in parts) for name in components[0].patterns}
