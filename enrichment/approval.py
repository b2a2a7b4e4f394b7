"""From a reviewed contact to a CRM contact in a sequence: the only way into outreach.

`approve` is one transaction and idempotent: however often, from however many clients and after whatever crash, a
contact becomes one CRM contact with one enrolment. Rows are locked brands first, then contacts, as the pipeline does.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import audit
from core.ids import parse_id
from crm import contacts
from crm.models import Brand
from crm.models import Contact as CrmContact
from enrichment import changes, compliance, crm_facts, outcomes, screening
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob, JobContact, ReviewStatus, acting
from outreach import choosing, enrolments
from outreach.models import Enrolment, Sequence
from outreach.planning import NONE_CHOSEN

# Why a contact was skipped (design: "Approval").
ALREADY_APPROVED, NOT_IN_JOB, NOT_FOUND = "already_approved", "not_in_job", "not_found"
SUPPRESSED, NO_ADDRESS = "suppressed", "no_address"
MAX_AT_ONCE = 200  # contacts of one call: their brands stay locked meanwhile
SKIP_REASONS = (ALREADY_APPROVED, NOT_IN_JOB, NOT_FOUND, SUPPRESSED, NO_ADDRESS)


class Suppressed(ValueError):
    """The person is on the suppression list: they may not be linked or written to."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A contact newly approved, with what came of it; `before` is what taking that back needs (taking_back.py)."""

    contact_id: str
    crm_contact_id: str
    enrolment_id: str
    before: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A contact left as it was; `reason` is one of SKIP_REASONS. The id is as the caller wrote it."""

    contact_id: str
    reason: str


@dataclass(slots=True)
class Approval:
    """What one call of `approve` did."""

    approved: list[Approved] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def nothing_found(self) -> bool:
        """Whether none of the ids is a contact's."""
        return not self.approved and all(skip.reason == NOT_FOUND for skip in self.skipped)


def approve(
    contact_ids: Rows[str],
    *,
    user: User | None,
    job_id: uuid.UUID | None = None,
    sequence: Sequence | None = None,
    templates: Mapping[int, uuid.UUID] = NONE_CHOSEN,
) -> Approval:
    """Approve the contacts for outreach; with `job_id`, only those that this job found.

    They are enrolled in `sequence` (the oldest active one), with `templates` instead of those of its steps, by their
    positions. Ids may be of any shape; one given twice counts once. The caller sees to it that there are MAX_AT_ONCE
    at most. Raises EnrichmentJob.DoesNotExist for an unknown job, outreach.enrolments.NoSequence when there is nothing
    to enrol in, or not with these templates.
    """
    wanted: dict[uuid.UUID | str, str] = {}
    for text in contact_ids:
        wanted.setdefault(parse_id(text) or text, text)
    result = Approval()
    with transaction.atomic():
        if job_id is not None:
            EnrichmentJob.objects.only("pk").get(pk=job_id)
        if sequence is not None:
            sequence = choosing.open_sequence(sequence.pk, templates)
        enrol = _Enrolling(user, sequence, templates)
        rows = _locked([key for key in wanted if isinstance(key, uuid.UUID)])
        found_by_job = _found_by(job_id, rows)
        emails = [email for row in rows.values() for email in row.emails.all()]
        listed = screening.look_up([email.email for email in emails])
        operators = outcomes.operators_of({email.domain for email in emails})
        for key, text in wanted.items():
            row = rows.get(key)
            if row is None:
                result.skipped.append(Skipped(text, NOT_FOUND))
            elif reason := _obstacle(row, found_by_job, listed):
                result.skipped.append(Skipped(text, reason))
            else:
                result.approved.append(_approve(row, kept_addresses(row, listed) or [], operators, enrol))
        _record(result, rows, user, job_id)
    return result


def _record(result: Approval, rows: Mapping[Any, EnrichedContact], user: User | None, job_id: uuid.UUID | None) -> None:
    """Write down in the audit trail who was approved."""
    found_by: dict[str, Any] = {"job": job_id} if job_id else {}
    acts = [
        changes.act(
            "contact.approved",
            rows[uuid.UUID(one.contact_id)],
            crm_contact=one.crm_contact_id,
            enrolment=one.enrolment_id,
            status_before=one.before["status"],
            **found_by,
        )
        for one in result.approved
    ]
    audit.record_many(acts, actor=user)


@transaction.atomic
def link(contact_id: uuid.UUID, crm_contact_id: uuid.UUID, user: User | None) -> EnrichedContact:
    """Tie a contact to a CRM contact that exists, and hand over its addresses. Not an approval: nobody is enrolled.

    Raises EnrichedContact.DoesNotExist, crm Contact.DoesNotExist, and Suppressed for a person on the list.
    """
    rows = _locked([contact_id])
    if contact_id not in rows:
        raise EnrichedContact.DoesNotExist
    row = rows[contact_id]
    crm_contact = CrmContact.objects.select_for_update(of=("self",), no_key=True).get(pk=crm_contact_id)
    listed = screening.look_up([email.email for email in row.emails.all()])
    emails = kept_addresses(row, listed)
    if emails is None:
        raise Suppressed("This person is on the suppression list and cannot be linked to a CRM contact.")
    contacts.add_addresses(crm_contact, crm_facts.addresses_of(emails))
    if row.linked_contact_id != crm_contact.pk:
        row.linked_contact = crm_contact
        row.added_to_crm_at = timezone.now()
        row.record(f"Linked to a CRM contact by {acting(user)}")
        row.save(update_fields=["linked_contact", "added_to_crm_at", "activity", "updated_at"])
        audit.record_many([changes.act("contact.linked", row, crm_contact=crm_contact.pk)], actor=user)
    return row


def hand_over(email: ContactEmail, crm_contact: CrmContact) -> None:
    """Give a CRM contact an address that was found later. Call in a transaction."""
    contacts.add_addresses(crm_contact, crm_facts.addresses_of([email]))


def bring_up_to_date(contact: EnrichedContact) -> None:
    """Tell a CRM contact what is known of its addresses by now. Call in a transaction."""
    if contact.linked_contact is not None:
        contacts.update_addresses(contact.linked_contact, crm_facts.addresses_of(contact.emails.all()))


def _locked(keys: Collection[uuid.UUID]) -> dict[Any, EnrichedContact]:
    """Return the contacts with their addresses, best first, under locks: their brands', then their own."""
    chosen = EnrichedContact.objects.filter(pk__in=keys)
    list(Brand.objects.select_for_update(no_key=True).filter(pk__in=chosen.values("linked_brand")).order_by("pk"))
    rows = chosen.select_for_update().order_by("pk")
    # Not joined: PostgreSQL would give what they were before the wait for the lock, beside a row as it is after it.
    return {row.pk: row for row in rows.prefetch_related("linked_brand", "linked_contact", "emails")}


def _found_by(job_id: uuid.UUID | None, keys: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    if job_id is None:
        return set(keys)
    return set(JobContact.objects.filter(job=job_id, contact__in=keys).values_list("contact_id", flat=True))


def _obstacle(row: EnrichedContact, found_by_job: set[uuid.UUID], listed: screening.Hits) -> str | None:
    """Return why the contact cannot be approved, or None."""
    return NOT_IN_JOB if row.pk not in found_by_job else obstacle(row, listed)


def obstacle(row: EnrichedContact, listed: screening.Hits) -> str | None:
    """Return why a contact, whose addresses are loaded, cannot be approved, one of SKIP_REASONS; or None."""
    if row.review_status == ReviewStatus.APPROVED:
        return ALREADY_APPROVED
    if not row.emails.all():
        return NO_ADDRESS
    return None if kept_addresses(row, listed) else SUPPRESSED


@dataclass(frozen=True, slots=True)
class _Enrolling:
    """Who enrols, in what, with which templates."""

    user: User | None
    sequence: Sequence | None
    templates: Mapping[int, uuid.UUID]

    def __call__(self, crm_contact: CrmContact) -> Enrolment:
        return enrolments.enrol(crm_contact, user=self.user, sequence=self.sequence, templates=self.templates)


def _approve(
    row: EnrichedContact, emails: Iterable[ContactEmail], operators: Mapping[str, str], enrol: _Enrolling
) -> Approved:
    now, user = timezone.now(), enrol.user
    before = {
        "status": row.review_status,
        "reviewed_at": row.reviewed_at.isoformat() if row.reviewed_at else None,
        "reviewed_by": row.reviewed_by_id,
        "linked": str(row.linked_contact_id) if row.linked_contact_id else None,
        "added_at": row.added_to_crm_at.isoformat() if row.added_to_crm_at else None,
        "at": now.isoformat(),
    }
    addresses = [crm_facts.address_of(email, operators) for email in emails]
    if row.linked_contact is not None:
        crm_contact = row.linked_contact
        contacts.add_addresses(crm_contact, addresses)
    else:
        crm_contact = contacts.find_or_create(crm_facts.brand_of(row), crm_facts.facts_of(row), addresses, user)
        row.linked_contact, row.added_to_crm_at = crm_contact, now
    enrolment = enrol(crm_contact)
    row.review_status, row.reviewed_at, row.reviewed_by = ReviewStatus.APPROVED, now, user
    row.compliance_check_passed = compliance.passes(row, row.emails.all()[0])
    row.record(f"Approved for outreach by {acting(user)}", now)
    row.save()
    before |= _made(crm_contact, enrolment, now)
    return Approved(str(row.pk), str(crm_contact.pk), str(enrolment.pk), before)


def _made(crm_contact: CrmContact, enrolment: Enrolment, since: datetime) -> dict[str, Any]:
    """Return what of a CRM contact and its enrolment an approval made: all that is not older than it."""
    new = crm_contact.addresses.filter(created_at__gte=since).values_list("pk", "is_primary")
    addresses = {str(pk): is_primary for pk, is_primary in new}
    return {
        "made": crm_contact.created_at >= since,
        "enrolled": enrolment.created_at >= since,
        "crm_updated_at": crm_contact.updated_at.isoformat() if crm_contact.updated_at else None,
        "addresses": addresses,  # whether each became the primary one
    }


def kept_addresses(row: EnrichedContact, listed: screening.Hits) -> list[ContactEmail] | None:
    """Return the contact's addresses, best first, without those on the list; None for a person who is on it."""
    kept = screening.screen([email.email for email in row.emails.all()], listed)
    return None if kept is None else [email for email in row.emails.all() if email.email in kept]
