"""One row per company: found by its registrable domain, else by its folded name."""

import re

from anyascii import anyascii
from cleanco import basename
from django.db import transaction

from .models import Brand


def name_key(name: str) -> str:
    """Return the form under which brand names are compared: no legal form, accents, case or punctuation.

    `Müller & Söhne GmbH` -> `muller sohne`. A name of other characters alone is kept, in lower case.
    """
    bare = basename(name) or name
    return " ".join(re.findall(r"[a-z0-9]+", anyascii(bare).lower())) or name.lower()


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

    A brand known by name only takes the domain on. One name at two domains is two companies.
    """
    brand = _find(name_key(name), domain)
    if brand is None:
        # Two requests may meet here: the unique constraints decide, and the loser reads the winner's row.
        key = {"domain": domain} if domain else {"name_key": name_key(name), "domain": None}
        brand, _ = Brand.objects.get_or_create(**key, defaults={"name": name, "name_key": name_key(name)})
    known = {
        "domain": domain,
        "website": website,
        "linkedin_company_url": linkedin_company_url,
        "region_code": region,
    }
    changed = [field for field, value in known.items() if value and not getattr(brand, field)]
    for field in changed:
        setattr(brand, field, known[field])
    if changed:
        brand.save(update_fields=[*changed, "updated_at"])
    return brand


def _find(key: str, domain: str | None) -> Brand | None:
    named = Brand.objects.filter(name_key=key).order_by("created_at")
    if domain is None:
        return named.first()
    return Brand.objects.filter(domain=domain).first() or named.filter(domain__isnull=True).first()
