"""Addresses known to be right, or wrong, at a mail domain: what contacts, the CRM and messages sent there have shown.

The domain's pattern is learnt from them (emails/patterns.py), beside those that pages publish (domain_profiles.py).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from core.fields import normalise_email
from crm import outcomes
from crm.models import AddressOutcome, ContactAddress
from enrichment.emails.domains import domain_of
from enrichment.emails.patterns import Known
from enrichment.models import ContactEmail, VerificationMethod

MAX_KNOWN = 500  # of a domain's contacts, and of a brand in the CRM

_SOURCES = {
    VerificationMethod.PUBLISHED: "website",
    VerificationMethod.MANUAL: "manual",
    VerificationMethod.SMTP_PING: "smtp",
    VerificationMethod.API: "provider",
}
_VOUCHED = (ContactAddress.Origin.PUBLISHED, ContactAddress.Origin.MANUAL, ContactAddress.Origin.PROVIDER)


def at(domain: str | None, brands: Collection[uuid.UUID]) -> list[Known]:
    """Return the pairs of name and address known at `domain`, of any contact there and of the brands' CRM contacts.

    What came of a message to an address decides, whatever else speaks for or against it.
    """
    return [] if domain is None else at_many({domain: brands})[domain]


def at_many(brands: Mapping[str, Collection[uuid.UUID]]) -> dict[str, list[Known]]:
    """Return for each domain what `at` does; `brands` are by domain."""
    owners = set().union(*brands.values())
    pairs = {pair.email: pair for pair in [*_of_crm(owners, brands), *_of_contacts(brands)]}
    known: dict[str, list[Known]] = {domain: [] for domain in brands}
    for pair in _judged(pairs.values()):
        known[domain_of(pair.email)].append(pair)
    return known


def _of_contacts(domains: Iterable[str]) -> Iterable[Known]:
    rows = (
        ContactEmail.objects.filter(domain__in=list(domains), verification_method__in=list(_SOURCES))
        .exclude(smtp_check_passed=False)
        .alias(place=_newest_first("domain"))
        .filter(place__lte=MAX_KNOWN)
        .order_by("-created_at")
        .select_related("enriched_contact")
        .only("email", "verification_method", "last_checked_at", "created_at", "enriched_contact__first_name",
              "enriched_contact__last_name")
    )  # fmt: skip
    for row in rows:
        source = _SOURCES[VerificationMethod(row.verification_method)]
        yield Known(
            str(row.enriched_contact), normalise_email(row.email), source, row.last_checked_at or row.created_at
        )


def _of_crm(owners: Collection[uuid.UUID], brands: Mapping[str, Collection[uuid.UUID]]) -> Iterable[Known]:
    rows = (
        ContactAddress.objects.filter(contact__brand__in=owners)
        .alias(place=_newest_first("contact__brand"))
        .filter(place__lte=MAX_KNOWN)
        .order_by("-created_at")
        .select_related("contact")
    )
    for row in rows:
        email = normalise_email(row.email)
        if row.contact.brand_id in brands.get(domain_of(email), ()):
            source = "crm" if row.origin in _VOUCHED else "guess"
            yield Known(str(row.contact), email, source, row.created_at)


def _newest_first(group: str) -> Window:
    return Window(RowNumber(), partition_by=[F(group)], order_by=F("created_at").desc())


def _judged(pairs: Iterable[Known]) -> Iterable[Known]:
    """Yield the pairs in the light of what came of messages; a guess that nobody ever wrote to tells nothing."""
    pairs = list(pairs)
    fates = outcomes.of(pair.email for pair in pairs)
    for pair in pairs:
        fate = outcomes.decisive(fates.get(pair.email, ()))
        if fate is not None:
            right = fate.kind != AddressOutcome.Kind.BOUNCED
            yield Known(pair.name, pair.email, "outcome", fate.happened_at, right)
        elif pair.source != "guess":
            yield pair
