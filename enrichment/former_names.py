"""Under which other names a contact is known: those of the contacts that were merged into it (merging.py)."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import models

from enrichment.models import ContactMerge


@dataclass(frozen=True, slots=True)
class Former:
    """A contact that is another one now: name and id that it had, what discovery would find it by, its brand's id."""

    name: str
    name_key: str
    profile: str
    brand_id: uuid.UUID | None
    gone_id: uuid.UUID


Formers = Mapping[uuid.UUID, Collection[Former]]  # by the contact that they are now


def of_brand(brand_id: uuid.UUID) -> Formers:
    """Return who was merged into contacts of a brand."""
    return _read(ContactMerge.objects.filter(kept__linked_brand=brand_id))


def of_contacts(keys: Iterable[uuid.UUID]) -> Formers:
    """Return who was merged into these contacts."""
    return _read(ContactMerge.objects.filter(kept__in=list(keys)))


def _read(merges: "models.QuerySet[ContactMerge]") -> Formers:
    found: defaultdict[uuid.UUID, list[Former]] = defaultdict(list)
    rows = merges.filter(undone_at=None).order_by().values_list("kept", "gone_id", "snapshot")
    for key, gone_id, snapshot in rows:
        gone = snapshot["gone"]
        brand = gone["linked_brand_id"]
        found[key].append(
            Former(
                name=f"{gone['first_name']} {gone['last_name']}",
                name_key=gone["name_key"],
                profile=(gone["linkedin_id"] or "").lower(),
                brand_id=uuid.UUID(brand) if brand else None,
                gone_id=gone_id,
            )
        )
    return found
