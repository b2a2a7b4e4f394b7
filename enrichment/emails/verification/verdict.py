"""Addresses -> verdicts: syntax, the domain's mail exchangers and lists. Nothing is sent, no mail server is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails import calibration, scoring
from enrichment.emails.verification import lists, syntax
from enrichment.emails.verification import mx as mail_exchangers
from enrichment.emails.verification.mx import Mx


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of an address. `email` is the text as given, without surrounding blanks.

    `score` (0-100) is the sum of `breakdown`; `probability` (0-1) the chance that the mailbox exists and is a
    person's. `mx` is None when nobody looked. `did_you_mean` is the whole address as it was probably meant.
    """

    email: str
    syntax_valid: bool
    score: int
    status: str
    method: str | None
    probability: float
    mx: Mx | None
    disposable: bool
    role: bool
    free: bool
    did_you_mean: str | None
    breakdown: tuple[scoring.Points, ...]


def verify(addresses: Iterable[str], resolver: Resolver, allowed: Allowed) -> list[Verdict]:
    """Return the verdict on each text, in order; one that is no address has its verdict too. Never raises for them.

    Each domain is looked up once, all of them together.
    """
    parsed = [_parse(text) for text in addresses]
    domains = {address.domain for _, address in parsed if isinstance(address, syntax.Address)}
    found = mail_exchangers.look_up(domains, resolver, allowed)
    return [
        _judge(text, address, found) if isinstance(address, syntax.Address) else _refuse(text, str(address))
        for text, address in parsed
    ]


def _parse(text: str) -> tuple[str, syntax.Address | syntax.InvalidAddress]:
    text = text.strip()
    try:
        return text, syntax.parse(text)
    except syntax.InvalidAddress as error:
        return text, error


def _judge(text: str, address: syntax.Address, found: Mapping[str, Mx]) -> Verdict:
    mx = found[address.domain]
    disposable = lists.is_disposable(address.domain)
    score = scoring.total(scoring.shape_points(address.local), mx, disposable=disposable)
    meant = lists.did_you_mean(address.domain)
    return Verdict(
        email=text,
        syntax_valid=True,
        score=score.value,
        status=score.status,
        method=scoring.method(set() if mx.passed is None else {"mx_check"}),
        probability=calibration.after_mx(calibration.given_chance(disposable), mx.status),
        mx=mx,
        disposable=disposable,
        role=lists.is_role(address.local),
        free=lists.is_free(address.domain),
        did_you_mean=f"{address.local}@{meant}" if meant else None,
        breakdown=score.breakdown,
    )


def _refuse(text: str, reason: str) -> Verdict:
    score = scoring.invalid(reason)
    return Verdict(
        email=text,
        syntax_valid=False,
        score=score.value,
        status=score.status,
        method=None,
        probability=0.0,
        mx=None,
        disposable=False,
        role=False,
        free=False,
        did_you_mean=None,
        breakdown=score.breakdown,
    )
