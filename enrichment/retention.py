"""What may not be kept, and its end. docs/adr/0006-retention.md has the reasons.

A contact goes `ENRICHMENT_RETENTION_DAYS` after it was first found, unless somebody approved it or linked it to the
CRM: one without proof of an address since the specification says so ("GDPR Compliance"), one with proof since a
person whose data was not had from them must be told within a month (GDPR, article 14(3)), and nobody told them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from enrichment import domain_profiles, idempotency, kept_answers, limits
from enrichment.models import ContactEmail, EnrichedContact, IdempotencyKey, ReviewStatus, Usage

BATCH = 500  # contacts in one transaction
USAGE_KEPT = 2 * limits.WINDOW  # limits look back one window

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


def purge(dry_run: bool = False) -> Purged:
    """Delete what may not be kept any longer and say what went; with `dry_run`, only say what would go.

    May run at any time, twice at once too. A contact that somebody is changing right now is left to the next run.
    """
    now = timezone.now()
    usage = Usage.objects.filter(at__lt=now - USAGE_KEPT)
    keys = IdempotencyKey.objects.filter(created_at__lt=now - idempotency.KEPT)
    answers = kept_answers.outdated(now)
    if dry_run:
        counts = due(now).aggregate(**COUNTS)
        return Purged(**counts, usage=usage.count(), idempotency_keys=keys.count(), answers=answers.count())
    tally = _Tally()
    after = uuid.UUID(int=0)
    while batch := list(due(now).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        tally.add(_purge_batch(batch, now))
        after = batch[-1]
    purged = tally.purged(usage=usage.delete()[0], idempotency_keys=keys.delete()[0], answers=answers.delete()[0])
    log.info(
        "purged",
        unverified=purged.unverified,
        not_told=purged.not_told,
        usage=purged.usage,
        idempotency_keys=purged.idempotency_keys,
        answers=purged.answers,
    )
    return purged


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
    domain_profiles.forget_many((str(contact), addresses[key]) for key, contact in contacts.items())
    kept_answers.forget({contact.linked_brand_id for contact in contacts.values() if contact.linked_brand_id})
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

    def purged(self, *, usage: int, idempotency_keys: int, answers: int) -> Purged:
        return Purged(self.unverified, self.not_told, len(self.brands), self.oldest, usage, idempotency_keys, answers)
