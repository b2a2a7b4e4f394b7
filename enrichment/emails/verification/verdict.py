"""Addresses -> verdicts: syntax, the domain's mail exchangers, lists, and what servers and providers have said of them.

Nothing is sent and no mail server is asked here; what they said comes in as checks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails import calibration, proofs, scoring
from enrichment.emails.calibration import Hypothesis
from enrichment.emails.checks import Check
from enrichment.emails.reliability import Calibrator
from enrichment.emails.scoring import Points, Proof
from enrichment.emails.verification import lists, syntax
from enrichment.emails.verification import mx as mail_exchangers
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.operators import operator_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of an address. `email` is the text as given, without surrounding blanks.

    `score` (0-100) is the sum of `breakdown`; `probability` (0-1) the chance that the mailbox exists and is in use,
    `model_probability` the same before outcomes corrected it.
    `mx` is None when nobody looked. `did_you_mean` is the whole address as it was probably meant. `smtp` and `api` are
    the strongest answers of the mail server and of providers; `smtp_passed` is whether the server takes mail for the
    mailbox, None when it said nothing clear.
    """

    email: str
    syntax_valid: bool
    score: int
    status: str
    method: str | None
    probability: float
    model_probability: float
    mx: Mx | None
    disposable: bool
    role: bool
    free: bool
    did_you_mean: str | None
    breakdown: tuple[Points, ...]
    smtp: Check | None = None
    api: Check | None = None
    smtp_passed: bool | None = None


def verify(
    addresses: Iterable[str],
    resolver: Resolver,
    allowed: Allowed,
    *,
    mx: Mapping[str, Mx] | None = None,
    checks: Mapping[str, Sequence[Check]] | None = None,
    calibrator: Calibrator | None = None,
    now: datetime | None = None,
) -> list[Verdict]:
    """Return the verdict on each text, in order; one that is no address has its verdict too. Never raises for them.

    Each domain is looked up once, all of them together, except those in `mx`. `checks` are by address, in the form of
    normalise_email, and lose weight with age (`now`). `calibrator` corrects the chances by what outcomes have taught.
    """
    now = now or datetime.now(UTC)
    parsed = [_parse(text) for text in addresses]
    domains = {address.domain for _, address in parsed if isinstance(address, syntax.Address)}
    known = mx or {}
    if missing := domains - known.keys():
        known = {**known, **mail_exchangers.look_up(missing, resolver, allowed)}
    checks = checks or {}
    return [
        _judge(_Given(text, address, known[address.domain], checks.get(_key(address), ())), calibrator, now)
        if isinstance(address, syntax.Address)
        else _refuse(text, str(address))
        for text, address in parsed
    ]


def vouched(
    text: str,
    mx: Mx | None,
    checks: Sequence[Check] = (),
    *,
    calibrator: Calibrator | None = None,
    now: datetime | None = None,
) -> Verdict:
    """Return the verdict on an address that somebody entered by hand for a person: only a refusal speaks against it.

    `mx` is None when nobody looked. Raises syntax.InvalidAddress.
    """
    given = _Given(text.strip(), syntax.parse(text.strip()), mx, checks)
    return _judge(given, calibrator, now or datetime.now(UTC), by_hand=True)


@dataclass(frozen=True, slots=True)
class _Given:
    """An address, and what was found out about it."""

    text: str
    address: syntax.Address
    mx: Mx | None
    checks: Sequence[Check]


def _parse(text: str) -> tuple[str, syntax.Address | syntax.InvalidAddress]:
    text = text.strip()
    try:
        return text, syntax.parse(text)
    except syntax.InvalidAddress as error:
        return text, error


def _key(address: syntax.Address) -> str:
    return f"{address.local.lower()}@{address.domain}"


def _judge(given: _Given, calibrator: Calibrator | None, now: datetime, *, by_hand: bool = False) -> Verdict:
    address, mx, checks = given.address, given.mx, given.checks
    disposable = lists.is_disposable(address.domain)
    proven = proofs.proofs(checks)
    claims = scoring.manual_points() if by_hand else scoring.shape_points(address.local)
    score = scoring.total(
        claims, mx, disposable=disposable, proofs={Proof.VOUCHED: "", **proven} if by_hand else proven
    )
    passed = mx.passed if mx else None
    methods = {proofs.method(checks), "manual" if by_hand else None, None if passed is None else "mx_check"}
    meant = lists.did_you_mean(address.domain)
    chance = _chance(given, disposable, now, by_hand)
    return Verdict(
        email=given.text,
        syntax_valid=True,
        score=score.value,
        status=score.status,
        method=scoring.method(methods),
        probability=_corrected(chance, mx, calibrator),
        model_probability=round(chance, 4),
        mx=mx,
        disposable=disposable,
        role=lists.is_role(address.local),
        free=lists.is_free(address.domain),
        did_you_mean=f"{address.local}@{meant}" if meant else None,
        breakdown=score.breakdown,
        smtp=proofs.by_server(checks),
        api=proofs.by_provider(checks),
        smtp_passed=proofs.smtp_passed(checks),
    )


def _chance(given: _Given, disposable: bool, now: datetime, by_hand: bool) -> float:
    mx = given.mx
    alone = Hypothesis(
        guessed=calibration.VOUCHED if by_hand else calibration.given_chance(disposable),
        mx=mx.status if mx else None,
        # Without a name there is no stranger to mix up; a throw-away mailbox is nobody's, though it is there.
        stranger=calibration.SHARED if disposable else 0.0,
        checks=given.checks,
    )
    (chance,) = calibration.chances([alone], now)
    return chance


def _corrected(chance: float, mx: Mx | None, calibrator: Calibrator | None) -> float:
    if calibrator is not None:
        chance = min(calibration.CERTAIN, calibrator.adjust(chance, operator_of(mx.hosts) if mx else ""))
    return round(chance, 4)


def _refuse(text: str, reason: str) -> Verdict:
    score = scoring.invalid(reason)
    return Verdict(
        email=text,
        syntax_valid=False,
        score=score.value,
        status=score.status,
        method=None,
        probability=0.0,
        model_probability=0.0,
        mx=None,
        disposable=False,
        role=False,
        free=False,
        did_you_mean=None,
        breakdown=score.breakdown,
    )
