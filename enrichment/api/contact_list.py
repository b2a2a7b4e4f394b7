"""`GET contacts`: which contacts, in which order, read in two queries and decrypted at once.

No model is instantiated and nothing decrypted singly: that would take most of the time of an answer.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from django.db.models import Q

from core.api import cursors
from core.encryption import decrypt_many
from core.fields import raw
from core.ids import parse_id
from enrichment import disclosure
from enrichment.api import representations
from enrichment.models import ContactEmail, EnrichedContact, ReviewStatus, VerificationStatus
from enrichment.searching import found_by

CONTACTS = cursors.Listing(
    "contacts",
    {"createdAt": "created_at", "confidenceScore": "confidence_score", "lastName": "last_name", "company": "company"},
    default="-createdAt",
)
ADDRESSES = (VerificationStatus.VERIFIED, VerificationStatus.UNKNOWN, VerificationStatus.RISKY)
PAGING = {"limit", "offset", "cursor", "ordering"}  # of a query, beside its filters
STATUSES = [*map(str, ADDRESSES), *ReviewStatus.values]

# Made once: putting so many columns together takes the ORM as long as the database takes to read a page.
ROWS = EnrichedContact.objects.values(
    "pk", "first_name", "last_name", "job_title", "seniority", "department", "decision_maker", "company",
    "confidence_score", "source", "discovery_method", "linked_brand_id", "linked_contact_id", "discovered_at",
    "verified_at", "added_to_crm_at", "region_code", "review_status", "created_at",
    url_token=raw("linkedin_url"),
    id_token=raw("linkedin_id"),
)  # fmt: skip
ADDRESS_ROWS = ContactEmail.objects.values(
    "pk", "enriched_contact_id", "verification_status", "verification_score", "verification_method", "probability",
    token=raw("email"),
)  # fmt: skip

Json = dict[str, Any]


def page(query: Mapping[str, Any]) -> Json:
    """Return the answer to `query` (queries.ContactListQuery). Raises InputError for a cursor that cannot be used."""
    found = cursors.page(CONTACTS, _matching(query), query)
    disclosure.listed_ids([row["pk"] for row in found.rows], filters=sorted(set(query) - PAGING))
    return {"success": True, "contacts": _summaries(found.rows), "pagination": found.pagination}


def _summaries(rows: Sequence[Json]) -> list[Json]:
    """Return each row as a contact with its addresses, which take one query for all."""
    addresses = list(ADDRESS_ROWS.filter(enriched_contact__in=[row["pk"] for row in rows])) if rows else []
    tokens = [address["token"] for address in addresses]
    tokens += [token for row in rows for token in (row["url_token"], row["id_token"]) if token is not None]
    texts = dict(zip(tokens, decrypt_many(tokens), strict=True))
    emails: defaultdict[Any, list[Json]] = defaultdict(list)
    for address in addresses:
        email = SimpleNamespace(**address, email=texts[address["token"]])
        emails[address["enriched_contact_id"]].append(representations.email_summary(email))
    summaries = []
    for row in rows:
        profile = {"linkedin_url": texts.get(row["url_token"]), "linkedin_id": texts.get(row["id_token"])}
        fields = representations.contact_fields(SimpleNamespace(**row, **profile))
        summaries.append(fields | {"emails": emails[row["pk"]]})
    return summaries


def _matching(query: Mapping[str, Any]) -> cursors.Rows:
    """Return the rows that the filters of `query` leave; none for an id that nothing has."""
    conditions: list[Q] = []
    for name, relation in (("brandId", "linked_brand"), ("jobId", "jobs")):
        if name in query:
            wanted = parse_id(query[name])
            if wanted is None:
                return ROWS.none()
            conditions.append(Q(**{relation: wanted}))
    if "status" in query:
        # The status of the best address stands with the contact too (store.note_best).
        conditions.append(Q(**{"best_status" if query["status"] in ADDRESSES else "review_status": query["status"]}))
    if "source" in query:
        conditions.append(Q(source__in=query["source"]))
    if "minConfidence" in query:
        conditions.append(Q(confidence_score__gte=query["minConfidence"]))
    if "seniority" in query:
        conditions.append(Q(seniority__in=query["seniority"]))
    if "search" in query:
        conditions.append(found_by(query["search"]))
    return ROWS.filter(*conditions)
