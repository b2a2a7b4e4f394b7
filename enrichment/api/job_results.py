"""`GET jobs/:id/results`: what came of each address or contact of an e-mail enrichment, in the order given."""

import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from core.api import cursors
from core.encryption import decrypt_many
from core.fields import raw
from enrichment import disclosure
from enrichment.models import JobItem

ROWS = JobItem.objects.values("pk", "position", "state", "contact_id", email_token=raw("email"), token=raw("result"))

Json = dict[str, Any]


def page(job_id: uuid.UUID, query: Mapping[str, Any]) -> Json:
    """Return the answer to `query` (core.api.queries.PageQuery). Raises InputError for a cursor that cannot be used."""
    # Named for the job: another job's cursor is none of this list.
    listing = cursors.Listing(f"results of {job_id}", {"position": "position"}, default="position")
    found = cursors.page(listing, ROWS.filter(job=job_id), query)
    tokens = [token for row in found.rows for token in (row["email_token"], row["token"]) if token is not None]
    texts = dict(zip(tokens, decrypt_many(tokens), strict=True))
    contacts = [row["contact_id"] for row in found.rows if row["contact_id"]]
    disclosure.listed_ids(contacts, job=job_id, results=len(found.rows))
    return {
        "success": True,
        "results": [_result(row, texts) for row in found.rows],
        "pagination": found.pagination,
    }


def _result(row: Mapping[str, Any], texts: Mapping[str, str]) -> Json:
    """Return an item: the verdict on an address once there is one, or the contact where its addresses stand."""
    place = {"position": row["position"], "state": row["state"]}
    if row["email_token"] is None:
        return place | {"contactId": row["contact_id"]}
    verdict = orjson.loads(texts[row["token"]]) if row["token"] else {}
    return place | {"email": texts[row["email_token"]]} | verdict
