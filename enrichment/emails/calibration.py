"""Evidence -> probability: the honest chance (0-1) that an address is the person's and takes mail.

The shares of patterns and name forms are measured (patterns.py, name_forms.py). The other figures are declared
until outcomes (probes, bounces, replies) can teach them.
"""

from collections.abc import Mapping

from enrichment.emails.patterns import PRIOR, Belief

# How a known address speaks for its pattern. The score's rule (patterns.py) lets a pattern of one in a hundred
# gain as much from a colleague as one of four in ten. But names written in full with a separator, and `flast`,
# are rules of a house: measured, a second colleague follows the first in 73-87% of cases, and five who agree
# are followed by the next in 86%. The others often are one person's short name (32-55%). So a known address
# gives its pattern this much of its weight, `other` the rest, and the prior counts for half an address.
STRENGTH = 0.5
HOUSE_RULES = frozenset({"first.last", "f.last", "first_last", "flast"})
HOUSE_LOYALTY = 0.93
LOYALTY = 0.75
CEILING = 0.9  # what a pattern alone may reach

# Published for this person by the company itself; people leave, and pages stay.
PUBLISHED = 0.95
# A shared mailbox beside a person's name reaches the company, and perhaps the person.
PUBLISHED_ROLE = 0.3
# Entered by hand for this person: somebody vouches for it.
VOUCHED = 0.95
# An address that somebody gave us, without a name to compare it with.
GIVEN = 0.5
DISPOSABLE = 0.02

# What is left of the chance after the look at the domain's mail exchangers: all of it when nobody looked.
MX: Mapping[str | None, float] = {
    None: 1.0,
    "found": 1.0,
    "implicit": 0.5,
    "unknown": 0.9,
    "null": 0.01,
    "none": 0.01,
}


def pattern_chance(belief: Belief, pattern: str) -> float:
    """Return the chance (0-0.9) that the domain's next address follows `pattern`; over all patterns at most 1."""
    loyalty = HOUSE_LOYALTY if pattern in HOUSE_RULES else LOYALTY
    told = STRENGTH * PRIOR[pattern] + loyalty * belief.counts.get(pattern, 0)
    return min(CEILING, told / (STRENGTH + belief.total))


def published_chance(role: bool) -> float:
    """Return the chance (0-1) that an address published beside a person's name is theirs."""
    return PUBLISHED_ROLE if role else PUBLISHED


def given_chance(disposable: bool) -> float:
    """Return the chance (0-1) that an address of unknown origin is in use by a person."""
    return DISPOSABLE if disposable else GIVEN


def after_mx(chance: float, mx_status: str | None) -> float:
    """Return `chance` in the light of the MX look-up (verification/mx.py, or None), rounded to four places."""
    return round(chance * MX[mx_status], 4)
