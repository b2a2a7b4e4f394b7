"""What the CRM takes over of a found contact, in its own words: the facts, the addresses, the brand."""

from collections.abc import Iterable, Mapping

from crm import brands, contacts
from crm.models import Brand
from enrichment import compliance, outcomes
from enrichment.models import ContactEmail, EnrichedContact


def addresses_of(emails: Iterable[ContactEmail]) -> list[contacts.Address]:
    """Return addresses with what is known of them, as the CRM keeps them. One query."""
    rows = list(emails)
    operators = outcomes.operators_of({email.domain for email in rows})
    return [address_of(email, operators) for email in rows]


def address_of(email: ContactEmail, operators: Mapping[str, str]) -> contacts.Address:
    """Return an address as the CRM keeps it; `operators` says who runs the mail servers of its domain."""
    return contacts.Address(
        email=email.email,
        origin=compliance.origin_of(email.generation_method),
        probability=email.probability,
        model_probability=email.model_probability,
        verification_status=email.verification_status,
        verification_score=email.verification_score,
        verification_method=email.verification_method or "",
        mail_operator=operators.get(email.domain, ""),
    )


def facts_of(row: EnrichedContact) -> contacts.Facts:
    """Return what the CRM takes over of a contact."""
    brand = row.linked_brand
    return contacts.Facts(
        first_name=row.first_name,
        last_name=row.last_name,
        job_title=row.job_title or "",
        seniority=row.seniority,
        department=row.department,
        linkedin_url=row.linkedin_url,
        region_code=row.region_code or (brand.region_code if brand else ""),
        region_basis=row.region_basis if row.region_code or brand is None else brand.region_basis,
        region_rules_apply=row.region_rules_apply,
        lawful_basis=row.lawful_basis,
        evidence=row.evidence,
    )


def brand_of(row: EnrichedContact) -> Brand:
    """Return the contact's brand; one whose brand was deleted meanwhile gets it back by the company's name."""
    return row.linked_brand or brands.find_or_create(row.company or "Unknown company")
