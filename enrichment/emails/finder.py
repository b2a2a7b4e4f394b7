"""One person at one company -> every candidate address with score and probability, likeliest first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from enrichment.emails import calibration, names, patterns, scoring
from enrichment.emails.name_forms import Form, forms
from enrichment.emails.patterns import Belief, Known
from enrichment.emails.permutations import ALL, SPEC_CONFIDENCE, permutations
from enrichment.emails.scoring import Points
from enrichment.emails.verification import syntax
from enrichment.emails.verification.lists import is_disposable, is_role
from enrichment.emails.verification.mx import Mx

__all__ = ["Candidate", "Known", "find"]

# A spelling that is not the usual one is left out when this unlikely.
LEAST_CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a person's. `domain` is in A-labels; `confidence` is the specification's (0-100).

    `score` (0-100) is the sum of `breakdown`, `probability` (0-1) the honest chance that the address is right.
    `mx_passed` is None when nobody could tell. `method` is the strongest proof, None when there is none.
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
    breakdown: tuple[Points, ...]


@dataclass(frozen=True, slots=True)
class _Guess:
    """A local part: its likeliest pattern, its share there relative to the usual spelling, its chance in all."""

    local: str
    pattern: str
    share: float
    chance: float


def find(
    first_name: str,
    last_name: str,
    domain: str | None,
    *,
    known: Sequence[Known] = (),
    published: str | None = None,
    published_url: str | None = None,
    mx: Mapping[str, Mx] | Mx | None,
) -> list[Candidate]:
    """Return the candidate addresses of a person, likeliest first, without duplicates.

    `known` are pairs of name and address from which the domain's pattern is learnt. `published` is an address
    that the company publishes for this person, at `published_url`. `mx` is the look-up of `domain`, or
    look-ups by domain; None when nobody looked. Without both names, or a domain that can have mail, nothing
    is guessed. Never raises for what a name or an address holds.
    """
    host = syntax.ascii_domain(domain) if domain else None
    belief, guesses = Belief(host or ""), list[_Guess]()
    if host:
        belief = patterns.learn(known, host)
        written = forms(names.parse(first_name, last_name), belief.habits)
        guesses = list(_guesses([form for form in written if form.first and form.last], belief))

    best = max((belief.of(guess.pattern) for guess in guesses), default=1.0)
    looked_up = mx if isinstance(mx, Mapping) or mx is None else {belief.domain: mx}
    found: list[Candidate] = []
    remaining = 1.0
    if address := _address(published):
        remaining -= calibration.published_chance(is_role(address.local))
        same = next((guess for guess in guesses if (guess.local, host) == (address.local, address.domain)), None)
        guesses = [guess for guess in guesses if guess is not same]
        found.append(_published(address, published_url, same, _answer(looked_up, address.domain, published)))
    found += _guessed(guesses, belief, best, remaining, _answer(looked_up, belief.domain, domain))
    return sorted(found, key=_likeliest_first)


def _guesses(written: Sequence[Form], belief: Belief) -> Iterator[_Guess]:
    """Yield each local part once, under the pattern that likeliest made it."""
    chances: dict[str, float] = {}
    best: dict[str, tuple[float, str, float]] = {}
    for pattern, shares in permutations(written, belief.patterns).items():
        usual = max(shares.values())
        for local, share in shares.items():
            chance = calibration.pattern_chance(belief, pattern) * share
            if share < usual and chance < LEAST_CHANCE:
                continue
            chances[local] = chances.get(local, 0.0) + chance
            if local not in best or chance > best[local][0]:
                best[local] = (chance, pattern, share / usual)
    for local, (_, pattern, share) in best.items():
        yield _Guess(local, pattern, share, chances[local])


def _address(published: str | None) -> syntax.Address | None:
    try:
        address = syntax.parse(published.strip()) if published else None
    except syntax.InvalidAddress:
        return None
    # RFC 5321 lets the case of a local part matter; no mail operator does.
    return replace(address, local=address.local.lower()) if address else None


def _answer(mx: Mapping[str, Mx] | None, domain: str, as_given: str | None) -> Mx | None:
    """Return the look-up of `domain`, which may be filed under the name as it was given."""
    if mx is None:
        return None
    return mx.get(domain) or mx.get((as_given or "").rpartition("@")[2].strip().lower())


def _published(address: syntax.Address, url: str | None, guess: _Guess | None, mx: Mx | None) -> Candidate:
    return _candidate(
        address,
        guess.pattern if guess else None,
        scoring.published_points(url),
        chance=calibration.published_chance(is_role(address.local)),
        mx=mx,
        generation="published",
        proof="published",
    )


def _guessed(
    guesses: Iterable[_Guess], belief: Belief, best: float, remaining: float, mx: Mx | None
) -> Iterator[Candidate]:
    """Yield the guesses as candidates; `remaining` is the chance that no published address is the right one."""
    for guess in guesses:
        yield _candidate(
            syntax.Address(guess.local, belief.domain),
            guess.pattern,
            scoring.pattern_points(guess.pattern, belief, best, guess.share),
            chance=guess.chance * remaining,
            mx=mx,
            generation="pattern_detection",
            proof="pattern" if belief.counts.get(guess.pattern) else None,
        )


def _candidate(
    address: syntax.Address,
    pattern: str | None,
    rows: list[Points],
    *,
    chance: float,
    mx: Mx | None,
    generation: str,
    proof: str | None,
) -> Candidate:
    score = scoring.total(rows, mx, disposable=is_disposable(address.domain))
    passed = mx.passed if mx else None
    proofs = {name for name in (proof, None if passed is None else "mx_check") if name}
    return Candidate(
        email=f"{address.local}@{address.domain}",
        domain=address.domain,
        pattern=pattern,
        confidence=SPEC_CONFIDENCE.get(pattern) if pattern else None,
        score=score.value,
        status=score.status,
        method=scoring.method(proofs),
        generation=generation,
        mx_passed=passed,
        probability=calibration.after_mx(chance, mx.status if mx else None),
        breakdown=score.breakdown,
    )


def _likeliest_first(candidate: Candidate) -> tuple[float, int, int, str]:
    order = ALL.index(candidate.pattern) if candidate.pattern else -1
    return (-candidate.probability, -candidate.score, order, candidate.email)
