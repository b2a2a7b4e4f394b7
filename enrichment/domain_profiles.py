"""What is remembered of mail domains: the MX answer for 24 hours, and addresses known to be right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from core.dns import Resolver
from core.fields import normalise_email
from core.guard import Allowed
from enrichment.discovery.base import Person
from enrichment.emails.domains import domain_of
from enrichment.emails.finder import Known
from enrichment.emails.verification import mx
from enrichment.models import DomainProfile

# spec, "Caching": MX record checks are kept for 24 hours. "Could not tell" is asked again after five minutes.
MX_KEPT = timedelta(hours=24)
UNKNOWN_KEPT = timedelta(minutes=5)
MAX_KNOWN = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """A mail domain: its MX answer, when that was asked, and the pairs of name and address known there."""

    domain: str
    mx: mx.Mx
    checked_at: datetime
    known: tuple[Known, ...] = ()


def load(domains: Iterable[str], resolver: Resolver, allowed: Allowed) -> dict[str, Profile]:
    """Return the profile of each domain, from the database while fresh, else by asking the DNS (all at once)."""
    names, now = set(domains), timezone.now()
    rows = {row.domain: row for row in DomainProfile.objects.filter(domain__in=names)}
    kept = {name: row for name, row in rows.items() if _fresh(row, now)}
    asked = mx.look_up(names - set(kept), resolver, allowed)
    profiles = {}
    for name in names:
        row = rows.get(name)
        known = tuple(Known(pair["name"], pair["email"]) for pair in row.known_addresses) if row else ()
        if name in kept:
            answer = mx.Mx(kept[name].mx_status, tuple(kept[name].mx_hosts))
            profiles[name] = Profile(name, answer, kept[name].mx_checked_at or now, known)
        else:
            profiles[name] = Profile(name, asked[name], now, known)
    return profiles


def _fresh(row: DomainProfile, now: datetime) -> bool:
    if row.mx_checked_at is None:
        return False
    return now - row.mx_checked_at < (UNKNOWN_KEPT if row.mx_status == "unknown" else MX_KEPT)


def known_at(profiles: Mapping[str, Profile], domain: str | None, people: Iterable[Person]) -> list[Known]:
    """Return the pairs of name and address known at `domain`: those that `people` publish, then those remembered."""
    if domain is None:
        return []
    remembered = profiles[domain].known if domain in profiles else ()
    pairs = {pair.email: pair for pair in remembered} | {pair.email: pair for pair in _published(people, domain)}
    return list(pairs.values())


def _published(people: Iterable[Person], domain: str) -> list[Known]:
    pairs = [Known(person.name, normalise_email(person.email)) for person in people if person.email]
    return [pair for pair in pairs if pair.email.rpartition("@")[2] == domain]


def save(
    profiles: Iterable[Profile], people: Iterable[Person], left_out: Iterable[tuple[str, Iterable[str]]] = ()
) -> None:
    """Write down the MX answers, and the addresses that `people` publish beside those remembered by now.

    Forgets those `left_out`, names with addresses. Call in a transaction: the rows are read anew under their locks,
    since another job may have added to them, or an address may have been forgotten.
    """
    profiles, left_out = list(profiles), [(name, list(emails)) for name, emails in left_out]
    # All locks at once: taken in two goes, two jobs could wait for each other.
    _lock({profile.domain for profile in profiles} | {domain_of(email) for _, emails in left_out for email in emails})
    _save(profiles, people)
    forget_many(left_out)


def _save(profiles: Iterable[Profile], people: Iterable[Person]) -> None:
    people, now = list(people), timezone.now().isoformat().replace("+00:00", "Z")
    wanted = sorted(profiles, key=lambda profile: profile.domain)
    remembered = {row.domain: row.known_addresses for row in _lock(profile.domain for profile in wanted)}
    rows = []
    for profile in wanted:
        pairs = {entry["email"]: entry for entry in remembered.get(profile.domain, [])}
        for pair in _published(people, profile.domain):
            pairs.pop(pair.email, None)  # seen again: to the end, among the newest
            pairs[pair.email] = {"name": pair.name, "email": pair.email, "source": "website", "seenAt": now}
        rows.append(
            DomainProfile(
                domain=profile.domain,
                mx_status=profile.mx.status,
                mx_hosts=list(profile.mx.hosts),
                mx_checked_at=profile.checked_at,
                known_addresses=list(pairs.values())[-MAX_KNOWN:],
            )
        )
    DomainProfile.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=["mx_status", "mx_hosts", "mx_checked_at", "known_addresses", "updated_at"],
    )


def forget(name: str, emails: Iterable[str]) -> None:
    """Forget a person's name and addresses at the domains of those addresses. Call in a transaction."""
    forget_many([(name, emails)])


def forget_many(people: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Forget the names and addresses of many people as `forget` does, in two statements. Call in a transaction."""
    names: dict[str, set[str]] = {}
    addresses = set()
    for name, emails in people:
        for address in map(normalise_email, emails):
            addresses.add(address)
            names.setdefault(address.rpartition("@")[2], set()).add(name)
    changed = []
    for row in _lock(names):
        kept = [
            pair
            for pair in row.known_addresses
            if pair["name"] not in names[row.domain] and normalise_email(pair["email"]) not in addresses
        ]
        if len(kept) < len(row.known_addresses):
            row.known_addresses = kept
            changed.append(row)
    DomainProfile.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=["known_addresses", "updated_at"],
    )


def _lock(domains: Iterable[str]) -> list[DomainProfile]:
    """Return the rows of these domains under their locks, in the one order in which everybody takes them."""
    return list(DomainProfile.objects.select_for_update().filter(domain__in=set(domains)).order_by("domain"))
