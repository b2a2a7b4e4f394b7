"""The suppression list: addresses and domains that are never written to.

Only the HMAC of a normalised value is kept, so that the list outlives a person's erasure and nobody can read who is
on it; it answers only whether a value that one has in hand is there. A domain stands for its subdomains too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet

from core import audit
from core.domains import registrable_domain
from core.fields import blind_index, normalise_email

from .contacts import clean_email
from .models import Suppression

Kind = Suppression.Kind

# Reasons that give way to others, the weakest first: a mail server's word, an entry by hand, a person's own wish.
WEAK = (Suppression.Reason.BOUNCED, Suppression.Reason.MANUAL)
# Beyond so many look-ups the whole list is read, in one query still: a database takes only so many parameters.
MANY = 10_000
MOST_TOLD = 1000  # fingerprints in one entry of the audit trail
LOOKING = 8_016_018  # the advisory lock of those who look at the list and then write
INDEX = re.compile(r"[0-9a-f]{64}")  # what core.encryption.blind_index returns


@dataclass(frozen=True, slots=True)
class Added:
    """How many values were new, and how many were on the list before."""

    added: int
    known: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as the list keeps it: the blind index of a normalised address or domain."""

    kind: str
    index: str


def entry(value: str) -> Entry:
    """Return the entry of `ada@acme.example`, `acme.example` or `@acme.example`. Raises ValueError for all else."""
    text = value.strip()
    if text.rpartition("@")[0]:
        return _address(clean_email(text))
    try:
        name = _name(clean_email(f"postmaster@{text.removeprefix('@')}"))
    except ValueError:
        name = ""
    if registrable_domain(name) is None:
        raise ValueError(
            f"“{text}” is neither an e-mail address nor a company's domain: write ada@acme.example or acme.example. "
            "A domain under which others register theirs, such as co.uk, cannot be listed."
        )
    return _domain(name)


def add(values: Iterable[str], reason: str, user: User | None = None) -> Added:
    """Put addresses and domains on the list; one that is there keeps its reason, unless the new one says more.

    A person's own wish says more than an entry by hand, and that more than a bounce.
    `reason` is a Suppression.Reason. Raises ValueError for a value that is neither, before anything is written.
    """
    return _add({entry(value) for value in values}, Suppression.Reason(reason), user)


def add_indexes(indexes: Iterable[str], reason: str, user: User | None = None) -> int:
    """Put addresses on the list of which only the blind indexes are known; return how many were new.

    `reason` is a Suppression.Reason. Raises ValueError for what is no index, before anything is written.
    """
    entries = {Entry(Kind.ADDRESS, index) for index in indexes}
    if not all(INDEX.fullmatch(e.index) for e in entries):
        raise ValueError("This is no blind index of an address: it has 64 hexadecimal digits.")
    return _add(entries, Suppression.Reason(reason), user).added


def remove(values: Iterable[str], user: User | None = None) -> int:
    """Take values off the list; return how many were on it. Raises ValueError as `add` does."""
    entries = {entry(value) for value in values}
    with transaction.atomic():
        removed, _ = _rows(entries).delete()
        if removed:
            _record("suppression.removed", entries, user, count=removed)
    return removed


def hold() -> None:
    """Let `settle` wait until this transaction is over: it has looked at the list, and writes down who is not on it.

    First of all that the transaction locks. SQLite has one writer at a time, so there is nothing to wait for.
    """
    _lock("pg_advisory_xact_lock_shared")


def settle() -> None:
    """Wait until all who looked at the list before now have written what they were about to."""
    with transaction.atomic():
        _lock("pg_advisory_xact_lock")


def suppressed(addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses that are on the list, themselves or by their domain or one above it. One query."""
    reasons = {address: set(_entries_for(address)) for address in addresses}
    listed = _listed(set().union(*reasons.values()))
    return {address for address, entries in reasons.items() if entries & listed}


def refused(addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses whose owner is not to be written to at all. One query, none without addresses.

    They are on the list for another reason than that a message bounced: that says something of the address only.
    """
    entries = {address: set(_entries_for(address)) for address in addresses}
    wanted = set().union(*entries.values())
    rows = _rows(wanted).exclude(reason=Suppression.Reason.BOUNCED) if wanted else Suppression.objects.none()
    wished = {Entry(*row) for row in rows.order_by().values_list("kind", "value_index")}
    return {address for address, own in entries.items() if own & wished}


def domain_suppressed(domain: str) -> bool:
    """Return whether a domain or one above it is on the list."""
    return bool(_listed(set(_domain_entries(_name(domain)))))


def rows_for(value: str) -> QuerySet[Suppression]:
    """Return the rows because of which an address or domain must not be written to."""
    text = value.strip()
    return _rows(_entries_for(text) if "@" in text else _domain_entries(_name(text)))


def _add(entries: set[Entry], reason: Suppression.Reason, user: User | None) -> Added:
    with transaction.atomic():
        new = entries - _listed(entries)
        rows = [Suppression(kind=e.kind, value_index=e.index, reason=reason, created_by=user) for e in new]
        Suppression.objects.bulk_create(rows, ignore_conflicts=True)  # somebody may add the same at this moment
        weaker = WEAK[: WEAK.index(reason)] if reason in WEAK else WEAK
        known = [e.index for e in entries - new] if weaker else []
        changed = 0
        for start in range(0, len(known), MANY):
            rows_of = Suppression.objects.filter(reason__in=weaker, value_index__in=known[start : start + MANY])
            changed += rows_of.update(reason=reason)
        if new or changed:
            _record("suppression.added", new, user, reason=reason.value, count=len(new), reasons_changed=changed)
    return Added(len(new), len(entries) - len(new))


def _lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.callproc(function, [LOOKING])


def _record(action: str, entries: Iterable[Entry], user: User | None, **details: Any) -> None:
    """Write into the audit trail what came onto the list or off it: fingerprints, as the list itself keeps them."""
    indexes = sorted(e.index for e in entries)
    known: dict[str, Any] = {"fingerprints": indexes} if len(indexes) <= MOST_TOLD else {}
    audit.record(action, of=(Suppression._meta.label_lower, ""), actor=user, **details, **known)


def _address(address: str) -> Entry:
    return Entry(Kind.ADDRESS, blind_index(normalise_email(address)))


def _domain(domain: str) -> Entry:
    return Entry(Kind.DOMAIN, blind_index(domain))


def _name(text: str) -> str:
    """Return the normalised domain of an address, or of `acme.example` and `@acme.example`."""
    return normalise_email(f"@{text.strip()}").rpartition("@")[2]


def _entries_for(address: str) -> Iterator[Entry]:
    yield _address(address)
    yield from _domain_entries(_name(address))


def _domain_entries(domain: str) -> Iterator[Entry]:
    """Yield the entries of a normalised domain and of those above it, down to the registrable one."""
    top = registrable_domain(domain)
    while top is not None and domain:
        yield _domain(domain)
        domain = "" if domain == top else domain.partition(".")[2]


def _rows(entries: Iterable[Entry]) -> QuerySet[Suppression]:
    # An address has an @ and a domain has none, so their indexes differ; the kind is there for the database's index.
    return Suppression.objects.filter(kind__in=Kind.values, value_index__in=[e.index for e in entries])


def _listed(entries: set[Entry]) -> set[Entry]:
    """Return those that are on the list."""
    if not entries:
        return set()
    rows = _rows(entries) if len(entries) <= MANY else Suppression.objects.all()
    return entries & {Entry(*row) for row in rows.order_by().values_list("kind", "value_index")}
