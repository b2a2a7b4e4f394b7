"""The known addresses of a domain -> belief over the patterns by which it forms addresses."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from enrichment.emails import names
from enrichment.emails.name_forms import forms
from enrichment.emails.permutations import ALL, MAX_LOCAL_PART, RARE, STANDARD, ingredients, local_part
from enrichment.emails.verification.lists import is_role
from enrichment.emails.verification.syntax import ascii_domain

# Share of the domains' addresses that follow a pattern, each domain counted once; measured on 27,300 work
# addresses at 2,955 domains. What is missing to 1 is `other`: addresses that none of these explains.
PRIOR: Mapping[str, float] = MappingProxyType(
    {
        "first.last": 0.4193,
        "flast": 0.1547,
        "first": 0.1158,
        "f.last": 0.0294,
        "last": 0.0273,
        "firstl": 0.019,
        "firstlast": 0.0151,
        "first_last": 0.0104,
        "fl": 0.0102,
        "last.first": 0.0074,
        "lastfirst": 0.0046,
        "lastf": 0.0032,
        "fml": 0.003,
        "first.l": 0.0024,
        "first-last": 0.0022,
        "fmlast": 0.0019,
        "lfirst": 0.0018,
        "last_first": 0.0014,
        "f_last": 0.0011,
        "l.first": 0.0009,
        "last.f": 0.0006,
        "first.m.last": 0.0005,
    }
)
STRENGTH = 1.0  # how many known addresses the prior weighs as much as

# Whether to write "ue", keep a hyphen, join a particle or put the surname first is a company's habit; which
# of their names people go by is their own.
_HABITS = frozenset({"order", "umlaut", "particle", "hyphen in first name", "hyphen in last name"})


@dataclass(frozen=True, slots=True)
class Known:
    """A person's full name and an address that is known to be theirs."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The pattern that an address follows, and the company's habits that its spelling shows."""

    pattern: str
    habits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of a domain: how many of its `total` known addresses follow each pattern."""

    domain: str
    counts: Mapping[str, int] = field(default_factory=dict)
    total: int = 0
    habits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of(self, pattern: str) -> float:
        """Return the belief in `pattern` (0-1): (s x prior + n) / (s + N)."""
        return (STRENGTH * PRIOR[pattern] + self.counts.get(pattern, 0)) / (STRENGTH + self.total)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns worth trying, in the specification's order; the rare ones where a known address has them."""
        return (*STANDARD, *(pattern for pattern in RARE if self.counts.get(pattern)))


def learn(known: Iterable[Known], domain: str) -> Belief:
    """Return the belief about `domain` (in A-labels) from the known pairs of name and address.

    Pairs at other domains and role accounts tell nothing and are left out; an address counts once. One that
    no pattern explains counts towards the total.
    """
    addresses: dict[str, str] = {}
    for pair in known:
        local, _, host = pair.email.strip().lower().rpartition("@")
        if local and not is_role(local) and (host == domain or ascii_domain(host) == domain):
            addresses.setdefault(local, pair.name)
    counts: Counter[str] = Counter()
    habits: dict[str, Counter[str]] = {}
    for local, name in addresses.items():
        # Both are cut, since explain() remembers them; what is longer is no name or local part.
        if (explanation := explain(name[: names.MAX_NAME], local[: MAX_LOCAL_PART + 1])) is not None:
            counts[explanation.pattern] += 1
            for group, option in explanation.habits:
                habits.setdefault(group, Counter())[option] += 1
    return Belief(domain, counts, len(addresses), habits)


@lru_cache(maxsize=4096)
def explain(name: str, local: str) -> Explanation | None:
    """Return the likeliest pattern that makes `local` of `name`, or None when there is none.

    A tag (`jane+news`) and a number that tells namesakes apart (`jane.doe2`) are overlooked.
    """
    local = local.partition("+")[0].rstrip("0123456789")
    written = [(form, ingredients(form)) for form in forms(names.parse(*names.split(name)))]
    matches = [(pattern, form) for pattern in ALL for form, parts in written if local_part(pattern, parts) == local]
    if not matches:
        return None
    pattern, _ = max(matches, key=lambda match: PRIOR[match[0]] * match[1].weight)
    # A choice is shown only when every spelling that fits made it: `jdoe` says nothing about "Jean-Luc".
    shown = set.intersection(*(set(form.choices) for fit, form in matches if fit == pattern))
    return Explanation(pattern, tuple(sorted(choice for choice in shown if choice[0] in _HABITS)))
