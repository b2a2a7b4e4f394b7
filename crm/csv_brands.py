"""The brands that a file's rows belong to: looked up for many rows at once, and made unless it is a dry run.

A dry run sees its own brands: what a row would have made or filled in, the next row finds.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from core.ids import new_id

from . import brands
from .csv_people import Company
from .models import Brand


@dataclass(slots=True)
class _Known:
    """What of a brand decides whether a row belongs to it and adds to it."""

    pk: uuid.UUID
    key: str
    created_at: datetime
    domain: str | None
    website: bool
    linkedin: bool
    region: bool

    def lacks(self, company: Company) -> bool:
        """Return whether the company says something that the brand does not."""
        return bool(
            (company.domain and not self.domain)
            or (company.website and not self.website)
            or (company.linkedin and not self.linkedin)
            or (company.region and not self.region)
        )

    def fill(self, company: Company) -> None:
        self.domain = self.domain or company.domain
        self.website |= bool(company.website)
        self.linkedin |= bool(company.linkedin)
        self.region |= bool(company.region)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a row belongs, and whether that brand is new, or took something on."""

    brand: uuid.UUID
    created: bool
    changed: bool


class Directory:
    """Brands by domain and by name, as brands.find_or_create looks for them."""

    def __init__(self, *, dry_run: bool) -> None:
        self._dry_run = dry_run
        self._all: dict[uuid.UUID, _Known] = {}
        self._by_key: dict[str, list[_Known]] = defaultdict(list)
        self._by_domain: dict[str, _Known] = {}

    def place(self, companies: Iterable[Company]) -> dict[Company, Placed]:
        """Return where each company belongs; in a transaction, unless it is a dry run.

        The brands are then locked. All who write many brands take them in the same order: by id those that are there,
        then by domain and name those that are not.
        """
        # Companies of one domain and name stay in the order of the file.
        wanted = sorted(
            dict.fromkeys(companies), key=lambda company: (company.domain or "", brands.name_key(company.name))
        )
        self._load(wanted)
        placed = {company: self._place(company) for company in wanted}
        if not self._dry_run:
            _lock({place.brand for place in placed.values()})
        return placed

    def _load(self, companies: Collection[Company]) -> None:
        keys = {brands.name_key(company.name) for company in companies}
        domains = {company.domain for company in companies if company.domain}
        rows = Brand.objects.filter(Q(name_key__in=keys) | Q(domain__in=domains)).order_by("pk")
        if not self._dry_run:
            rows = rows.select_for_update(no_key=True)
        for brand in rows.defer("facts"):
            self._add(brand)

    def _add(self, brand: Brand) -> _Known:
        """Take a brand up; what is known of it already stays, since a dry run may have added to it."""
        known = self._all.get(brand.pk)
        if known is None:
            filled = bool(brand.website), bool(brand.linkedin_company_url), bool(brand.region_code)
            known = _Known(brand.pk, brand.name_key, brand.created_at, brand.domain, *filled)
            self._all[brand.pk] = known
            self._by_key[known.key].append(known)
        if known.domain:
            self._by_domain.setdefault(known.domain, known)
        return known

    def _place(self, company: Company) -> Placed:
        known = self._find(company)
        if known is not None and not known.lacks(company):
            return Placed(known.pk, created=False, changed=False)
        written = self._pretend(company, known) if self._dry_run else self._write(company)
        written.fill(company)
        if written.domain:
            self._by_domain.setdefault(written.domain, written)
        return Placed(written.pk, created=known is None, changed=True)

    def _find(self, company: Company) -> _Known | None:
        named = sorted(self._by_key[brands.name_key(company.name)], key=lambda known: known.created_at)
        if company.domain is None:
            return next(iter(named), None)
        return self._by_domain.get(company.domain) or next((known for known in named if not known.domain), None)

    def _pretend(self, company: Company, known: _Known | None) -> _Known:
        key = brands.name_key(company.name)
        return known or self._add(Brand(id=new_id(), name_key=key, created_at=timezone.now()))

    def _write(self, company: Company) -> _Known:
        brand = brands.find_or_create(
            company.name,
            domain=company.domain,
            website=company.website,
            linkedin_company_url=company.linkedin,
            region=company.region,
        )
        return self._add(brand)


def _lock(pks: Collection[uuid.UUID]) -> None:
    list(Brand.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk").values_list("pk"))
