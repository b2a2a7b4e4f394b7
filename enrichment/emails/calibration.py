"""Evidence -> probability: the honest chance (0-1) that an address is the person's and takes mail.

Of one person's candidate addresses at most one is the working one: each is a hypothesis, that it is none of them is
another. What speaks for them beforehand is the company's pattern, publication and providers; each answer of a mail
server or provider, and what became of messages, then weighs them anew by Bayes' rule. So a refusal of one address
raises the others.

The shares of patterns and name forms are measured (patterns.py, name_forms.py). Every other figure is declared here
with its reason; what outcomes teach of them corrects the result (reliability.py).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from enrichment.emails.checks import OUTCOME, SMTP, Check, Result
from enrichment.emails.proofs import latest
from enrichment.emails.scoring import UNSTATED

# Published for this person by the company itself; people leave, and pages stay.
PUBLISHED = 0.95
# A shared mailbox beside a person's name reaches the company, and perhaps the person.
PUBLISHED_ROLE = 0.3
# Entered by hand for this person: somebody vouches for it.
VOUCHED = 0.95
# An address that somebody gave us, without a name to compare it with.
GIVEN = 0.5
DISPOSABLE = 0.02
# How far a provider is trusted that gives an address for a person: its own confidence times this. One that has seen
# the address on a page knows something; one that has not may have worked it out as we do.
FOUND_SEEN = 0.9
FOUND_UNSEEN = 0.7

# No evidence makes an address surer than this, nor leaves less to its being none of the candidates.
CERTAIN = 0.99
LEAST_NONE = 0.01

# What is left of the chance after the look at the domain's mail exchangers: all of it when nobody looked.
MX: Mapping[str | None, float] = {
    None: 1.0,
    "found": 1.0,
    "implicit": 0.5,
    "unknown": 0.9,
    "null": 0.01,
    "none": 0.01,
}
_DEAD = frozenset({"null", "none"})

# An answer loses half its weight in a year: about a quarter of work addresses change hands in that time, and a
# mailbox that was not there may have been set up.
HALF_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How likely it is to hear that a mailbox exists.

    `right`: when it is the person's; `slip`: when there is none; `stranger`: when there is one and it is another's.
    """

    right: float
    slip: float
    stranger: float = 1.0


ACCEPTED: Mapping[str, Acceptance] = {
    # Servers that take every name are found out by a made-up one; few slip through.
    SMTP: Acceptance(0.97, 0.01),
    # Providers judge by old answers, and some call what they could not ask valid.
    "provider": Acceptance(0.9, 0.08),
    # No bounce came. Some servers drop what they cannot deliver, and a bounce may get lost.
    "delivered": Acceptance(0.97, 0.15),
    # Nobody answers from a mailbox that is not there, and others would seldom answer in the person's place.
    "replied": Acceptance(0.97, 0.0005, 0.05),
}

# How likely "no such mailbox" is of one that is there, over how likely it is otherwise: servers under attack, and
# gateways that lost their list of names, refuse what exists. A bounce is the last word of the server that keeps it.
REFUSED: Mapping[str, float] = {OUTCOME: 0.01, SMTP: 0.03, "provider": 0.15}

# The chance that the mailbox is there although it is not this person's: the shorter, the likelier that a colleague or
# the company has it. `None`: an address that follows no pattern.
STRANGERS: Mapping[str | None, float] = {"full name": 0.02, "name and initial": 0.04, "short": 0.07, None: 0.04}
SHARED = 1.0  # a role account is there in any case


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One candidate address, and what speaks for and against it.

    `guessed`: the chance that the person's address is formed so (0-1; over all candidates at most 1). `claims`: how far
    those are trusted who give it as the person's (0-1 each). `mx`: the domain's MX status, None when nobody looked.
    `stranger`: the chance that the mailbox exists without being theirs, SHARED for a role account.
    """

    guessed: float = 0.0
    claims: tuple[float, ...] = ()
    mx: str | None = None
    stranger: float = STRANGERS[None]
    checks: Sequence[Check] = ()


def chances(hypotheses: Sequence[Hypothesis], now: datetime) -> list[float]:
    """Return the chance (0-0.99) of each of one person's candidates, in their order; together at most 1."""
    before = _priors(hypotheses)
    none = max(LEAST_NONE, 1 - math.fsum(before))
    weights = [
        prior * _weight(hypothesis, min(1.0, none / prior) if prior else 1.0, now)
        for prior, hypothesis in zip(before, hypotheses, strict=True)
    ]
    total = none + math.fsum(weights)
    return [min(CERTAIN, weight / total) for weight in weights]


def _priors(hypotheses: Sequence[Hypothesis]) -> list[float]:
    """Return the chances before any answer.

    Who gives an address either knows it or says nothing: those who know agree, and if nobody does, the pattern decides
    (Dempster's rule). Whoever names a domain that takes no mail any more speaks of the past, and is not believed.
    """
    odds = [_odds(hypothesis) for hypothesis in hypotheses]
    total = 1 + math.fsum(odds)
    return [
        (hypothesis.guessed * MX[hypothesis.mx] + odd * (1.0 if hypothesis.mx in _DEAD else MX[hypothesis.mx])) / total
        for hypothesis, odd in zip(hypotheses, odds, strict=True)
    ]


def _odds(hypothesis: Hypothesis) -> float:
    """Return the odds that one of those knows who give this address."""
    believed = MX[hypothesis.mx] if hypothesis.mx in _DEAD else 1.0
    return 1 / math.prod(1 - min(CERTAIN, trust * believed) for trust in hypothesis.claims) - 1


def _weight(hypothesis: Hypothesis, doubt: float, now: datetime) -> float:
    """Return what the answers about an address multiply its prior by.

    `doubt`: the chance of "none of them" over the prior, at most 1. What spoke for an address that is refused was said
    before: the prior counts for no more than the chance that the person has another address.
    """
    ratio, refused = 1.0, 0.0
    for check in latest(hypothesis.checks):
        age = strength(check.at, now)
        if check.result is Result.DELIVERABLE:
            ratio *= math.pow(_accepted(check, hypothesis.stranger), age)
        elif check.result is Result.UNDELIVERABLE:
            ratio *= math.pow(REFUSED.get(check.by, REFUSED["provider"]), age)
            refused = max(refused, age)
    return ratio * math.pow(doubt, refused)


def _accepted(check: Check, stranger: float) -> float:
    """Return how many times likelier the answer is when the address is the person's (1 or more)."""
    if stranger >= SHARED:
        return 1.0
    if check.by == OUTCOME:
        kind = check.reason if check.reason in ACCEPTED else "delivered"
    else:
        kind = SMTP if check.by == SMTP else "provider"
    heard = ACCEPTED[kind]
    ratio = max(1.0, heard.right / (stranger * heard.stranger + (1 - stranger) * heard.slip))
    return ratio if check.confidence is None else math.pow(ratio, check.confidence)  # a provider's own doubt counts


def strength(at: datetime, now: datetime) -> float:
    """Return how much of its weight an answer of `at` still has (0-1)."""
    return math.pow(0.5, max(0.0, (now - at) / HALF_LIFE))


def stranger(pattern: str | None, role: bool) -> float:
    """Return the chance (0-1) that a mailbox of this pattern exists although it is not the person's."""
    if role:
        return SHARED
    if pattern is None:
        return STRANGERS[None]
    wholes = ("first" in pattern) + ("last" in pattern)
    letters = pattern.replace("first", "").replace("last", "").strip("._-")
    return STRANGERS["full name" if wholes == 2 else "name and initial" if wholes and letters else "short"]


def published_chance(role: bool) -> float:
    """Return the chance (0-1) that an address published beside a person's name is theirs."""
    return PUBLISHED_ROLE if role else PUBLISHED


def found_chance(confidence: float | None, *, seen: bool, role: bool, age: float) -> float:
    """Return how far (0-1) a provider is trusted that gives an address for a person.

    `confidence` is its own (0-1), `seen` whether it names pages, `age` the strength that is left of it.
    """
    stated = UNSTATED if confidence is None else min(1.0, max(0.0, confidence))
    trust = (FOUND_SEEN if seen else FOUND_UNSEEN) * stated * age
    return min(PUBLISHED_ROLE, trust) if role else trust


def given_chance(disposable: bool) -> float:
    """Return the chance (0-1) that an address of unknown origin is in use by a person."""
    return DISPOSABLE if disposable else GIVEN


def after_mx(chance: float, mx_status: str | None) -> float:
    """Return `chance` in the light of the MX look-up (verification/mx.py, or None), rounded to four places."""
    return round(chance * MX[mx_status], 4)
