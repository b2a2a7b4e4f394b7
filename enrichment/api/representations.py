"""Rows as the API's JSON, in the specification's camelCase and shapes. Plain dicts: no serializer on the way out.

A `Row` is a model's instance, or whatever has the same attributes: lists read them without making instances.
serializers.py declares the same shapes for the OpenAPI document; a test compares the two.
"""

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from crm import regions
from crm.models import RegionRule
from enrichment import compliance, intake
from enrichment.approval import Approval
from enrichment.emails.finder import Candidate
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob
from enrichment.statistics import Share
from outreach.enrolments import Planned

Json = dict[str, Any]
Row = Any


def email_summary(email: Row) -> Json:
    """Return an address as lists and jobs show it."""
    return {
        "id": str(email.pk),
        "email": email.email,
        "verificationStatus": email.verification_status,
        "verificationScore": email.verification_score,
        "verificationMethod": email.verification_method,
        "probability": email.probability,
    }


def email_detail(email: ContactEmail) -> Json:
    """Return an address with how it was formed, why it scores as it does, and when it was checked."""
    return email_summary(email) | {
        "generationMethod": email.generation_method,
        "pattern": email.pattern,
        "confidence": email.confidence,
        "namePermutations": email.name_permutations,
        "scoreBreakdown": email.score_breakdown,
        "mxCheckPassed": email.mx_check_passed,
        "smtpCheckPassed": email.smtp_check_passed,
        "apiSource": email.api_source,
        "lastCheckedAt": email.last_checked_at,
        "createdAt": email.created_at,
    }


def email_candidate(candidate: Candidate) -> Json:
    """Return an address worked out for a person who is no contact."""
    return {
        "email": candidate.email,
        "pattern": candidate.pattern,
        "confidence": candidate.confidence,
        "verificationScore": candidate.score,
        "verificationStatus": candidate.status,
        "verificationMethod": candidate.method,
        "probability": candidate.probability,
        "generationMethod": candidate.generation,
        "apiSource": candidate.api_source,
        "smtpCheckPassed": candidate.smtp_passed,
        "mxCheckPassed": candidate.mx_passed,
        "scoreBreakdown": [asdict(points) for points in candidate.breakdown],
    }


def contact_fields(contact: Row) -> Json:
    """Return a contact as lists show it, without the addresses."""
    return {
        "id": str(contact.pk),
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "jobTitle": contact.job_title,
        "seniority": contact.seniority,
        "department": contact.department,
        "decisionMaker": contact.decision_maker,
        "company": contact.company,
        "linkedInUrl": contact.linkedin_url,
        "linkedInId": contact.linkedin_id,
        "confidenceScore": contact.confidence_score,
        "source": contact.source,
        "discoveryMethod": contact.discovery_method,
        "linkedBrandId": _id(contact.linked_brand_id),
        "linkedContactId": _id(contact.linked_contact_id),
        "discoveredAt": contact.discovered_at,
        "verifiedAt": contact.verified_at,
        "addedToCrmAt": contact.added_to_crm_at,
        "regionCode": contact.region_code,
        "reviewStatus": contact.review_status,
    }


def contact_detail(contact: EnrichedContact) -> Json:
    """Return a contact with its evidence, activity and every detail of its addresses."""
    return contact_fields(contact) | {
        "regionBasis": contact.region_basis,
        "regionRulesApply": contact.region_rules_apply,
        "complianceCheckPassed": contact.compliance_check_passed,
        "gate": gate(contact),
        "lawfulBasis": contact.lawful_basis,
        "emails": [email_detail(email) for email in contact.emails.all()],
        "evidence": contact.evidence,
        "activity": contact.activity,
        "createdAt": contact.created_at,
        "updatedAt": contact.updated_at,
    }


def gate(contact: EnrichedContact) -> Json | None:
    """Return what the contact's region says to a first message to the best address, and why; None without one."""
    decision = compliance.decision(contact, next(iter(contact.emails.all()), None))
    return None if decision is None else {"action": decision.action, "reasons": list(decision.reasons)}


def job_summary(row: Row) -> Json:
    """Return a job as the list shows it."""
    return {
        "jobId": str(row.pk),
        "jobType": row.job_type,
        "status": row.status,
        "brandId": _id(row.brand_id),
        "brandName": row.brand_name,
        "website": row.brand_website,
        "linkedInCompanyUrl": row.linkedin_company_url,
        "region": row.region_code,
        "complianceMode": row.compliance_mode,
        "volumeLimited": row.volume_limited,
        "contactsDiscovered": row.contacts_discovered,
        "contactsEnriched": row.contacts_enriched,
        "progress": {"processed": row.items_processed, "total": row.items_total},
        "errorMessage": row.error_message,
        "diagnostics": row.diagnostics,
        "retryCount": row.retry_count,
        "maxRetries": row.max_retries,
        "createdAt": row.created_at,
        "startedAt": row.started_at,
        "completedAt": row.completed_at,
    }


def job(row: EnrichmentJob, contacts: Iterable[EnrichedContact]) -> Json:
    """Return a job with its region's policy and the contacts it found, decision-makers first."""
    return job_summary(row) | {
        "regionPolicy": region(row.region_code or regions.OTHERS),
        "contacts": [contact_detail(contact) for contact in contacts],
    }


def job_contacts(row: EnrichmentJob) -> Iterable[EnrichedContact]:
    """Return the job's contacts with their addresses: decision-makers first, then by confidence. Two queries."""
    return row.contacts.prefetch_related("emails").order_by("-decision_maker", "-confidence_score", "last_name", "pk")


def approval(job_id: uuid.UUID, result: Approval) -> Json:
    """Return what an approval did, as the specification prints it, and what came of each contact."""
    return {
        "jobId": str(job_id),
        "approvedCount": len(result.approved),
        "message": "Contacts approved and ready for outreach sequences",
        "approved": [
            {"contactId": one.contact_id, "crmContactId": one.crm_contact_id, "enrolmentId": one.enrolment_id}
            for one in result.approved
        ],
        "skipped": [{"contactId": one.contact_id, "reason": one.reason} for one in result.skipped],
    }


def planned(message: Planned) -> Json:
    """Return a planned message as its recipient would read it."""
    return {
        "sequence": message.sequence,
        "step": message.step,
        "channel": message.channel,
        "dueAt": message.due_at,
        "state": message.state,
        "reasons": list(message.reasons),
        "address": message.address,
        "subject": message.subject,
        "body": message.body,
    }


def share(figures: Share) -> Json:
    """Return a total, how many of it are verified, and the percentage."""
    return {"total": figures.total, "verified": figures.verified, "percentage": figures.percentage}


def region(code: str) -> Json:
    """Return a country's policy with its explanation."""
    policy = regions.policy(code)
    return {
        "code": code,
        "country": policy.country,
        "policy": policy.policy,
        "action": policy.default_action,
        "discoveryAllowed": not intake.is_restricted(code),
        "explanation": regions.explanation(code),
    }


def changed_region(code: str, rule: RegionRule | None) -> Json:
    """Return a country's policy with who changed it here, when and why; nulls where the rule is the product's."""
    return region(code) | {
        "changedAt": rule.changed_at if rule else None,
        "changedBy": rule.changed_by.get_username() if rule and rule.changed_by else None,
        "reason": rule.reason if rule else None,
    }


def _id(value: object) -> str | None:
    return None if value is None else str(value)
