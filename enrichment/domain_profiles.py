"""What is remembered of mail domains: the MX answer for 24 hours, whether they take every address for a week, addresses
known to be right or wrong, and when providers were last asked for such.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
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
CATCH_ALL_KEPT = timedelta(days=7)
MAX_KNOWN = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """A mail domain: its MX answer, when that was asked, and the pairs of name and address known there.

    `catch_all`: whether the domain was lately seen to accept every address; None when nobody knows.
    `providers_asked_at`: when providers last said whom they know there; None: never.
    """

    domain: str
    mx: mx.Mx
    checked_at: datetime
    known: tuple[Known, ...] = ()
    catch_all: bool | None = None
    catch_all_checked_at: datetime | None = None
    providers_asked_at: datetime | None = None


def load(domains: Iterable[str], resolver: Resolver, allowed: Allowed, *, fresh: bool = False) -> dict[str, Profile]:
    """Return the profile of each domain, from the database while fresh, else by asking the DNS (all at once).

    With `fresh`, what mail servers and providers have to say of a domain counts as not asked yet.
    """
    names, now = set(domains), timezone.now()
    rows = {row.domain: row for row in DomainProfile.objects.filter(domain__in=names)}
    kept = {name: row for name, row in rows.items() if _fresh(row, now)}
    asked = mx.look_up(names - set(kept), resolver, allowed)
    profiles = {}
    for name in names:
        row, answer, checked_at = rows.get(name), asked.get(name), now
        if answer is None:
            answer = mx.Mx(kept[name].mx_status, tuple(kept[name].mx_hosts))
            checked_at = kept[name].mx_checked_at or now
        known = tuple(map(_as_known, row.known_addresses)) if row else ()
        told_at = row.catch_all_checked_at if row else None
        told = row.catch_all if row and told_at and now - told_at < CATCH_ALL_KEPT else None
        asked_at = row.providers_asked_at if row else None
        if fresh:
            told = asked_at = None
        profiles[name] = Profile(name, answer, checked_at, known, told, told_at, asked_at)
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
    now = timezone.now()
    pairs = [Known(person.name, normalise_email(person.email), "website", now) for person in people if person.email]
    return _at(domain, pairs)


def _as_known(entry: Mapping[str, Any]) -> Known:
    return Known(
        entry["name"],
        entry["email"],
        entry["source"],
        datetime.fromisoformat(entry["seenAt"]) if entry["seenAt"] else None,
        entry.get("right", True),
    )


def _as_json(pair: Known, now: datetime) -> dict[str, Any]:
    return {
        "name": pair.name,
        "email": pair.email,
        "source": pair.source,
        "seenAt": (pair.at or now).isoformat().replace("+00:00", "Z"),
        "right": pair.right,
    }


def save(
    profiles: Iterable[Profile],
    people: Iterable[Person],
    left_out: Iterable[tuple[str, Iterable[str]]] = (),
    learnt: Iterable[Known] = (),
) -> None:
    """Write down the MX answers, and the addresses that `people` publish beside those remembered by now.

    `learnt` are pairs that a mail server, a provider or the fate of a message proved right or wrong.
    Forgets those `left_out`, names with addresses. Call in a transaction: the rows are read anew under their locks,
    since another job may have added to them, or an address may have been forgotten.
    """
    profiles, left_out = list(profiles), [(name, list(emails)) for name, emails in left_out]
    # All locks at once: taken in two goes, two jobs could wait for each other.
    _lock({profile.domain for profile in profiles} | {domain_of(email) for _, emails in left_out for email in emails})
    _save(profiles, people, list(learnt))
    forget_many(left_out)


def save_catch_all(told: Mapping[str, bool]) -> None:
    """Write down which domains accept every address, and which do not."""
    now = timezone.now()
    DomainProfile.objects.bulk_create(
        [  # in the one order in which everybody takes these rows
            DomainProfile(domain=name, catch_all=accepts_all, catch_all_checked_at=now)
            for name, accepts_all in sorted(told.items())
        ],
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=["catch_all", "catch_all_checked_at", "updated_at"],
    )


@transaction.atomic
def save_from_providers(domain: str, pairs: Iterable[Known], now: datetime) -> None:
    """Write down that providers were asked about a domain at the moment `now`, and the pairs that they gave."""
    DomainProfile.objects.bulk_create(
        [DomainProfile(domain=domain, providers_asked_at=now)],
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=["providers_asked_at", "updated_at"],
    )
    for row in _lock([domain]):
        row.known_addresses = _merged(row.known_addresses, _at(domain, pairs), now)
        row.save(update_fields=["known_addresses", "updated_at"])


def _save(profiles: Iterable[Profile], people: Iterable[Person], learnt: Sequence[Known]) -> None:
    people, now = list(people), timezone.now()
    wanted = sorted(profiles, key=lambda profile: profile.domain)
    remembered = {row.domain: row.known_addresses for row in _lock(profile.domain for profile in wanted)}
    rows = []
    for profile in wanted:
        seen = [*_published(people, profile.domain), *_at(profile.domain, learnt)]
        rows.append(
            DomainProfile(
                domain=profile.domain,
                mx_status=profile.mx.status,
                mx_hosts=list(profile.mx.hosts),
                mx_checked_at=profile.checked_at,
                known_addresses=_merged(remembered.get(profile.domain, []), seen, now),
            )
        )
    DomainProfile.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=["mx_status", "mx_hosts", "mx_checked_at", "known_addresses", "updated_at"],
    )


def _at(domain: str, pairs: Iterable[Known]) -> list[Known]:
    return [pair for pair in pairs if pair.email.rpartition("@")[2] == domain]


def _merged(remembered: Iterable[dict[str, Any]], seen: Iterable[Known], now: datetime) -> list[dict[str, Any]]:
    """Return the pairs remembered with those seen now, the newest of them."""
    pairs = {entry["email"]: entry for entry in remembered}
    for pair in seen:
        pairs.pop(pair.email, None)  # seen again: to the end, among the newest
        pairs[pair.email] = _as_json(pair, now)
    return list(pairs.values())[-MAX_KNOWN:]


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
