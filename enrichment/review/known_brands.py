"""Which brands were looked into before, and what is under way, so that nobody starts the same thing twice unawares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q

from crm import brands
from crm.models import Brand
from enrichment.limits import RUNNING
from enrichment.models import EnrichedContact, EnrichmentJob, JobType

RECENT = 20
LOOKED_THROUGH = 100  # jobs, for the names of the brands that were discovered last

Wanted = tuple[str, str | None]  # name and registrable domain


@dataclass(frozen=True, slots=True)
class Known:
    """A brand that is in the CRM: when it was last looked into, by which job it is now, how many people are known."""

    brand: Brand
    last: datetime | None
    running: UUID | None
    contacts: int


def recent_names() -> list[str]:
    """Return the brands that were discovered last, each once."""
    jobs = EnrichmentJob.objects.filter(job_type=JobType.BRAND_CONTACT_DISCOVERY)
    names = jobs.values_list("brand_name", flat=True)[:LOOKED_THROUGH]
    return list(dict.fromkeys(name for name in names if name))[:RECENT]


def known(wanted: Sequence[Wanted]) -> list[Known | None]:
    """Return for each brand what is known of it, as a discovery would find it; None for one that is new."""
    found = _brands(wanted)
    ids = {brand.pk for brand in found if brand}
    jobs = EnrichmentJob.objects.filter(brand__in=ids, job_type=JobType.BRAND_CONTACT_DISCOVERY).order_by()
    last = dict(jobs.values_list("brand").annotate(Max("created_at")))
    running = dict(jobs.filter(status__in=RUNNING).values_list("brand", "pk"))
    contacts = EnrichedContact.objects.filter(linked_brand__in=ids).order_by()
    counts = dict(contacts.values_list("linked_brand").annotate(Count("pk")))
    return [
        Known(brand, last.get(brand.pk), running.get(brand.pk), counts.get(brand.pk, 0)) if brand else None
        for brand in found
    ]


def _brands(wanted: Sequence[Wanted]) -> list[Brand | None]:
    """Return the rows that brands.find_or_create would take, of any number of brands in one query."""
    keys = [brands.name_key(name) for name, _ in wanted]
    rows = Brand.objects.filter(Q(name_key__in=keys) | Q(domain__in=[domain for _, domain in wanted if domain]))
    by_domain: dict[str, Brand] = {}
    by_key: dict[str, list[Brand]] = {}
    for brand in rows.defer("facts").order_by("created_at"):
        by_key.setdefault(brand.name_key, []).append(brand)
        if brand.domain:
            by_domain[brand.domain] = brand
    return [_row(by_domain, by_key.get(key, ()), domain) for key, (_, domain) in zip(keys, wanted, strict=True)]


def _row(by_domain: Mapping[str, Brand], named: Iterable[Brand], domain: str | None) -> Brand | None:
    if domain is None:
        return next(iter(named), None)
    return by_domain.get(domain) or next((brand for brand in named if not brand.domain), None)
