"""What is remembered of mail domains: the MX answer for 24 hours, and addresses known to be right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from core.dns import Resolver
from core.fields import normalise_email
from core.guard import Allowed
from enrichment.discovery.base import Person
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


def with_published(profiles: Mapping[str, Profile], people: Iterable[Person]) -> dict[str, Profile]:
    """Return the profiles with the addresses just seen on the site added to the known ones, newest first."""
    published = [Known(person.name, person.email.lower()) for person in people if person.email]
    updated = {}
    for name, profile in profiles.items():
        here = [pair for pair in published if pair.email.rpartition("@")[2] == name]
        pairs = {pair.email: pair for pair in [*profile.known[::-1], *here]}
        updated[name] = replace(profile, known=tuple(list(pairs.values())[::-1][:MAX_KNOWN]))
    return updated


def save(profiles: Iterable[Profile]) -> None:
    """Write the profiles down, in one statement."""
    rows = [
        DomainProfile(
            domain=profile.domain,
            mx_status=profile.mx.status,
            mx_hosts=list(profile.mx.hosts),
            mx_checked_at=profile.checked_at,
            known_addresses=[{"name": pair.name, "email": pair.email, "source": "website"} for pair in profile.known],
        )
        for profile in sorted(profiles, key=lambda profile: profile.domain)
    ]
    DomainProfile.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=["mx_status", "mx_hosts", "mx_checked_at", "known_addresses", "updated_at"],
    )


def forget(name: str, emails: Iterable[str]) -> None:
    """Forget a person's name and addresses at the domains of those addresses. Call in a transaction."""
    addresses = {normalise_email(email) for email in emails}
    domains = {address.rpartition("@")[2] for address in addresses}
    for row in DomainProfile.objects.select_for_update().filter(domain__in=domains):
        kept = [
            pair
            for pair in row.known_addresses
            if pair["name"] != name and normalise_email(pair["email"]) not in addresses
        ]
        if len(kept) < len(row.known_addresses):
            row.known_addresses = kept
            row.save(update_fields=["known_addresses", "updated_at"])


def known_at(profiles: Mapping[str, Profile], domain: str | None) -> Sequence[Known]:
    """Return the pairs of name and address known at `domain`."""
    return profiles[domain].known if domain and domain in profiles else ()
