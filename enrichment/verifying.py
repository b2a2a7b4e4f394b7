"""Verifying addresses as they come, without names: what is known of them, and what is asked anew within `Means`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from core import dns, http
from core.fields import normalise_email
from crm import suppression
from enrichment import address_checks, calibrating, domain_profiles, outcomes, probing, providers
from enrichment.domain_profiles import Profile
from enrichment.emails.checks import OUTCOME, SMTP, Check, Result
from enrichment.emails.domains import domain_of
from enrichment.emails.verification import syntax, verdict
from enrichment.emails.verification.verdict import Verdict

SECONDS = 120.0  # for all mail servers together

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Means:
    """What may be used: mail servers, providers; and whether answers that are kept count (`fresh`: they do not).

    Of domains, that is for who loads their profiles: domain_profiles.load.
    """

    smtp: bool = False
    providers: bool = False
    fresh: bool = False


def verify(
    addresses: Sequence[str], means: Means, *, seconds: float = SECONDS, tick: Tick = lambda: None
) -> list[Verdict]:
    """Return the verdict on each text, in order; one that is no address has its verdict too. Never raises for them.

    Nobody outside is asked about an address on the suppression list. What was asked is kept. `tick` is called about
    every second while mail servers are asked, and may raise.
    """
    resolver, allowed = dns.from_settings(), http.config_from_settings().allowed
    written = dict.fromkeys(filter(None, map(_normalised, addresses)))
    domains = {domain_of(address) for address in written}
    profiles = domain_profiles.load(domains, resolver, allowed, fresh=means.fresh)
    checks = gather(written, means, profiles, seconds=seconds, tick=tick)
    with transaction.atomic():
        domain_profiles.save(profiles.values(), ())
    return verdict.verify(
        addresses,
        resolver,
        allowed,
        mx={name: profile.mx for name, profile in profiles.items()},
        checks=checks,
        calibrator=calibrating.calibrator(),
    )


def gather(
    addresses: Iterable[str],
    means: Means,
    profiles: dict[str, Profile],
    *,
    seconds: float = SECONDS,
    tick: Tick = lambda: None,
) -> dict[str, list[Check]]:
    """Return all that is known of addresses (in the form of normalise_email), after asking what `means` allows.

    `profiles` holds their domains; whether one accepts every address is noted there.
    """
    addresses = list(addresses)
    known = known_checks(addresses, means)
    askable = [address for address in addresses if profiles[domain_of(address)].mx.passed is not False]
    if means.smtp or means.providers:
        hits = suppression.suppressed(askable)
        askable = [address for address in askable if address not in hits]
    if means.smtp:
        groups = [[address] for address in askable if not address_checks.fresh(known[address], SMTP)]
        add(known, ask_servers(groups, profiles, seconds, tick))
    if means.providers:
        for address in askable:
            if not is_settled(known[address]) and not _was_paid_for(known[address]):
                tick()
                checks = providers.verify(address).checks
                address_checks.save(checks)
                add(known, checks)
    return known


Known = dict[str, list[Check]]  # by address


def known_checks(addresses: Iterable[str], means: Means) -> Known:
    """Return what was said of addresses before; with `fresh` only what became of messages."""
    addresses = list(addresses)
    known: Known = {address: [] for address in addresses}
    if not means.fresh:
        known |= address_checks.load(addresses)
    for checks in outcomes.checks_for(addresses).values():
        add(known, checks)
    return known


def ask_servers(
    groups: Sequence[Sequence[str]], profiles: dict[str, Profile], seconds: float, tick: Tick = lambda: None
) -> list[Check]:
    """Ask the mail servers about groups of addresses, and keep what they say.

    Whether a domain accepts every address is noted in `profiles`, so that it is asked about no made-up one again.
    """
    if not groups:
        return []
    mx = {name: profile.mx for name, profile in profiles.items()}
    told = {name: profile.catch_all for name, profile in profiles.items() if profile.catch_all is not None}
    probed = probing.ask(groups, mx, told, seconds, tick)
    address_checks.save(probed.checks.values())
    domain_profiles.save_catch_all(probed.catch_all)
    for name, accepts_all in probed.catch_all.items():
        profiles[name] = replace(profiles[name], catch_all=accepts_all, catch_all_checked_at=timezone.now())
    return list(probed.checks.values())


def add(known: Known, checks: Iterable[Check]) -> None:
    """Add new checks to what is known, each in the place of what its giver said before."""
    for check in checks:
        known[check.email] = address_checks.joined(known.get(check.email, ()), [check])


def is_settled(checks: Iterable[Check]) -> bool:
    """Return whether somebody said clearly, and lately enough, that the mailbox exists or does not."""
    now = timezone.now()
    clear = (Result.DELIVERABLE, Result.UNDELIVERABLE)
    return any(check.result in clear and address_checks.is_fresh(check, now) for check in checks)


def _was_paid_for(checks: Iterable[Check]) -> bool:
    """Return whether a provider was asked so lately that it would say the same again."""
    now = timezone.now()
    return any(check.by not in (SMTP, OUTCOME) and address_checks.is_fresh(check, now) for check in checks)


def _normalised(text: str) -> str | None:
    try:
        address = syntax.parse(text.strip())
    except syntax.InvalidAddress:
        return None
    return normalise_email(f"{address.local}@{address.domain}")
