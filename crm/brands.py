"""One row per company: found by its registrable domain, else by its folded name."""

import re
from typing import Any
from uuid import UUID

from anyascii import anyascii
from cleanco import basename
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit

from . import region_inference
from .models import Brand

MAX_KEY = 200  # of Brand.name_key; a script written in ASCII letters may grow to many times its length


def name_key(name: str) -> str:
    """Return the form under which brand names are compared: no legal form, accents, case or punctuation.

    `Müller & Söhne GmbH` -> `muller sohne`. A name of other characters alone is kept, in lower case. At most 200 long.
    """
    bare = basename(name) or name
    key = " ".join(re.findall(r"[a-z0-9]+", anyascii(bare).lower())) or name.lower()
    return key[:MAX_KEY].rstrip()


@transaction.atomic
def find_or_create(
    name: str,
    *,
    domain: str | None = None,
    website: str | None = None,
    linkedin_company_url: str | None = None,
    region: str | None = None,
) -> Brand:
    """Return the brand with this domain, else with this name, else a new one; fill in what it lacked.

    A brand known by name only takes the domain on. One name at two domains is two companies. A region that is given
    takes the place of one that was inferred.
    """
    known = {
        "domain": domain,
        "website": website,
        "linkedin_company_url": linkedin_company_url,
        "region_code": region,
    }
    while True:
        brand = _found_or_made(name, domain)
        if not _lacking(brand, known):
            return brand
        filled = _filled(brand, known)
        if filled is not None:
            return filled


def _found_or_made(name: str, domain: str | None) -> Brand:
    key = name_key(name)
    brand = _find(key, domain)
    if brand is None:
        # Two requests may meet here: the unique constraints decide, and the loser reads the winner's row.
        wanted = {"domain": domain} if domain else {"name_key": key, "domain": None}
        brand, _ = Brand.objects.get_or_create(**wanted, defaults={"name": name, "name_key": key})
    return brand


def _find(key: str, domain: str | None) -> Brand | None:
    named = Brand.objects.filter(name_key=key).order_by("created_at")
    if domain is None:
        return named.first()
    return Brand.objects.filter(domain=domain).first() or named.filter(domain__isnull=True).first()


def _lacking(brand: Brand, known: dict[str, str | None]) -> list[str]:
    lacking = [field for field, value in known.items() if value and not getattr(brand, field)]
    if known["region_code"] and "region_code" not in lacking:
        return [*lacking, *(["region_code"] if region_inference.may_replace(brand.region_basis, "?") else [])]
    return lacking


def _filled(found: Brand, known: dict[str, str | None]) -> Brand | None:
    """Return the brand with what it lacked; None when that cannot be any more and the brand has to be found anew.

    Meanwhile it was deleted, or took another domain on, or the domain went to another row.
    """
    brand = Brand.objects.select_for_update(no_key=True).filter(pk=found.pk).first()
    if brand is None or (known["domain"] and brand.domain not in {None, known["domain"]}):
        return None
    lacking = _lacking(brand, known)
    for field in lacking:
        setattr(brand, field, known[field])
    if "region_code" in lacking:
        brand.region_basis = region_inference.given(timezone.now())
    try:
        with transaction.atomic():
            brand.save(update_fields=[*lacking, "region_basis", "updated_at"])
    except IntegrityError:
        return None
    return brand


def locate(brand_id: UUID | None, region: str, basis: dict[str, Any]) -> bool:
    """Note in which country a brand sits, as discovery found out; False where somebody said so, or it is no news.

    Call in a transaction. The audit trail is told when the country is another one.
    """
    rows = Brand.objects.select_for_update(no_key=True).defer("facts")
    brand = rows.filter(pk=brand_id).first() if brand_id else None
    if brand is None or basis["how"] not in region_inference.INFERRED:
        return False
    if not region_inference.may_replace(brand.region_basis, brand.region_code):
        return False
    before, brand.region_code, brand.region_basis = brand.region_code, region, basis
    brand.save(update_fields=["region_code", "region_basis", "updated_at"])
    if before != region:
        was, now = {"region_code": before}, {"region_code": region}
        audit.record("brand.changed", of=brand, before=was, after=now, fields=["region_code"], inferred=basis["how"])
    return True
