"""Writing down what a job found: one row per person and address, however many jobs find them.

Called by the pipeline inside the job's fenced transaction. The brand's row is locked, so that two jobs for
one brand cannot both miss the other's new contact.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit
from core.fields import blind_index, normalise_email
from core.names import name_key
from crm import region_inference
from crm.models import Brand, ContactAddress
from enrichment import address_checks, changes, compliance, domain_profiles, former_names, kept_answers
from enrichment.discovery.base import Evidence, Person
from enrichment.emails import scoring
from enrichment.emails.checks import Result
from enrichment.emails.finder import Candidate
from enrichment.models import (
    ContactEmail,
    ContactSource,
    EnrichedContact,
    EnrichmentJob,
    GenerationMethod,
    JobContact,
    VerificationMethod,
)

MAX_EVIDENCE = 40
CONFIRMED = (VerificationMethod.MANUAL, VerificationMethod.SMTP_PING, VerificationMethod.API)

Addressed = tuple[Person, Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Where:
    """In which country the people work, and how that is known (crm/region_inference.py); None: not known."""

    region: str | None = None
    basis: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a job wrote: contacts, how many of them have a usable address, addresses, verified addresses."""

    contacts: int
    enriched: int
    addresses: int
    verified: int


def save(job: EnrichmentJob, addressed: Sequence[Addressed], where: Where | None = None) -> Stored:
    """Insert or update a contact with its best addresses for every person, and tie them to the job.

    Without a word they work `where` the job says.
    """
    now, where = timezone.now(), where or Where(job.region_code)
    lock_brand(job)
    pool = _Pool(job, [person for person, _ in addressed])
    watch = changes.Watch(pool.rows)
    contacts = _contacts(job, pool, addressed, where, now)
    save_contacts(list(dict.fromkeys(contacts)))
    rows = save_addresses([(contact, addressed[index][1]) for index, contact in enumerate(contacts)], now)
    links = [JobContact(job=job, contact=contact) for contact in dict.fromkeys(contacts)]
    JobContact.objects.bulk_create(links, ignore_conflicts=True)
    watch.record(dict.fromkeys(contacts), job.created_by, job=job.pk)
    return Stored(
        contacts=len(links),
        enriched=len({row.enriched_contact_id for row in rows if row.verification_score >= scoring.UNKNOWN}),
        addresses=len(rows),
        verified=sum(row.verification_status == "verified" for row in rows),
    )


def lock_brand(job: EnrichmentJob) -> None:
    """Let nobody else store, approve or erase people of the job's brand until the end of the transaction."""
    list(Brand.objects.select_for_update(of=("self",), no_key=True).filter(jobs=job))


def save_addresses(found: Sequence[tuple[EnrichedContact, Sequence[Candidate]]], now: datetime) -> list[ContactEmail]:
    """Store each contact's best candidates, drop guesses that are no longer among them, and return the best ones' rows.

    Of the other candidates those are brought up to date that the contact has: one that was confirmed may be refused
    now. Call in a transaction that holds the contacts.
    """
    most, known = settings.ENRICHMENT_STORED_ADDRESSES, _indexes([contact for contact, _ in found])
    best, others, asked = list[ContactEmail](), list[ContactEmail](), set[uuid.UUID]()
    for contact, candidates in found:
        for place, candidate in enumerate(candidates):
            if place >= most and (contact.pk, blind_index(normalise_email(candidate.email))) not in known:
                continue
            row = _address(contact, candidate, candidates, now)
            (best if place < most else others).append(row)
            if _was_asked(candidate):
                asked.add(row.pk)
    _upsert_addresses([*best, *others], asked)
    _drop_stale_guesses(best)
    note_best([contact for contact, _ in found])
    return best


def delete(contact_id: uuid.UUID) -> bool:
    """Delete a contact with its addresses and evidence, wherever they are remembered; False when there is none."""
    return bool(delete_many([contact_id]))


@transaction.atomic
def delete_many(contact_ids: Iterable[uuid.UUID], actor: User | None = None) -> set[uuid.UUID]:
    """Delete contacts as `delete` does, one after the other; return which of them there were.

    What the audit trail says of these people cannot be read any more after this, unless they are known otherwise too.
    """
    acts, people, addresses, deleted = list[audit.Act](), set[str](), set[str](), set[uuid.UUID]()
    for key in contact_ids:
        contact = EnrichedContact.objects.select_for_update().filter(pk=key).first()
        if contact is None:
            continue
        own = [normalise_email(email.email) for email in contact.emails.all()]
        formers = former_names.of_contacts([key]).get(key, ())
        domain_profiles.forget_many((name, own) for name in (str(contact), *(former.name for former in formers)))
        address_checks.forget(own)
        kept_answers.forget({contact.linked_brand_id, *(former.brand_id for former in formers)} - {None})
        acts.append(changes.act("contact.deleted", EnrichedContact(pk=key), addresses=len(own)))
        people |= {audit.person(contact), *(audit.person(EnrichedContact(pk=former.gone_id)) for former in formers)}
        addresses |= {audit.address(address) for address in own}
        contact.delete()
        deleted.add(key)
    if acts:
        audit.record_many(acts, actor=actor)
        audit.forget(people | (addresses - _still_known(addresses)))
    return deleted


def _still_known(indexes: Collection[str]) -> set[str]:
    """Return which of these addresses, by their indexes, somebody else has, here or in the CRM."""
    here = ContactEmail.objects.filter(email_index__in=indexes).order_by().values_list("email_index", flat=True)
    there = ContactAddress.objects.filter(email_index__in=indexes).order_by().values_list("email_index", flat=True)
    return {*here, *there}


class _Pool:
    """The brand's contacts who may be among the people just found; each is taken once, but for its other names.

    A job whose brand was deleted meanwhile has none: contacts without a brand may be of any company.
    """

    def __init__(self, job: EnrichmentJob, people: Iterable[Person]) -> None:
        names, profiles = set[str](), set[str]()
        for person in people:
            names.add(name_key(person.first_name, person.last_name))
            if person.linkedin_id:
                profiles.add(person.linkedin_id.lower())
        self.rows: list[EnrichedContact] = []
        self.renamed: dict[str, EnrichedContact] = {}  # by the names and profiles of those merged into them
        if job.brand_id is None:
            return
        formers = former_names.of_brand(job.brand_id)
        keys = {key: {known for one in some for known in (one.name_key, one.profile)} for key, some in formers.items()}
        merged = [key for key, known in keys.items() if known & (names | profiles)]
        indexes = [blind_index(profile) for profile in profiles]
        found = Q(name_key__in=names) | Q(linkedin_id_index__in=indexes) | Q(pk__in=merged)
        rows = EnrichedContact.objects.select_for_update().filter(found, linked_brand_id=job.brand_id)
        self.rows = list(rows.order_by("pk"))
        self.renamed = {known: row for row in self.rows for known in keys.get(row.pk, ()) if known}

    def take(self, person: Person) -> EnrichedContact | None:
        """Return this person's row: the same LinkedIn profile, else the same name and no other profile.

        A profile entered by hand is no other one: it corrects what is found.
        """
        key, profile = name_key(person.first_name, person.last_name), (person.linkedin_id or "").lower()
        same = [row for row in self.rows if profile and (row.linkedin_id or "").lower() == profile]
        named = [
            row
            for row in self.rows
            if row.name_key == key and (not (profile and row.linkedin_id) or _profile_is_by_hand(row))
        ]
        named.sort(key=lambda row: row.job_title != person.title)  # of two with one name, the one with the title
        row = next(iter([*same, *named]), None)
        if row is not None:
            self.rows.remove(row)
        return row

    def by_other_name(self, person: Person) -> EnrichedContact | None:
        """Return the row that somebody of this profile or name was merged into, taken or not."""
        profile = (person.linkedin_id or "").lower()
        return self.renamed.get(profile) or self.renamed.get(name_key(person.first_name, person.last_name))


def _contacts(
    job: EnrichmentJob, pool: _Pool, addressed: Sequence[Addressed], where: Where, now: datetime
) -> list[EnrichedContact]:
    """Return the contact of each person, brought up to date. Found under two names, it is one contact twice."""
    rows = [pool.take(person) for person, _ in addressed]
    described = {row.pk for row in rows if row is not None}
    contacts = []
    for row, (person, candidates) in zip(rows, addressed, strict=True):
        contact = row or pool.by_other_name(person)
        if row is None and contact is not None and contact.pk in described:
            contact.evidence = merged_evidence(contact.evidence, person.evidence)
            mark_verified(contact, candidates, now)
        else:
            contact = _contact(job, contact, person, candidates, now)
            _locate(contact, where)
            described.add(contact.pk)
        contacts.append(contact)
    return contacts


def _contact(
    job: EnrichmentJob,
    contact: EnrichedContact | None,
    person: Person,
    candidates: Sequence[Candidate],
    now: datetime,
) -> EnrichedContact:
    if contact is None:
        contact = EnrichedContact(
            first_name=person.first_name[:200],
            last_name=person.last_name[:200],
            name_key=name_key(person.first_name, person.last_name),
            company=job.brand_name,
            source=person.source,
            discovery_method=person.method,
            linked_brand_id=job.brand_id,
            discovered_at=now,
            created_by_id=job.created_by_id,
        )
        contact.record(f"Discovered via {person.source}", now)
    else:
        contact.record(f"Found again via {person.source}", now)
        if person.title and contact.job_title and person.title[:300] != contact.job_title:
            contact.record(f"Job title changed from {contact.job_title} to {person.title[:300]}", now)
    _describe(contact, person)
    contact.region_rules_apply = job.compliance_mode
    mark_verified(contact, candidates, now)
    return contact


PROOFS: Mapping[str, str] = {
    VerificationMethod.PUBLISHED: "the company publishes the address",
    VerificationMethod.SMTP_PING: "the mail server confirmed the address",
    VerificationMethod.API: "a provider confirmed the address",
}


def mark_verified(contact: EnrichedContact, candidates: Sequence[Candidate], now: datetime) -> None:
    """Set `verified_at` once one of the addresses has proof; the caller saves. A pattern alone is none."""
    proofs = [PROOFS.get(item.method or "") for item in candidates if item.score > scoring.REFUSED]
    proof = next(filter(None, proofs), None)
    if contact.verified_at is None and proof:
        contact.verified_at = now
        contact.record(f"Verified: {proof}", now)


def _locate(contact: EnrichedContact, where: Where) -> None:
    """Say where somebody works, unless a human did."""
    by_hand = (contact.region_basis or {}).get("how") == region_inference.HAND
    if where.region is None or by_hand or (contact.source == ContactSource.MANUAL and contact.region_code):
        return
    contact.region_code, contact.region_basis = where.region, where.basis


def _describe(contact: EnrichedContact, person: Person) -> None:
    """Take over what the source says now; what a human entered by hand stays."""
    contact.evidence = merged_evidence(contact.evidence, person.evidence)
    if contact.source == ContactSource.MANUAL:
        return
    contact.linkedin_url = contact.linkedin_url or person.linkedin_url
    contact.linkedin_id = contact.linkedin_id or person.linkedin_id
    contact.confidence_score = person.confidence
    if person.title:
        contact.job_title = person.title[:300]
        contact.seniority, contact.department = person.seniority, person.department
        contact.decision_maker = person.decision_maker


def _profile_is_by_hand(contact: EnrichedContact) -> bool:
    return any(entry["field"] == "linkedin" and entry["source"] == ContactSource.MANUAL for entry in contact.evidence)


def merged_evidence(stored: list[dict[str, str]], new: Sequence[Evidence]) -> list[dict[str, str]]:
    """Return the evidence, one entry per claim and page: what was entered by hand, which stays, then the newest."""
    entries = [item.as_json() for item in new]
    by_claim: dict[tuple[str, str, str], dict[str, str]] = {}
    for entry in [*entries, *stored]:
        by_claim.setdefault((entry["field"], entry["value"], entry["url"]), entry)
    return sorted(by_claim.values(), key=lambda entry: entry["source"] != ContactSource.MANUAL)[:MAX_EVIDENCE]


def save_contacts(contacts: Sequence[EnrichedContact]) -> None:
    """Insert the contacts, or bring those known already up to date: what discovery and verification may change."""
    EnrichedContact.objects.bulk_create(
        contacts,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[
            "job_title",
            "seniority",
            "department",
            "decision_maker",
            "linkedin_url",
            "linkedin_id",
            "linkedin_id_index",
            "confidence_score",
            "region_code",
            "region_basis",
            "region_rules_apply",
            "evidence",
            "verified_at",
            "activity",
            "updated_at",
        ],
    )


def _address(contact: EnrichedContact, candidate: Candidate, tried: Sequence[Candidate], now: datetime) -> ContactEmail:
    return ContactEmail(
        enriched_contact=contact,
        email=candidate.email,
        domain=candidate.domain,
        pattern=candidate.pattern,
        confidence=candidate.confidence,
        probability=candidate.probability,
        model_probability=candidate.model_probability,
        verification_score=candidate.score,
        verification_status=candidate.status,
        verification_method=candidate.method,
        generation_method=candidate.generation,
        mx_check_passed=candidate.mx_passed,
        smtp_check_passed=candidate.smtp_passed,
        api_source=candidate.api_source,
        name_permutations=list(dict.fromkeys(other.pattern for other in tried if other.pattern)),
        score_breakdown=[asdict(points) for points in candidate.breakdown],
        last_checked_at=None if candidate.mx_passed is None else now,
        next_check_at=max((check.retry_at for check in candidate.checks if check.retry_at), default=None),
    )


def _indexes(contacts: Sequence[EnrichedContact]) -> set[tuple[uuid.UUID, str]]:
    """Return the contacts with the indexes of the addresses that they have."""
    rows = ContactEmail.objects.filter(enriched_contact__in=[contact.pk for contact in contacts])
    return set(rows.values_list("enriched_contact_id", "email_index"))


def _was_asked(candidate: Candidate) -> bool:
    """Return whether somebody outside gave a clear answer about the address."""
    return any(check.result is not Result.UNKNOWN for check in candidate.checks)


def _upsert_addresses(rows: Sequence[ContactEmail], asked: Collection[uuid.UUID]) -> None:
    """Insert the addresses, or bring those known already up to date. One statement, no duplicates in it.

    What a mail server or a provider has confirmed stays as it is unless such a one was `asked` anew: a rule knows no
    better. What a person vouches for stays in any case.
    """
    unique = {(row.enriched_contact_id, blind_index(normalise_email(row.email))): row for row in reversed(rows)}
    confirmed = ContactEmail.objects.filter(
        enriched_contact__in={row.enriched_contact_id for row in rows}, verification_method__in=CONFIRMED
    )
    for contact, index, method in confirmed.values_list("enriched_contact_id", "email_index", "verification_method"):
        row = unique.get((contact, index))
        if row is not None and (row.pk not in asked or method == VerificationMethod.MANUAL):
            del unique[contact, index]
    ContactEmail.objects.bulk_create(
        list(unique.values()),
        update_conflicts=True,
        unique_fields=["enriched_contact", "email_index"],
        update_fields=[
            "pattern",
            "confidence",
            "probability",
            "model_probability",
            "verification_score",
            "verification_status",
            "verification_method",
            "generation_method",
            "mx_check_passed",
            "smtp_check_passed",
            "api_source",
            "name_permutations",
            "score_breakdown",
            "last_checked_at",
            "next_check_at",
            "updated_at",
        ],
    )


def _drop_stale_guesses(rows: Sequence[ContactEmail]) -> None:
    """Delete earlier guesses that are no longer among the best or were turned down; what was published or proven stays.

    A contact for whom no addresses were worked out this time keeps those it has.
    """
    current = {row.email_index for row in rows}
    guesses = ContactEmail.objects.filter(
        enriched_contact__in={row.enriched_contact_id for row in rows},
        generation_method=GenerationMethod.PATTERN_DETECTION,
    ).filter(Q(verification_method__in=["pattern", "mx_check"]) | Q(smtp_check_passed=False))
    stale = [key for key, index in guesses.values_list("pk", "email_index") if index not in current]
    ContactEmail.objects.filter(pk__in=stale).delete()


def note_best(contacts: Sequence[EnrichedContact]) -> None:
    """Write down what is true of each contact's best address: status, score, chance, and whether it may be written to.

    The one home of these copies, called by whoever changed addresses, in the same transaction. Sets the instances'
    attributes too.
    """
    best: dict[uuid.UUID, ContactEmail] = {}
    likeliest_first = ContactEmail.objects.filter(enriched_contact__in=[contact.pk for contact in contacts])
    for email in likeliest_first.only("enriched_contact_id", "generation_method", *_COPIED):
        best.setdefault(email.enriched_contact_id, email)
    for contact in contacts:
        email_or_none = best.get(contact.pk)
        contact.compliance_check_passed = compliance.passes(contact, email_or_none)
        contact.best_status = email_or_none.verification_status if email_or_none else ""
        contact.best_score = email_or_none.verification_score if email_or_none else 0
        contact.best_probability = (email_or_none.probability or 0.0) if email_or_none else 0.0
    EnrichedContact.objects.bulk_update(
        contacts, ["compliance_check_passed", "best_status", "best_score", "best_probability"], batch_size=200
    )


_COPIED = ("verification_status", "verification_score", "probability")
