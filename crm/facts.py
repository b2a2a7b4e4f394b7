"""What sources say of a company itself: industry, size, parent, register number. Each claim with its evidence."""

import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction

from .models import Brand

MAX_FACTS = 60


@transaction.atomic
def record(brand_id: uuid.UUID | None, claims: Sequence[Mapping[str, str]]) -> None:
    """Write claims down on the brand: `field`, `value`, `url`, `snippet`, `source`, `seenAt` (ISO 8601).

    What a source says of a field replaces what it said before; other sources' claims stay beside it.
    """
    if brand_id is None or not claims:
        return
    brand = Brand.objects.select_for_update(no_key=True).filter(pk=brand_id).first()
    if brand is None:
        return
    said = {(claim["source"], claim["field"]) for claim in claims}
    kept = [claim for claim in brand.facts or [] if (claim["source"], claim["field"]) not in said]
    brand.facts = [*claims, *kept][:MAX_FACTS]
    brand.save(update_fields=["facts"])
