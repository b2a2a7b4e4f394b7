"""One person at one company -> every candidate address with score and probability, likeliest first."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from enrichment.emails import calibration, leads, names, patterns, proofs, scoring
from enrichment.emails.calibration import Hypothesis
from enrichment.emails.checks import Check
from enrichment.emails.leads import Guess, Lead
from enrichment.emails.name_forms import forms
from enrichment.emails.patterns import Belief, Known
from enrichment.emails.permutations import ALL, SPEC_CONFIDENCE
from enrichment.emails.providers.base import Found
from enrichment.emails.reliability import Calibrator
from enrichment.emails.scoring import Points, Proof
from enrichment.emails.verification import syntax
from enrichment.emails.verification.lists import is_disposable, is_role
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.operators import operator_of

__all__ = ["Candidate", "Known", "find"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a person's. `domain` is in A-labels; `confidence` is the specification's (0-100).

    `score` (0-100) is the sum of `breakdown`, `probability` (0-1) the honest chance that the address is right,
    `model_probability` that chance before outcomes corrected it. `mx_passed` is None when nobody could tell. `method`
    is the strongest proof, for or against the address, None when there is none. `checks` are the answers about it,
    newest first; `smtp_passed` is what the mail server said, None when it said nothing clear. `api_source` is the
    provider that found or judged it.
    """

    email: str
    domain: str
    pattern: str | None
    confidence: int | None
    score: int
    status: str
    method: str | None
    generation: str
    mx_passed: bool | None
    probability: float
    model_probability: float
    breakdown: tuple[Points, ...]
    checks: tuple[Check, ...] = ()
    smtp_passed: bool | None = None
    api_source: str | None = None


def find(
    first_name: str,
    last_name: str,
    domain: str | None,
    *,
    known: Sequence[Known] = (),
    published: str | None = None,
    published_url: str | None = None,
    mx: Mapping[str, Mx] | Mx | None,
    checks: Sequence[Check] = (),
    found: Sequence[Found] = (),
    calibrator: Calibrator | None = None,
    now: datetime | None = None,
) -> list[Candidate]:
    """Return the candidate addresses of a person, likeliest first, without duplicates.

    `known` are pairs of name and address from which the domain's pattern is learnt. `published` is an address
    that the company publishes for this person, at `published_url`. `mx` is the look-up of `domain`, or
    look-ups by domain; None when nobody looked. `found` is what providers give for the person; `checks` are answers
    about any of the addresses, and lose weight with age (`now`). `calibrator` corrects the chances by what outcomes
    have taught. Without both names, or a domain that can have mail, nothing is guessed. Never raises for what a name or
    an address holds.
    """
    now = now or datetime.now(UTC)
    host = syntax.ascii_domain(domain) if domain else None
    belief, guessed = Belief(host or ""), list[Guess]()
    if host:
        belief = patterns.learn(known, host, now)
        written = forms(names.parse(first_name, last_name), belief.habits)
        guessed = list(leads.guesses([form for form in written if form.first and form.last], belief))

    looked_up = mx if isinstance(mx, Mapping) or mx is None else {belief.domain: mx}
    own = leads.answer(looked_up, belief.domain, domain)
    by_email = leads.gather(guessed, belief.domain, published=published, found=found, mx=own, looked_up=looked_up)
    leads.file(checks, by_email)
    best = max((belief.of(guess.pattern) for guess in guessed), default=1.0)
    chances = calibration.chances([_hypothesis(lead, now) for lead in by_email.values()], now)
    corrected = _corrected(list(by_email.values()), chances, calibrator)
    proven = _proven(by_email)
    candidates = [
        _candidate(lead, both, _claims(lead, belief, best, published_url), belief, proven[lead.email])
        for lead, both in zip(by_email.values(), zip(chances, corrected, strict=True), strict=True)
    ]
    return sorted(candidates, key=_likeliest_first)


def _proven(by_email: Mapping[str, Lead]) -> dict[str, dict[Proof, str]]:
    """Return what is proven of each address; a guess that nothing is said of pales beside one that was confirmed."""
    proven = {email: proofs.proofs(lead.checks) for email, lead in by_email.items()}
    if any(Proof.DELIVERABLE in proof for proof in proven.values()):
        for email, lead in by_email.items():
            if lead.guess and not (lead.published or lead.found or proven[email]):
                proven[email] = {Proof.RIVAL: ""}
    return proven


def _corrected(given: Sequence[Lead], chances: list[float], calibrator: Calibrator | None) -> list[float]:
    """Return the chances as outcomes have taught."""
    if calibrator is None:
        return chances
    operators = {lead.mx: operator_of(lead.mx.hosts) if lead.mx else "" for lead in given}
    corrected = [calibrator.adjust(chance, operators[lead.mx]) for lead, chance in zip(given, chances, strict=True)]
    # Each was corrected by itself; together they stay one person's.
    total = max(1.0, math.fsum(corrected))
    return [min(calibration.CERTAIN, chance / total) for chance in corrected]


def _hypothesis(lead: Lead, now: datetime) -> Hypothesis:
    role = is_role(lead.address.local)
    givers = {item.by: item for item in lead.found}  # who says it twice knows it once
    claims = [
        calibration.found_chance(
            item.confidence, seen=bool(item.evidence), role=role, age=calibration.strength(item.at, now)
        )
        for item in givers.values()
    ]
    guessed = lead.guess.chance if lead.guess else 0.0
    if lead.published:
        # A page is wrong where the person has left; that they would be called so is no comfort then.
        guessed, claims = 0.0, [*claims, calibration.published_chance(role)]
    return Hypothesis(
        guessed,
        tuple(claims),
        lead.mx.status if lead.mx else None,
        calibration.stranger(lead.guess.pattern if lead.guess else None, role),
        lead.checks,
    )


def _claims(lead: Lead, belief: Belief, best: float, published_url: str | None) -> list[Points]:
    """Return the rows of what leads to the address: of publication, providers and pattern the one worth most."""
    if lead.published:
        return scoring.published_points(published_url)
    rows = [
        scoring.found_points(item.by, item.confidence, item.evidence[0].url if item.evidence else None)
        for item in lead.found
    ]
    if lead.guess:
        rows.insert(0, scoring.pattern_points(lead.guess.pattern, belief, best, lead.guess.share))
    return max(rows, key=lambda claim: sum(row.points for row in claim))


def _candidate(
    lead: Lead, chances: tuple[float, float], claims: list[Points], belief: Belief, proven: Mapping[Proof, str]
) -> Candidate:
    """Return the candidate; `chances` are the model's and the corrected one."""
    pattern = lead.guess.pattern if lead.guess else None
    score = scoring.total(claims, lead.mx, disposable=is_disposable(lead.address.domain), proofs=proven)
    passed = lead.mx.passed if lead.mx else None
    methods = {
        proofs.method(lead.checks),
        "published" if lead.published else None,
        "pattern" if pattern and belief.counts.get(pattern) else None,
        None if passed is None else "mx_check",
    }
    return Candidate(
        email=lead.email,
        domain=lead.address.domain,
        pattern=pattern,
        confidence=SPEC_CONFIDENCE.get(pattern) if pattern else None,
        score=score.value,
        status=score.status,
        method=scoring.method(methods),
        generation="published" if lead.published else "api_enrichment" if lead.found else "pattern_detection",
        mx_passed=passed,
        probability=round(chances[1], 4),
        model_probability=round(chances[0], 4),
        breakdown=score.breakdown,
        checks=lead.checks,
        smtp_passed=proofs.smtp_passed(lead.checks),
        api_source=_api_source(lead),
    )


def _api_source(lead: Lead) -> str | None:
    """Return the provider that gave the address, else the one whose answer decides about it."""
    if lead.found:
        return lead.found[0].by
    decisive = proofs.decisive(lead.checks)
    return decisive.by if decisive and proofs.method(lead.checks) == "api" else None


def _likeliest_first(candidate: Candidate) -> tuple[float, int, int, str]:
    order = ALL.index(candidate.pattern) if candidate.pattern else -1
    return (-candidate.probability, -candidate.score, order, candidate.email)
