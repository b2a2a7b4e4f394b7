"""What approving contacts would lead to: whose messages would be planned or held, who would be skipped, and why.

Nothing is written. The rules are those of approval and of the gate (outreach/judging.py), asked for contacts and
enrolments that exist only here.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.utils import timezone

from core.names import name_key
from crm import regions
from crm.models import Brand, ContactAddress
from crm.models import Contact as CrmContact
from enrichment import approval, crm_facts, outcomes, screening
from enrichment.models import ContactEmail, EnrichedContact, ReviewStatus, VerificationStatus
from outreach import gate, judging, sequences
from outreach.models import Channel, Enrolment, Message, Sequence, Step, Template

BATCH = 500  # contacts: SQLite takes fewer than 1,000 values in a query


class Fate(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    THERE = "there"  # in the sequence already
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know, as a sentence, with its tone (core/templatetags/pages.py); `group` is what it counts under."""

    tone: str
    sentence: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What approving one contact would lead to. `crm_contact` is whom it would join."""

    fate: Fate
    findings: tuple[Finding, ...]
    crm_contact: CrmContact | None = None


GONE = Finding("off", "Deleted meanwhile: skipped.", "deleted meanwhile")
SKIPPED = {
    approval.ALREADY_APPROVED: Finding("off", "Approved already: skipped.", "approved already"),
    approval.NO_ADDRESS: Finding("bad", "No address is known: skipped. Add one first.", "no address"),
    approval.SUPPRESSED: Finding("bad", "On the suppression list: skipped.", "on the suppression list"),
}
REJECTED = Finding("info", "Rejected before: will be approved all the same.")
JOINS = Finding("info", "In the CRM already: joins that contact, with the addresses it lacks.")
THERE = Finding("info", "In this sequence already, now or before: not enrolled again.", "in this sequence already")
PLANNED = Finding("good", "Messages are planned.")


def outlook(
    contact_ids: Collection[UUID], sequence: Sequence, templates: Mapping[int, Template], user: User | None
) -> dict[UUID, Outlook]:
    """Return for each of the contacts what its approval would lead to; `templates` are chosen for steps by position.

    Contacts that are gone are left out. The same number of queries for each BATCH of contacts.
    """
    steps = list(sequences.current(sequence).steps.select_related("template", "version").order_by("position"))
    ids, found = list(contact_ids), dict[UUID, Outlook]()
    for start in range(0, len(ids), BATCH):
        rows = _read(ids[start : start + BATCH])
        found |= _Prospects(rows, sequence, _telling(steps, templates), user).outlooks()
    return found


def _telling(steps: Iterable[Step], templates: Mapping[int, Template]) -> list[tuple[Step, Template | None]]:
    """Return the first step of each channel: on one channel the gate says the same of all."""
    first: dict[str, tuple[Step, Template | None]] = {}
    for step in steps:
        first.setdefault(step.channel, (step, templates.get(step.position)))
    return list(first.values())


def _read(ids: Rows[UUID]) -> list[EnrichedContact]:
    emails = ContactEmail.objects.defer("score_breakdown", "name_permutations")
    rows = EnrichedContact.objects.filter(pk__in=ids).defer("activity", "linkedin_id").select_related("linked_brand")
    linked = ("linked_contact__brand", "linked_contact__addresses")
    return list(rows.order_by().prefetch_related(Prefetch("emails", emails), *linked))


class _Prospects:
    """Contacts that are to be approved, with what is known of them."""

    def __init__(
        self,
        rows: Rows[EnrichedContact],
        sequence: Sequence,
        steps: Rows[tuple[Step, Template | None]],
        user: User | None,
    ) -> None:
        self.rows, self.sequence, self.steps, self.user = rows, sequence, steps, user
        emails = [email for row in rows for email in row.emails.all()]
        self.listed = screening.look_up([email.email for email in emails])
        self.operators = outcomes.operators_of({email.domain for email in emails})
        self.addresses = {row.pk: approval.kept_addresses(row, self.listed) or [] for row in rows}
        self.known = self._known_people()
        joined = [person.pk for row in rows if (person := self._joined(row))]
        there = Enrolment.objects.filter(sequence=sequence, contact__in=joined).order_by()
        self.there = set(there.values_list("contact_id", flat=True))
        self.passing: set[str] = set()

    def outlooks(self) -> dict[UUID, Outlook]:
        found, messages = dict[UUID, Outlook](), dict[UUID, list[Message]]()
        for row in self.rows:
            joined = self._joined(row)
            if reason := approval.obstacle(row, self.listed):
                found[row.pk] = Outlook(Fate.SKIPPED, (SKIPPED[reason],), row.linked_contact)
            elif joined is not None and joined.pk in self.there:
                found[row.pk] = Outlook(Fate.THERE, (THERE, *self._notes(row)), joined)
            else:
                messages[row.pk] = self._messages(row, joined)
        together, now = [message for of_one in messages.values() for message in of_one], timezone.now()
        judging.judge(together, now)
        self.passing = _passing(together, now)
        for row in self.rows:
            if row.pk in messages:
                found[row.pk] = self._judged(row, messages[row.pk])
        return found

    def _judged(self, row: EnrichedContact, messages: Rows[Message]) -> Outlook:
        held = [message for message in messages if message.state == Message.State.HELD]
        findings = dict.fromkeys(
            _finding(message, reason)
            for message in held
            for reason in message.reasons
            if reason not in self.passing | _to_mind(message)
        )
        fate = Fate.HELD if held else Fate.PLANNED
        return Outlook(fate, (*(findings or [PLANNED]), *self._notes(row)), self._joined(row))

    def _notes(self, row: EnrichedContact) -> list[Finding]:
        """Return what else to know of a contact that will be approved."""
        notes = [REJECTED] if row.review_status == ReviewStatus.REJECTED else []
        best = self.addresses[row.pk][0]
        if best.verification_status != VerificationStatus.VERIFIED:
            notes.append(
                Finding("wait", f"The best address is not verified: {best.get_verification_status_display()}.")
            )
        if self._joined(row):
            notes.append(JOINS)
        return notes

    def _messages(self, row: EnrichedContact, joined: CrmContact | None) -> list[Message]:
        """Return the messages that tell how its enrolment would be judged; nothing of them is saved."""
        person = _new_person(row) if joined is None else joined if row.linked_contact else _filled(joined, row)
        address = next((one for one in joined.addresses.all() if one.is_primary), None) if joined else None
        enrolment = Enrolment(
            contact=person,
            sequence=self.sequence,
            address=address or self._new_address(row, person),
            mailbox=None,
            enrolled_by=self.user,
        )
        now = timezone.now()
        return [
            Message(enrolment=enrolment, step=step, template=template, mailbox=None, experiment=None, due_at=now)
            for step, template in self.steps
        ]

    def _new_address(self, row: EnrichedContact, person: CrmContact) -> ContactAddress:
        best = crm_facts.address_of(self.addresses[row.pk][0], self.operators)
        return ContactAddress(contact=person, email=best.email, origin=best.origin, probability=best.probability)

    def _joined(self, row: EnrichedContact) -> CrmContact | None:
        """Return whom of the CRM a contact would join, as crm/contacts.py finds them."""
        if row.linked_contact is not None:
            return row.linked_contact
        own = name_key(row.first_name, row.last_name)
        people = [
            person
            for email in self.addresses[row.pk]
            for person in self.known.get(email.email_index, [])
            if person.brand_id == row.linked_brand_id and person.name_key == own
        ]
        return min(people, key=lambda person: (person.created_at, person.pk), default=None)

    def _known_people(self) -> dict[str, list[CrmContact]]:
        """Return who in the CRM has one of the contacts' addresses, by its index."""
        indexes = [email.email_index for kept in self.addresses.values() for email in kept]
        pairs = list(ContactAddress.objects.filter(email_index__in=indexes).values_list("email_index", "contact_id"))
        people = CrmContact.objects.filter(pk__in={pk for _, pk in pairs}).select_related("brand")
        by_id = {person.pk: person for person in people.prefetch_related("addresses")}
        known: dict[str, list[CrmContact]] = {}
        for index, pk in pairs:
            known.setdefault(index, []).append(by_id[pk])
        return known


def _new_person(row: EnrichedContact) -> CrmContact:
    facts: dict[str, Any] = {name: getattr(crm_facts.facts_of(row), name) for name in _FACTS}
    brand = row.linked_brand or Brand(name=row.company or "")
    return CrmContact(brand=brand, **facts)


def _filled(person: CrmContact, row: EnrichedContact) -> CrmContact:
    """Give somebody of the CRM, here only, the facts that approval would fill in."""
    blank, new = CrmContact(), _new_person(row)
    for name in _FACTS:
        if getattr(person, name) in (None, "", [], getattr(blank, name)):
            setattr(person, name, getattr(new, name))
    return person


_FACTS = (
    *("first_name", "last_name", "job_title", "seniority", "department"),
    *("linkedin_url", "region_code", "lawful_basis", "evidence"),
)


def _passing(messages: Rows[Message], now: datetime) -> set[str]:
    """Return what is in the sender's way, which holds nobody's messages; it is the same for all of a sequence."""
    for message in messages:
        if message.step.channel != Channel.LINKEDIN:
            facts = gate.facts_for(message, now=now)
            return {found[1] for rule in gate.PASSING if (found := rule(facts))}
    return set()


def _to_mind(message: Message) -> set[str]:
    """Return what the country's rules only ask to mind, where they allow the message; empty where they do not."""
    linkedin = message.step.channel == Channel.LINKEDIN
    answer = regions.decide(
        message.receipt["region"],
        origin=ContactAddress.Origin.PUBLISHED if linkedin else message.receipt["origin"],
        relevant=regions.concerns_role(message.enrolment.contact.seniority),
        automated=message.step.channel == Channel.EMAIL,
        direct=linkedin,
    )
    return set(answer.reasons) if answer.action == regions.Action.ALLOW else set()


def _finding(message: Message, reason: str) -> Finding:
    """Return why a message is held; whatever the chances, all that are too low count under one."""
    chance, least = message.receipt["probability"], settings.OUTREACH_MIN_PROBABILITY
    low = chance is not None and chance < least and f"{chance * 100:.4g}%" in reason
    blocked = message.receipt["action"] == regions.Action.BLOCK and not (low and chance >= gate.HOPELESS)
    return Finding("bad" if blocked else "wait", reason, f"chance below {least:.0%}" if low else reason)
