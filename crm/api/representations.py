"""Rows as the API shows them. Times are UTC, ids opaque."""

from typing import Any

from crm.duplicates import Pair
from crm.history import Line
from crm.models import Brand, Consent, Contact, ContactAddress, Merge, Note, Suppression
from crm.suppression import suppressed

Json = dict[str, Any]


def brand(row: Brand) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "domain": row.domain,
        "website": row.website,
        "linkedInCompanyUrl": row.linkedin_company_url,
        "region": row.region_code,
        "regionBasis": row.region_basis,
        "createdAt": row.created_at,
    }


def contact(row: Contact) -> Json:
    """Return a contact; `row` has its brand and addresses read."""
    return {
        "id": row.pk,
        "brandId": row.brand_id,
        "company": row.brand.name,
        "firstName": row.first_name,
        "lastName": row.last_name,
        "jobTitle": row.job_title,
        "seniority": row.seniority,
        "department": row.department,
        "linkedInUrl": row.linkedin_url,
        "region": row.region_code,
        "regionBasis": row.region_basis,
        "regionRulesApply": row.region_rules_apply,
        "relationship": row.relationship_status,
        "lawfulBasis": row.lawful_basis,
        "ownerId": row.owner_id,
        "createdAt": row.created_at,
        "addresses": [address(each) for each in row.addresses.all()],
    }


def contact_detail(row: Contact) -> Json:
    """Return a contact with what else is known of it."""
    addresses = list(row.addresses.all())
    listed = suppressed([each.email for each in addresses])
    # Of an app above this one: through the relation, so that nothing of it is imported.
    open_ids = row.enrolments.filter(state__in=["active", "paused"]).values_list("pk", flat=True)
    return contact(row) | {
        "consents": [consent(each) for each in row.consents.all()],
        "merges": [merge(each) for each in row.merges.defer("snapshot")],
        "suppressed": [each.pk for each in addresses if each.email in listed],
        "openEnrolmentIds": list(open_ids),
    }


def address(row: ContactAddress) -> Json:
    return {
        "id": row.pk,
        "email": row.email,
        "primary": row.is_primary,
        "origin": row.origin,
        "probability": row.probability,
        "verificationStatus": row.verification_status,
        "verificationScore": row.verification_score,
    }


def consent(row: Consent) -> Json:
    return {
        "id": row.pk,
        "contactId": row.contact_id,
        "givenAt": row.given_at,
        "source": row.source,
        "wording": row.wording or "",
        "withdrawnAt": row.withdrawn_at,
    }


def merge(row: Merge) -> Json:
    return {
        "id": row.pk,
        "keptId": row.kept_id,
        "goneId": row.gone_id,
        "createdAt": row.created_at,
        "undoneAt": row.undone_at,
    }


def note(row: Note) -> Json:
    author = row.author.get_username() if row.author else ""
    return {"id": row.pk, "text": row.text, "author": author, "createdAt": row.created_at}


def line(row: Line) -> Json:
    return {"id": row.id, "kind": row.kind, "at": row.at, "text": row.text, "actor": row.actor}


def duplicate(pair: Pair, of: Contact) -> Json:
    """Return who may be the same person as `of`, and why."""
    other = pair.second if pair.first.pk == of.pk else pair.first
    return {
        "contactId": other.pk,
        "firstName": other.first_name,
        "lastName": other.last_name,
        "jobTitle": other.job_title,
        "company": other.brand.name,
        "reason": pair.reason,
    }


def suppression(row: Suppression) -> Json:
    return {
        "id": row.pk,
        "kind": row.kind,
        "fingerprint": row.value_index,
        "reason": row.reason,
        "createdAt": row.created_at,
    }
