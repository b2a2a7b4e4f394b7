"""People -> their addresses, worked out and proven as far as `Means` allow.

The domain's pattern comes first; mail servers are asked about the likeliest guesses of a few people, which tells the
pattern for everybody else; providers are asked about the important people whom that leaves open (teams.py).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from django.db import transaction

from core import dns, http
from crm import suppression
from enrichment import calibrating, domain_profiles, known_addresses, verifying
from enrichment.domain_profiles import Profile
from enrichment.emails.patterns import Known
from enrichment.teams import Proved, Sought, Team, TeamWork
from enrichment.verifying import Means

__all__ = ["Proved", "Sought", "Team", "find", "prove"]

SECONDS = 60.0  # for all mail servers together

# How many people of a domain are asked about at a time (None: all), and the share of the time that is left for it: a
# few teach the pattern, then comes everybody, then those whom a refusal has left open.
WAVES = ((3, 1 / 2), (None, 2 / 3), (None, 1.0))


def prove(
    teams: Sequence[Team],
    profiles: Mapping[str, Profile],
    means: Means,
    *,
    seconds: float = SECONDS,
    tick: Callable[[], None] = lambda: None,
) -> list[Proved]:
    """Work out the addresses of each team, in their order.

    `profiles` holds their domains and those of published addresses. Mail servers get at most `seconds` in all; `tick`
    is called about every second meanwhile, and may raise.
    """
    profiles, calibrator, left = dict(profiles), calibrating.calibrator(), seconds
    works = [TeamWork(team, profiles, means, calibrator) for team in teams]
    _guess(works)
    if means.providers:
        for work in works:
            work.ask_about_domain(tick)
        _guess(works)
    if means.smtp:
        for people, share in WAVES:
            left -= _ask_servers(works, people, left * share, tick)
    if means.providers:
        for work in works:
            work.ask_about_people(tick)
        if means.smtp:  # about what the providers found
            _ask_servers(works, None, left, tick)
    if means.smtp:
        for work in works:
            work.say_what_servers_left_open()
    return [work.proved for work in works]


def find(
    first_name: str,
    last_name: str,
    domain: str,
    means: Means,
    *,
    known: Sequence[Known] = (),
    seconds: float = SECONDS,
) -> Proved:
    """Work out one person's addresses at `domain` (in A-labels), who need not be a contact of ours.

    `known` are further pairs of name and address. Nothing is remembered of the person but answers under fingerprints.
    """
    resolver, allowed = dns.from_settings(), http.config_from_settings().allowed
    profiles = domain_profiles.load([domain], resolver, allowed, fresh=means.fresh)
    with transaction.atomic():
        domain_profiles.save(profiles.values(), ())
    pairs = [*profiles[domain].known, *known_addresses.at(domain, ()), *known]
    by_address = {pair.email: pair for pair in pairs}
    team = Team([Sought(first_name, last_name)], domain, list(by_address.values()))
    (proved,) = prove([team], profiles, means, seconds=seconds)
    if colleagues := [pair for pair in proved.learnt if pair.name != team.people[0].name]:
        with transaction.atomic():
            domain_profiles.save(profiles.values(), (), learnt=colleagues)
    return proved


def _guess(works: Sequence[TeamWork]) -> None:
    """Work out everybody's candidates with what is known by now, and look up what was said of them before."""
    for work in works:
        work.guess()
    unseen = [email for work in works for email in work.unseen()]
    if not unseen:
        return
    told = verifying.known_checks(unseen, works[0].means)
    asking = works[0].means.smtp or works[0].means.providers
    objected = suppression.suppressed(unseen) if asking else set()
    for work in works:
        work.recall(told, objected)


def _ask_servers(works: Sequence[TeamWork], people: int | None, seconds: float, tick: Callable[[], None]) -> float:
    """Ask the mail servers about the likeliest guesses of so many people of each team, all domains side by side.

    Returns the seconds that it took.
    """
    began = time.monotonic()
    groups = [(work, place, group) for work in works for place, group in islice(work.worth_probing(), people)]
    if not groups or seconds <= 0:
        return 0.0
    checks = verifying.ask_servers([group for _, _, group in groups], works[0].profiles, seconds, tick)
    by_address = {check.email: check for check in checks}
    for work, place, group in groups:
        work.take(place, [by_address[address] for address in group if address in by_address])
    _guess(works)
    return time.monotonic() - began
