"""Changes by hand: correcting a contact, adding an address, rejecting a person."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import audit
from core.fields import normalise_email
from core.refusals import InputError
from crm import region_inference, suppression
from crm.models import LawfulBasis
from enrichment import approval, store
from enrichment.changes import Watch, act
from enrichment.discovery import titles
from enrichment.discovery.website import profiles
from enrichment.emails import calibration, scoring
from enrichment.emails.verification import syntax
from enrichment.intake import clean_region, one_line
from enrichment.models import (
    ContactEmail,
    ContactSource,
    EnrichedContact,
    GenerationMethod,
    ReviewStatus,
    VerificationMethod,
    acting,
)

MAX_REASON = 200

Changes = dict[str, Any]


@transaction.atomic
def edit(contact_id: uuid.UUID, changes: Mapping[str, Any], user: User | None) -> EnrichedContact:
    """Change a contact by hand; its source becomes `manual`, and later discoveries leave these fields alone.

    `changes` has names of EDITABLE. None empties what may be empty. A new title sets seniority, department and
    decision-maker too, unless they are given. `email` adds an address, which counts as proven.
    Raises InputError, and EnrichedContact.DoesNotExist.
    """
    wanted = clean(changes)
    contact = EnrichedContact.objects.select_for_update(of=("self",)).get(pk=contact_id)
    watch = Watch([contact])
    changed: Changes = {}
    for name, value in wanted.items():
        if name == "email":
            if _add_address(contact, value):
                changed[name] = value
        elif _set(contact, name, value, user):
            changed[name] = value
    if changed:
        contact.source = ContactSource.MANUAL
        contact.evidence = [*_by_hand(contact, changed, user), *contact.evidence][: store.MAX_EVIDENCE]
        store.note_best([contact])
        contact.record(f"Edited by {acting(user)}: {', '.join(changed)}")
        contact.save()
        acts = list(watch.acts([contact], by_hand=True))
        if "email" in changed:
            acts.append(act("address.verified", contact, after={"email": changed["email"]}, by_hand=True))
        audit.record_many(acts, actor=user)
    return contact


@transaction.atomic
def reject(contact_id: uuid.UUID, reason: str, user: User | None) -> EnrichedContact:
    """Mark a contact as not wanted. Who was rejected can be approved later all the same.

    Raises InputError for an approved contact or a reason that cannot be kept, and EnrichedContact.DoesNotExist.
    """
    contact, done = rejected(contact_id, reason, user)
    audit.record_many([done] if done else [], actor=user)
    return contact


def rejected(contact_id: uuid.UUID, reason: str, user: User | None) -> tuple[EnrichedContact, audit.Act | None]:
    """Do as `reject` does, for one of many: the caller has the transaction, and writes the act to the audit trail.

    There is no act for a contact that was rejected before.
    """
    reason = _text("reason", reason, MAX_REASON) or ""
    if "@" in reason:  # the activity is kept in clear
        raise InputError("invalid_reason", "reason must not hold an address: write it without one.")
    contact = EnrichedContact.objects.select_for_update(of=("self",)).get(pk=contact_id)
    if contact.review_status == ReviewStatus.APPROVED:
        raise InputError(
            "already_approved", "The contact is approved already: stop its enrolment in the admin instead."
        )
    if contact.review_status == ReviewStatus.REJECTED:
        return contact, None
    before = contact.review_status
    contact.review_status, contact.reviewed_at, contact.reviewed_by = ReviewStatus.REJECTED, timezone.now(), user
    contact.record(f"Rejected by {acting(user)}{f': {reason}' if reason else ''}")
    contact.save(update_fields=["review_status", "reviewed_at", "reviewed_by", "activity", "updated_at"])
    said = {"after": {"reason": reason}} if reason else {}
    return contact, act("contact.rejected", contact, status_before=before, **said)


def clean(changes: Mapping[str, Any]) -> Changes:
    """Return the changes as the model takes them. Raises InputError naming the field and what it may be."""
    unknown = sorted(set(changes) - set(EDITABLE))
    if unknown:
        raise InputError("invalid_input", f"{unknown[0]} cannot be changed by hand. These can: {', '.join(EDITABLE)}.")
    if not changes:
        raise InputError("invalid_input", f"Nothing to change: give at least one of {', '.join(EDITABLE)}.")
    cleaned = {name: _CLEANERS[name](name, value) for name, value in changes.items()}
    if title := cleaned.get("jobTitle"):
        role = titles.classify(title)
        implied = {
            "seniority": role.seniority,
            "department": role.department,
            "decisionMaker": role.decision_maker,
        }
        cleaned = implied | cleaned
    return cleaned


def _set(contact: EnrichedContact, name: str, value: Any, user: User | None) -> bool:
    """Set a field, with a profile's address its id, and with a region how we know it; False when all was so before."""
    fields = {FIELDS[name]: value}
    if name == "linkedInUrl":
        profile = profiles.parse(value) if value else None
        fields["linkedin_id"] = profile.slug if profile else None
    before = {field: getattr(contact, field) for field in fields}
    if name == "region" and value != contact.region_code:
        contact.region_basis = region_inference.by_hand(acting(user), timezone.now()) if value else None
    for field, new in fields.items():
        setattr(contact, field, new)
    return before != fields


def _add_address(contact: EnrichedContact, address: str) -> bool:
    """Add an address that somebody vouches for, or vouch for one that is there; False when it was proven so before."""
    if suppression.suppressed([address]):
        raise InputError("suppressed", "This address is on the suppression list: it must not be stored or written to.")
    row = next((row for row in contact.emails.all() if normalise_email(row.email) == address), None)
    if row is None:
        row = ContactEmail(enriched_contact=contact, email=address, domain=address.rpartition("@")[2])
    elif row.verification_method == VerificationMethod.MANUAL:
        return False
    score = scoring.total(scoring.manual_points(), None, proofs=[scoring.Proof.VOUCHED])
    row.generation_method = row.generation_method or GenerationMethod.MANUAL
    row.verification_method = VerificationMethod.MANUAL
    row.verification_score, row.verification_status = score.value, score.status
    row.score_breakdown = [asdict(points) for points in score.breakdown]
    row.probability = row.model_probability = calibration.VOUCHED
    row.save()
    contact.verified_at = contact.verified_at or timezone.now()
    if contact.linked_contact is not None:
        approval.hand_over(row, contact.linked_contact)
    return True


def _by_hand(contact: EnrichedContact, changed: Changes, user: User | None) -> list[dict[str, str]]:
    """Return evidence that somebody entered these values, in the form of discovery's (`name` is the whole name)."""
    claims = {CLAIMS.get(name, name): value for name, value in changed.items() if value is not None}
    if "name" in claims:
        claims["name"] = str(contact)
    seen_at = timezone.now().isoformat().replace("+00:00", "Z")
    snippet = f"Entered by {acting(user)}"
    return [
        {"field": claim, "value": str(value), "url": "", "snippet": snippet, "source": "manual", "seenAt": seen_at}
        for claim, value in claims.items()
    ]


def _text(name: str, value: Any, longest: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError("invalid_input", f"{name} must be a text.")
    text = one_line(value)
    if len(text) > longest:
        raise InputError("invalid_input", f"{name} is longer than {longest} characters: shorten it.")
    return text or None


def _optional(longest: int) -> Callable[[str, Any], str | None]:
    return lambda name, value: _text(name, value, longest)


def _required(longest: int) -> Callable[[str, Any], str]:
    def cleaner(name: str, value: Any) -> str:
        text = _text(name, value, longest)
        if text is None:
            raise InputError("invalid_input", f"{name} must not be empty.")
        return text

    return cleaner


def _one_of(choices: tuple[str, ...], nullable: bool = False) -> Callable[[str, Any], str | None]:
    def cleaner(name: str, value: Any) -> str | None:
        if value is None and nullable:
            return None
        if not isinstance(value, str) or value not in choices:
            raise InputError("invalid_input", f"{name} must be one of {', '.join(choices)}.")
        return value

    return cleaner


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError("invalid_input", f"{name} must be true or false.")
    return value


def _region(name: str, value: Any) -> str | None:
    return clean_region(_text(name, value, 60))


def _linkedin(name: str, value: Any) -> str | None:
    text = _text(name, value, 500)
    profile = profiles.parse(text) if text else None
    if text and profile is None:
        raise InputError("invalid_linkedin_url", f"{name} must be a profile, such as https://www.linkedin.com/in/jane.")
    return profile.url if profile else None


def _email(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError("invalid_email", f"{name} must be an address, such as jane.doe@acme.example.")
    try:
        syntax.parse(value.strip())
    except syntax.InvalidAddress as error:
        raise InputError("invalid_email", f"{name} is no address one can write to: {error}") from error
    return normalise_email(value)


# What may be changed by hand, as the API calls it, and the model's field.
FIELDS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "jobTitle": "job_title",
    "company": "company",
    "linkedInUrl": "linkedin_url",
    "seniority": "seniority",
    "department": "department",
    "decisionMaker": "decision_maker",
    "region": "region_code",
    "lawfulBasis": "lawful_basis",
}
# How discovery's evidence calls the same claims.
CLAIMS = {"firstName": "name", "lastName": "name", "jobTitle": "title", "linkedInUrl": "linkedin"}
_CLEANERS: Mapping[str, Callable[[str, Any], Any]] = {
    "firstName": _required(200),
    "lastName": _required(200),
    "jobTitle": _optional(300),
    "company": _optional(200),
    "linkedInUrl": _linkedin,
    "seniority": _one_of(titles.SENIORITIES),
    "department": _one_of(titles.DEPARTMENTS),
    "decisionMaker": _boolean,
    "region": _region,
    "lawfulBasis": _one_of(tuple(LawfulBasis.values), nullable=True),
    "email": _email,
}
EDITABLE = tuple(_CLEANERS)
