"""What may not be kept, and its end. docs/adr/0006-retention.md has the reasons.

A contact goes `ENRICHMENT_RETENTION_DAYS` after it was first found, unless somebody approved it or linked it to the
CRM: one without proof of an address since the specification says so ("GDPR Compliance"), one with proof since a
person whose data was not had from them must be told within a month (GDPR, article 14(3)), and nobody told them.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from core.fields import normalise_email
from enrichment import (
    address_checks,
    batches,
    domain_profiles,
    former_names,
    idempotency,
    jobs,
    kept_answers,
    limits,
    progress,
)
from enrichment.models import (
    AddressCheck,
    ContactEmail,
    EnrichedContact,
    IdempotencyKey,
    JobItem,
    ProviderUsage,
    ReviewStatus,
    Usage,
)

BATCH = 500  # contacts in one transaction
USAGE_KEPT = 2 * limits.WINDOW  # limits look back one window
CHECKS_KEPT = timedelta(days=30)  # no answer counts for longer (address_checks.py)
ITEMS_KEPT = timedelta(days=30)  # after the job ended: long enough to fetch its results
PROVIDER_USAGE_KEPT = timedelta(days=400)  # budgets are monthly, and a year can be compared

NO_PROOF = Q(verified_at__isnull=True)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, or would go: contacts by reason, of how many brands, the oldest found when; and other rows."""

    unverified: int = 0  # without proof
    not_told: int = 0  # with proof
    brands: int = 0
    oldest: datetime | None = None
    usage: int = 0
    idempotency_keys: int = 0
    answers: int = 0
    checks: int = 0
    items: int = 0
    provider_usage: int = 0
    progress: int = 0


def purge(dry_run: bool = False) -> Purged:
    """Delete what may not be kept any longer and say what went; with `dry_run`, only say what would go.

    May run at any time, twice at once too. A contact that somebody is changing right now is left to the next run.
    """
    now = timezone.now()
    others = outdated(now)
    if dry_run:
        return Purged(**due(now).aggregate(**COUNTS) | {name: rows.count() for name, rows in others.items()})
    tally = _Tally()
    after = uuid.UUID(int=0)
    while batch := list(due(now).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        tally.add(_purge_batch(batch, now))
        after = batch[-1]
    purged = tally.purged({name: rows.delete()[0] for name, rows in others.items()})
    progress.purge()  # whom killed workers had found, and stored or not
    batches.purge(now)  # decisions that nobody confirmed
    counts = {name: getattr(purged, name) for name in others}
    log.info("purged", unverified=purged.unverified, not_told=purged.not_told, **counts)
    return purged


def outdated(now: datetime) -> dict[str, QuerySet[Any]]:
    """Return the rows that are no contacts and not kept any longer, by their name in `Purged`."""
    return {
        "usage": Usage.objects.filter(at__lt=now - USAGE_KEPT),
        "idempotency_keys": IdempotencyKey.objects.filter(created_at__lt=now - idempotency.KEPT),
        "answers": kept_answers.outdated(now),
        "checks": AddressCheck.objects.filter(checked_at__lt=now - CHECKS_KEPT),
        "items": JobItem.objects.filter(job__completed_at__lt=now - ITEMS_KEPT, job__status__in=jobs.ENDED),
        "progress": progress.outdated(now),
        "provider_usage": ProviderUsage.objects.filter(day__lt=(now - PROVIDER_USAGE_KEPT).date()),
    }


def due(now: datetime) -> QuerySet[EnrichedContact]:
    """Return the contacts that may not be kept any longer at the moment `now`.

    Their age counts from `discovered_at`, when they were first found: to find them again obtains nothing new of
    which they were told.
    """
    kept_since = now - timedelta(days=settings.ENRICHMENT_RETENTION_DAYS)
    contacts = EnrichedContact.objects.exclude(review_status=ReviewStatus.APPROVED)
    return contacts.filter(linked_contact__isnull=True, discovered_at__lt=kept_since)


COUNTS = {
    "unverified": Count("pk", filter=NO_PROOF),
    "not_told": Count("pk", filter=~NO_PROOF),
    "brands": Count("linked_brand", distinct=True),
    "oldest": Min("discovered_at"),
}


@transaction.atomic
def _purge_batch(keys: Sequence[uuid.UUID], now: datetime) -> list[EnrichedContact]:
    """Delete those of the contacts that are due under their locks too, with all that is remembered of them.

    Returns those deleted. Contacts under others' locks are left out: whoever holds one may be approving it.
    """
    locked = due(now).filter(pk__in=keys).order_by("pk").select_for_update(skip_locked=True)
    columns = ["first_name", "last_name", "verified_at", "discovered_at", "linked_brand"]
    contacts = {contact.pk: contact for contact in locked.only(*columns)}
    addresses: dict[uuid.UUID, list[str]] = {key: [] for key in contacts}
    emails = ContactEmail.objects.filter(enriched_contact__in=contacts).order_by()
    for key, email in emails.values_list("enriched_contact_id", "email"):
        addresses[key].append(email)
    formers = former_names.of_contacts(contacts)
    names = {key: [str(row), *(one.name for one in formers.get(key, ()))] for key, row in contacts.items()}
    domain_profiles.forget_many((name, addresses[key]) for key, known in names.items() for name in known)
    address_checks.forget({normalise_email(address) for known in addresses.values() for address in known})
    brands = {contact.linked_brand_id for contact in contacts.values()}
    brands |= {one.brand_id for some in formers.values() for one in some}
    kept_answers.forget({key for key in brands if key})
    EnrichedContact.objects.filter(pk__in=contacts).only("pk").delete()
    return list(contacts.values())


@dataclass(slots=True)
class _Tally:
    unverified: int = 0
    not_told: int = 0
    brands: set[uuid.UUID] = field(default_factory=set)
    oldest: datetime | None = None

    def add(self, contacts: Sequence[EnrichedContact]) -> None:
        for contact in contacts:
            self.unverified += contact.verified_at is None
            self.not_told += contact.verified_at is not None
            if contact.linked_brand_id is not None:
                self.brands.add(contact.linked_brand_id)
            self.oldest = min(self.oldest or contact.discovered_at, contact.discovered_at)

    def purged(self, others: Mapping[str, int]) -> Purged:
        return Purged(self.unverified, self.not_told, len(self.brands), self.oldest, **others)
