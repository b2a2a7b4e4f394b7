"""The known addresses of a domain -> belief over the patterns by which it forms addresses."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from enrichment.emails import mixture, names
from enrichment.emails.mixture import OTHER, Priors
from enrichment.emails.name_forms import forms
from enrichment.emails.permutations import ALL, CUT, MAX_LOCAL_PART, RARE, STANDARD, ingredients, local_part
from enrichment.emails.verification.lists import is_role
from enrichment.emails.verification.syntax import ascii_domain

# Share (0-1) of work addresses that follow a pattern, each domain counted once; what is missing to 1 is `other`.
PRIOR: Mapping[str, float] = MappingProxyType(
    {
        pattern: share
        for pattern, share in mixture.predict(mixture.shipped().everywhere, {}, {}).items()
        if pattern != OTHER
    }
)
# What a pattern alone may reach: five colleagues who agree are followed by the next in 86% of cases (measured).
CEILING = 0.9

# How much a known address weighs; declared, not measured. Providers sell many a guess as an address.
FIRST_HAND = frozenset({"website", "published", "manual", "smtp", "crm", "outcome", "sent"})
SECOND_HAND = 0.5
# Companies change their rule seldom, when they merge or are renamed. After so many years half the weight is left.
HALF_LIFE_YEARS = 6
# A refused address may be that of somebody who left, so that it speaks less against its pattern than a good one for it.
REFUSED = 0.5

# Whether to write "ue", keep a hyphen, join a particle or put the surname first is a company's habit; which
# of their names people go by is their own.
_HABITS = frozenset({"order", "umlaut", "particle", "hyphen in first name", "hyphen in last name"})
_NOTHING = 1e-9  # what rounding leaves of a weight
_CUT_SHORT = {"flast": "flast8", "lastf": "lastf8"}


@dataclass(frozen=True, slots=True)
class Known:
    """A person's full name and an address that is known to be theirs, or, unless `right`, not to be.

    `source` is who says so: `website`, `published`, `manual`, `smtp`, `crm`, `outcome`, `sent`, else a provider; `at`
    is when (with its time zone), None when nobody knows.
    """

    name: str
    email: str
    source: str = "website"
    at: datetime | None = None
    right: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """The pattern that an address follows, and the company's habits that its spelling shows.

    `share` (0-1) is how many of the pattern's users would spell this name so.
    """

    pattern: str
    habits: tuple[tuple[str, str], ...] = ()
    share: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of a domain, in A-labels.

    `counts` is the weight of the known addresses that follow each pattern, `total` that of all of them, `against`
    the weight of the refused ones. An address weighs 1, or less when it is old or second-hand.
    """

    domain: str
    counts: Mapping[str, float] = field(default_factory=dict)
    total: float = 0
    habits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    against: Mapping[str, float] = field(default_factory=dict)
    priors: Priors = field(default_factory=mixture.shipped, repr=False, compare=False)
    _chances: Mapping[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the chances, once."""
        counts = dict(self.counts)
        if (rest := self.total - sum(counts.values())) > 0:
            counts[OTHER] = rest
        object.__setattr__(self, "_chances", mixture.predict(self.priors.of(self.domain), counts, self.against))

    def of(self, pattern: str) -> float:
        """Return the chance (0-0.9) that the domain's next address follows `pattern`; over all patterns at most 1."""
        return min(CEILING, self._chances[pattern])

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns worth trying, in the specification's order; the rare ones where a known address has them."""
        return (*STANDARD, *(pattern for pattern in RARE if self.counts.get(pattern)))


def learn(known: Iterable[Known], domain: str, now: datetime | None = None, priors: Priors | None = None) -> Belief:
    """Return the belief about `domain` (in A-labels) from the known pairs of name and address.

    Pairs at other domains and role accounts tell nothing and are left out; an address counts once. One that
    no pattern explains counts towards the total. `now` is the present moment unless given, `priors` the project's.
    """
    weighed = _weighed(known, domain, now or datetime.now(UTC))
    counts, short, against = _tally(), _tally(), _tally()
    habits: defaultdict[str, defaultdict[str, float]] = defaultdict(_tally)
    total = 0.0
    settled = {pair.name.casefold() for pair, _ in weighed.values() if pair.right}
    for local, (pair, weight) in weighed.items():
        # Both are cut, since explain() remembers them; what is longer is no name or local part.
        explanation = explain(pair.name[: names.MAX_NAME], local[: MAX_LOCAL_PART + 1])
        if pair.right:
            total += weight
            if explanation is not None:
                counts[explanation.pattern] += weight
                short[explanation.pattern] += weight if len(_bare(local)) <= CUT else 0.0
                for group, option in explanation.habits:
                    habits[group][option] += weight
        elif explanation is not None and pair.name.casefold() not in settled:
            # Where the person's right address is known, that the others are wrong is no news.
            against[explanation.pattern] += weight * REFUSED * explanation.share
    _cut_short(counts, short)
    counted = {pattern: weight for pattern, weight in counts.items() if weight > _NOTHING}
    return Belief(domain, counted, total, habits, against, priors or mixture.shipped())


def _tally() -> defaultdict[str, float]:
    return defaultdict(float)


def _weighed(known: Iterable[Known], domain: str, now: datetime) -> dict[str, tuple[Known, float]]:
    """Return the pairs that tell something, by local part, with their weight; of two, the weightier, or the refusal."""
    found: dict[str, tuple[Known, float]] = {}
    for pair in known:
        local, _, host = pair.email.strip().lower().rpartition("@")
        if not local or is_role(local) or (host != domain and ascii_domain(host) != domain):
            continue
        weight = _weight(pair, now)
        if local not in found or (weight, not pair.right) > (found[local][1], not found[local][0].right):
            found[local] = (pair, weight)
    return found


def _weight(pair: Known, now: datetime) -> float:
    weight = 1.0 if pair.source in FIRST_HAND else SECOND_HAND
    if pair.at is None:
        return weight
    years = max(0.0, (now - pair.at).days / 365.25)
    return weight * math.exp2(-years / HALF_LIFE_YEARS)


def _cut_short(counts: defaultdict[str, float], short: defaultdict[str, float]) -> None:
    """Let the addresses of eight letters or fewer follow the rule that the longer ones show: cut there, or not."""
    for whole, cut in _CUT_SHORT.items():
        if counts[cut]:
            long = counts[whole] - short[whole]
            moved = short[whole] * counts[cut] / (counts[cut] + long)
            counts[cut] += moved
            counts[whole] -= moved


def _bare(local: str) -> str:
    return local.partition("+")[0].rstrip("0123456789")


@lru_cache(maxsize=4096)
def explain(name: str, local: str) -> Explanation | None:
    """Return the likeliest pattern that makes `local` of `name`, or None when there is none.

    A tag (`jane+news`) and a number that tells namesakes apart (`jane.doe2`) are overlooked.
    """
    local = _bare(local)
    written = [(form, ingredients(form)) for form in forms(names.parse(*names.split(name)))]
    matches = [(pattern, form) for pattern in ALL for form, parts in written if local_part(pattern, parts) == local]
    if not matches:
        return None
    pattern, _ = max(matches, key=lambda match: PRIOR[match[0]] * match[1].weight)
    fitting = [form for fit, form in matches if fit == pattern]
    # A choice is shown only when every spelling that fits made it: `jdoe` says nothing about "Jean-Luc".
    shown = set.intersection(*(set(form.choices) for form in fitting))
    habits = tuple(sorted(choice for choice in shown if choice[0] in _HABITS))
    return Explanation(pattern, habits, sum(form.weight for form in fitting))
