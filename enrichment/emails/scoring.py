"""Every number of the verification score: points, thresholds, caps and lifts, and which proof counts as method.

A score is the sum of what is known of an address: its pattern (0-75), the domain's MX (15) and its form (10).
Proof then moves it. Each step is a row of the breakdown, and the rows add up to the score.
"""

import enum
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from enrichment.emails.patterns import PRIOR, Belief
from enrichment.emails.verification.lists import is_role
from enrichment.emails.verification.mx import Mx

PATTERN_POINTS = 75
MX_POINTS = 15
FORMAT_POINTS = 10

VERIFIED = 80  # this or more
UNKNOWN = 50  # this or more, below VERIFIED; less is risky

PROVEN = 90  # at least, once a mail server, a provider or a person confirmed the mailbox
UNDECIDED = 79  # at most, while nobody can tell whether the mailbox exists
FULL = 49  # at most, while the mailbox is there and takes nothing
RIVAL = 49  # at most for a guess, once another address of the person was confirmed
REFUSED = 10  # at most, when the address cannot receive mail

# Without a name to compare it with, an address shows only the shape of its local part. A shape is no evidence
# against an address, so that none is risky for its looks; only `jane.doe` is surely formed as companies do.
TWO_WORDS_POINTS = 75
PERSONAL_POINTS = 50
OTHER_SHAPE_POINTS = 40

# A provider that does not say how sure it is of an address counts as this sure.
UNSTATED = 0.7

_TWO_WORDS = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*\.[^\W\d_]{2,}(?:-[^\W\d_]+)*")
_PERSONAL = re.compile(r"[^\W\d_]{2,}|[^\W\d_]+[._-][^\W\d_]+")

# The strongest proof first (design: manual > smtp_ping > api > published > pattern > mx_check).
METHODS = ("manual", "smtp_ping", "api", "published", "pattern", "mx_check")


class Proof(enum.Enum):
    """What a mail server, a verification provider or a person said of the mailbox."""

    DELIVERABLE = "The mailbox was confirmed"
    VOUCHED = "A person vouches for it"
    REJECTED = "The mailbox does not exist"
    CATCH_ALL = "The domain accepts every address"
    HIDDEN_DIRECTORY = "The server does not tell which mailboxes exist"
    FULL = "The mailbox is full"
    RIVAL = "Another address of this person was confirmed"


# What each proof makes of a score: at least, at most, and how to say so; in the order they apply.
_PROOF_BOUNDS = (
    (Proof.CATCH_ALL, 0, UNDECIDED, f"At most {UNDECIDED}: whether the mailbox exists is not known"),
    (Proof.HIDDEN_DIRECTORY, 0, UNDECIDED, f"At most {UNDECIDED}: whether the mailbox exists is not known"),
    (Proof.RIVAL, 0, RIVAL, f"At most {RIVAL} for a guess"),
    (Proof.DELIVERABLE, PROVEN, 100, f"At least {PROVEN}"),
    (Proof.VOUCHED, PROVEN, 100, f"At least {PROVEN}"),
    (Proof.FULL, 0, FULL, f"At most {FULL}: it takes nothing at present"),
    (Proof.REJECTED, 0, REFUSED, f"At most {REFUSED}"),
)


@dataclass(frozen=True, slots=True)
class Points:
    """One row of a breakdown: how many points (negative for a deduction), what for, and on what evidence."""

    label: str
    points: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score of 0-100 and the rows that add up to it."""

    value: int
    breakdown: tuple[Points, ...]

    @property
    def status(self) -> str:
        """`verified`, `unknown` or `risky`."""
        return status(self.value)


_WELL_FORMED = Points("Format", FORMAT_POINTS, "Well-formed (RFC 5321)")


def status(score: int) -> str:
    """Return the status of a score of 0-100: `verified`, `unknown` or `risky`."""
    if score >= VERIFIED:
        return "verified"
    return "unknown" if score >= UNKNOWN else "risky"


def method(proofs: Collection[str | None]) -> str | None:
    """Return the strongest of the methods by which an address was judged, or None when there is none."""
    return next((name for name in METHODS if name in proofs), None)


def pattern_points(pattern: str, belief: Belief, best: float, share: float) -> list[Points]:
    """Return the rows for a guessed address: 75 x belief(pattern) / belief(best pattern of this person).

    `best` is the belief (0-1) in the best pattern. A spelling of the name that is rarer than the person's
    usual one in this pattern loses in proportion: `share` is 1 for the usual one.
    """
    points = round(PATTERN_POINTS * belief.of(pattern) / best)
    evidence = f"{PRIOR[pattern]:.1%} of work addresses are formed so"
    if belief.total:
        follow = f"{_count(belief.counts.get(pattern, 0))} of {_count(belief.total)} known addresses"
        evidence = f"{follow} at {belief.domain}; {evidence}"
    rows = [Points(f"Pattern {pattern}", points, evidence)]
    if lost := points - round(points * share):
        rows.append(Points("Rarer spelling of the name", -lost, f"{share:.0%} as likely as the usual one"))
    return rows


def _count(weight: float) -> str:
    """Return a number of addresses, of which an old one counts less than one: at most one decimal."""
    return f"{weight:.1f}".removesuffix(".0")


def published_points(url: str | None) -> list[Points]:
    """Return the row for an address that the company publishes; `url` is where."""
    return [Points("Published by the company", PATTERN_POINTS, url or "Found with the person's name")]


def found_points(by: str, confidence: float | None, url: str | None) -> list[Points]:
    """Return the row for an address that a provider gives: its own confidence (0-1) in it, and where it saw it."""
    stated = "" if confidence is None else f"{confidence:.0%} sure; "
    points = round(PATTERN_POINTS * (UNSTATED if confidence is None else confidence))
    return [Points(f"Found by {by.capitalize()}", points, f"{stated}{url or 'names no page'}")]


def manual_points() -> list[Points]:
    """Return the row for an address that somebody entered by hand."""
    return [Points("Entered by hand", PATTERN_POINTS, "Not formed by a rule")]


def shape_points(local: str) -> list[Points]:
    """Return the row for an address that came without a name, by the shape of its local part."""
    if is_role(local):
        return [Points("Shape of the address", OTHER_SHAPE_POINTS, "A shared mailbox, not a person's")]
    if _TWO_WORDS.fullmatch(local):
        return [Points("Shape of the address", TWO_WORDS_POINTS, "First and last name, as most work addresses")]
    if _PERSONAL.fullmatch(local):
        return [Points("Shape of the address", PERSONAL_POINTS, "May be a person's name or initials")]
    return [Points("Shape of the address", OTHER_SHAPE_POINTS, "Not formed of names alone")]


def invalid(reason: str) -> Score:
    """Return the score of a text that is no address: 0."""
    return Score(0, (Points("Format", 0, reason),))


def total(
    claims: Sequence[Points],
    mx: Mx | None,
    *,
    disposable: bool = False,
    proofs: Mapping[Proof, str] | Iterable[Proof] = (),
) -> Score:
    """Return the score of a well-formed address.

    `claims` are the rows for its pattern, publication or shape; `mx` is None when nobody looked; `proofs`
    are the answers of mail servers and providers, each with the sentence that says so, if there is one. A proof has
    its row even when it moves nothing.
    """
    rows = [*claims, _mx_points(mx), _WELL_FORMED]
    value = sum(row.points for row in rows)
    said = dict(proofs) if isinstance(proofs, Mapping) else dict.fromkeys(proofs, "")
    labels = {proof.value for proof in said}
    for least, most, label, evidence in _bounds(mx, disposable, said):
        moved = max(least, min(most, value))
        if moved != value or label in labels:
            rows.append(Points(label, moved - value, evidence))
            value = moved
    return Score(value, tuple(rows))


@lru_cache(maxsize=1024)
def _mx_points(mx: Mx | None) -> Points:
    if mx is None:
        return Points("MX record", 0, "Not looked up")
    evidence = {
        "found": ", ".join(mx.hosts),
        # RFC 5321 section 5.1: an address counts as an MX record of preference 0.
        "implicit": f"No MX record; {', '.join(mx.hosts)} itself takes mail",
        "null": "The domain declares that it takes no mail (RFC 7505)",
        "none": "No such domain, or no mail server that can be reached",
        "unknown": "The DNS gave no answer",
    }
    return Points("MX record", MX_POINTS if mx.passed else 0, evidence[mx.status])


def _bounds(mx: Mx | None, disposable: bool, said: Mapping[Proof, str]) -> Iterable[tuple[int, int, str, str]]:
    """Yield (least, most, label, evidence) in the order they apply: doubts, then proof, then refusals."""
    if mx is None or mx.passed is None:
        yield 0, UNDECIDED, "No DNS answer", f"At most {UNDECIDED}: whether the domain takes mail is not known"
    for proof, least, most, rule in _PROOF_BOUNDS:
        if proof in said:
            sentence = said[proof].rstrip(". ")
            yield least, most, proof.value, f"{sentence}. {rule}" if sentence else rule
    if mx is not None and mx.passed is False:
        yield 0, REFUSED, "The domain takes no mail", f"At most {REFUSED}"
    if disposable:
        yield 0, REFUSED, "Throw-away domain", f"At most {REFUSED}"
    yield 0, 100, "Limit", "Scores run from 0 to 100"
