"""Who is in a sequence, and what is planned for them. Nothing is sent from here.

A message is planned only where the rules of the contact's region allow it (crm/regions.py); otherwise it is held,
and its reasons say in sentences why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone

from crm import regions
from crm.models import Contact, ContactAddress
from crm.suppression import suppressed

from . import texts
from .hours import hours_of
from .models import Channel, Enrolment, Message, Sequence, Step
from .schedule import due_dates

NO_SEQUENCE = "No sequence is active. Open Outreach, Sequences in the admin, and tick “active” on one."
NO_ADDRESS = "The contact has no primary address to write to."
SUPPRESSED = "The contact's address or its domain is on the suppression list: do not write."

STOPPED_BY_SUPPRESSION = "suppressed"
BATCH = 1000

_T = TypeVar("_T")


class NoSequence(ValueError):
    """There is no active sequence to enrol in; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A message as a reader sees it: `step` is its position from 1, `address` where an e-mail would go."""

    sequence: str
    step: int
    channel: str
    due_at: datetime
    state: str
    reasons: tuple[str, ...]
    address: str | None
    subject: str
    body: str


def enrol(contact: Contact, *, user: User | None, automated: bool = True) -> Enrolment:
    """Enrol a contact in the oldest active sequence, and plan its messages. Call in a transaction.

    Once only: an enrolment of the contact in that sequence, whatever its state, is returned as it is. `automated`
    says whether the e-mails will be sent without a person looking at each. Raises NoSequence.
    """
    sequence = Sequence.objects.filter(active=True).order_by("created_at", "id").first()
    if sequence is None:
        raise NoSequence(NO_SEQUENCE)
    contact = Contact.objects.select_related("brand").select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
    earlier = Enrolment.objects.filter(contact=contact, sequence=sequence).first()
    if earlier is not None:
        return earlier
    address = contact.addresses.filter(is_primary=True).first()
    enrolment = Enrolment.objects.create(
        contact=contact,
        sequence=sequence,
        version=sequence.versions.latest("number"),
        address=address,
        enrolled_by=user,
    )
    Message.objects.bulk_create(_messages(enrolment, automated))
    return enrolment


def stop(contact_ids: Iterable[UUID], reason: str) -> int:
    """Stop the active enrolments of these contacts and cancel what is planned or held; return how many stopped.

    `reason` is a word or two (at most 40 characters), kept with the enrolment.
    """
    return sum(_stop(Q(contact_id__in=batch), reason) for batch in _batches(contact_ids))


def stop_these(enrolment_ids: Iterable[UUID], reason: str) -> int:
    """Stop these enrolments, where they are active, as `stop` does."""
    return sum(_stop(Q(id__in=batch), reason) for batch in _batches(enrolment_ids))


@transaction.atomic
def _stop(which: Q, reason: str) -> int:
    active = Enrolment.objects.select_for_update().filter(which, state=Enrolment.State.ACTIVE).order_by("id")
    ids, now = list(active.values_list("id", flat=True)), timezone.now()
    open_messages = Message.objects.filter(enrolment_id__in=ids, state__in=[Message.State.PLANNED, Message.State.HELD])
    open_messages.update(state=Message.State.CANCELLED, updated_at=now)
    stopped = {"state": Enrolment.State.STOPPED, "stop_reason": reason, "updated_at": now}
    return Enrolment.objects.filter(id__in=ids).update(**stopped)


def stop_suppressed() -> int:
    """Stop every active enrolment that would write to a suppressed address; return how many.

    Such is the address it was made for, and the contact's primary address should that be another one by now.
    """
    active = Q(contact__enrolments__state=Enrolment.State.ACTIVE)
    written_to = Q(is_primary=True) | Q(enrolments__state=Enrolment.State.ACTIVE)
    rows = ContactAddress.objects.filter(active, written_to).order_by().distinct()
    hit: set[UUID] = set()
    for batch in _batches(rows.values_list("contact_id", "email").iterator(BATCH)):
        listed = suppressed([email for _, email in batch])
        hit.update(contact_id for contact_id, email in batch if email in listed)
    return stop(hit, STOPPED_BY_SUPPRESSION)


def plan(contact_ids: Iterable[UUID]) -> dict[UUID, list[Planned]]:
    """Return for each of these contacts its messages as they would read today, by enrolment and date.

    A text that cannot be written is empty, and its reasons say why. Two queries, whatever the number.
    """
    planned: dict[UUID, list[Planned]] = {contact_id: [] for contact_id in contact_ids}
    messages = Message.objects.select_related("step__template").order_by("due_at", "step__position")
    enrolments = (
        Enrolment.objects.filter(contact_id__in=planned.keys())
        .select_related("contact__brand", "sequence", "address", "enrolled_by")
        .prefetch_related(Prefetch("messages", messages))
        .order_by("created_at", "id")
    )
    for enrolment in enrolments:
        known = texts.values(enrolment.contact, enrolment.enrolled_by)
        planned[enrolment.contact_id] += [_planned(enrolment, message, known) for message in enrolment.messages.all()]
    return planned


def _planned(enrolment: Enrolment, message: Message, known: Mapping[str, str]) -> Planned:
    text = texts.write(message.step, known)
    address = enrolment.address if message.step.channel == Channel.EMAIL else None
    return Planned(
        sequence=enrolment.sequence.name,
        step=message.step.position,
        channel=message.step.channel,
        due_at=message.due_at,
        state=message.state,
        reasons=tuple(dict.fromkeys([*message.reasons, *filter(None, [text.problem])])),
        address=address.email if address else None,
        subject=text.subject,
        body=text.body,
    )


def _messages(enrolment: Enrolment, automated: bool) -> list[Message]:
    """Return a message for each step of the sequence, not saved yet."""
    steps = list(enrolment.version.steps.select_related("template").order_by("position"))
    hours = hours_of(enrolment.contact.region_code)
    dates = due_dates(timezone.now(), [step.delay_days for step in steps], hours, key=str(enrolment.pk))
    known = texts.values(enrolment.contact, enrolment.enrolled_by)
    listed = enrolment.address is not None and bool(suppressed([enrolment.address.email]))
    messages = []
    for step, due_at in zip(steps, dates, strict=True):
        obstacles = [SUPPRESSED] if listed else []
        may_write, reasons = _judge(enrolment, step, automated)
        if not may_write:
            obstacles += reasons
        if problem := texts.write(step, known).problem:
            obstacles.append(problem)
        state = Message.State.PLANNED if may_write and not obstacles else Message.State.HELD
        messages.append(
            Message(enrolment=enrolment, step=step, state=state, due_at=due_at, reasons=obstacles or reasons)
        )
    return messages


def _judge(enrolment: Enrolment, step: Step, automated: bool) -> tuple[bool, list[str]]:
    """Return whether the region's rules allow a step, and the reasons: why not, or what to mind."""
    contact, address, by_mail = enrolment.contact, enrolment.address, step.channel == Channel.EMAIL
    if by_mail and address is None:
        return False, [NO_ADDRESS]
    decision = regions.decide(
        contact.region_code,
        # A message on LinkedIn goes to a profile that the person published, whatever we know of an address.
        origin=address.origin if by_mail and address else ContactAddress.Origin.PUBLISHED,
        relevant=regions.concerns_role(contact.seniority),
        automated=automated and by_mail,
    )
    return decision.action == regions.Action.ALLOW, list(decision.reasons)


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
