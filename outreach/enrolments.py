"""Who is in a sequence: enrolling, pausing, resuming and stopping. Nothing is sent from here.

Everything that is done to an enrolment can be reached from this module: its dates are the matter of planning.py, what
may go that of judging.py, how it reads that of plan_reading.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Rows
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm import contacts, history
from crm.models import Contact, ContactAddress
from crm.suppression import suppressed

from . import audited, mailboxes, region_counts, sequences
from .hours import hours_of, region_of
from .judging import cancel, judge, rejudge, release
from .models import Enrolment, Message, Sequence, Task
from .plan_reading import Planned, plan
from .planning import NONE_CHOSEN, catch_up, due_messages, finish, finish_where, new_messages, postpone, replan
from .task_dates import prolong

__all__ = [
    "NoSequence",
    "Planned",
    "cancel",
    "due_messages",
    "enrol",
    "finish",
    "finish_where",
    "hold",
    "pause",
    "pause_sequence",
    "plan",
    "postpone",
    "rejudge",
    "release",
    "replan",
    "resume",
    "resume_sequence",
    "stop",
    "stop_suppressed",
    "stop_these",
    "stop_where",
]

NO_SEQUENCE = "No sequence is active. Open Outreach, Sequences, and switch one on."
NOT_THEIRS = "The address belongs to somebody else: choose one of the contact's own."

STOPPED_BY_SUPPRESSION = "suppressed"
BATCH = 1000

State = Enrolment.State
_T = TypeVar("_T")


class NoSequence(ValueError):
    """There is no active sequence to enrol in; the message says what to do."""


@transaction.atomic
def enrol(
    contact: Contact,
    *,
    user: User | None,
    sequence: Sequence | None = None,
    address: ContactAddress | None = None,
    again: bool = False,
    templates: Mapping[int, UUID] = NONE_CHOSEN,
) -> Enrolment:
    """Enrol a contact in a sequence (the oldest active one), to be written to at an address (the primary one).

    Its messages are planned and judged; those of steps in `templates`, by their positions, are written from these
    (choosing.py). Once only: an earlier enrolment of the contact in that sequence is returned
    as it is, whatever its state; with `again` only one that is not over. Raises NoSequence, and ValueError for the
    address of somebody else.
    """
    if sequence is None:
        sequence = Sequence.objects.filter(active=True).order_by("created_at", "id").first()
    if sequence is None:
        raise NoSequence(NO_SEQUENCE)
    contact = Contact.objects.select_related("brand").select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
    earlier = Enrolment.objects.filter(contact=contact, sequence=sequence)
    if again:
        earlier = earlier.filter(state__in=Enrolment.OPEN)
    if found := earlier.first():
        return found
    if address is None:
        address = contact.addresses.filter(is_primary=True).first()
    elif address.contact_id != contact.pk:
        raise ValueError(NOT_THEIRS)
    return _enrol(contact, sequence, address, user, templates)


def _enrol(
    contact: Contact,
    sequence: Sequence,
    address: ContactAddress | None,
    user: User | None,
    templates: Mapping[int, UUID],
) -> Enrolment:
    enrolment = Enrolment(contact=contact, sequence=sequence, address=address, enrolled_by=user)
    enrolment.version = sequences.hold_version(sequence)
    enrolment.mailbox = mailboxes.for_enrolment(enrolment)
    enrolment.zone = hours_of(region_of(contact)).zone.key
    enrolment.save()
    now = timezone.now()
    messages = new_messages(enrolment, now, templates)
    region_counts.add(judge(messages, now))
    Message.objects.bulk_create(messages)
    history.record(contact, "enrolled", f"Enrolled in the sequence “{sequence.name}”.", user)
    audited.of_enrolments("enrolment.made", [enrolment], user, sequence=sequence.pk)
    return enrolment


def stop(contact_ids: Iterable[UUID], reason: str, user: User | None = None) -> int:
    """Stop the open enrolments of these contacts, as `stop_where` does; return how many stopped."""
    return sum(_stop(Q(contact_id__in=batch), reason, user) for batch in _batches(contact_ids))


def stop_these(enrolment_ids: Iterable[UUID], reason: str, user: User | None = None) -> int:
    """Stop these enrolments, where they are open, as `stop_where` does; return how many stopped."""
    return sum(_stop(Q(id__in=batch), reason, user) for batch in _batches(enrolment_ids))


def stop_where(which: Q, reason: str, user: User | None = None) -> int:
    """Stop the open enrolments of `which`, cancel what waits and close their tasks; return how many stopped.

    `which` chooses among enrolments: of a person (`contact_id`), a company (`contact__brand_id`), a sequence. `reason`
    is a word or two, kept with the enrolment; beyond 40 characters it is cut. `user` is who stops them by hand.
    """
    found = Enrolment.objects.filter(which, state__in=Enrolment.OPEN).values_list("id", flat=True)
    return stop_these(list(found), reason, user)


@transaction.atomic
def _stop(which: Q, reason: str, user: User | None) -> int:
    rows, now = _locked(which, *Enrolment.OPEN), timezone.now()
    ids = [row.pk for row in rows]
    waiting = Message.objects.filter(enrolment_id__in=ids, state__in=Message.WAITING)
    waiting.update(state=Message.State.CANCELLED, updated_at=now)
    tasks = Task.objects.filter(message__enrolment_id__in=ids, state=Task.State.OPEN)
    tasks.update(state=Task.State.SKIPPED, closed_at=now)
    _set(ids, state=State.STOPPED, stop_reason=reason[:40], pause_reason="")
    _note(rows, "stopped", f"Outreach stopped: {reason}.", user)
    audited.of_enrolments("enrolment.stopped", rows, user, reason=reason[:40])
    return len(rows)


def stop_suppressed() -> int:
    """Stop every open enrolment that would write to a suppressed address; return how many.

    Such is the address it was made for, and the contact's primary address should that be another one by now.
    """
    still_open = Q(contact__enrolments__state__in=Enrolment.OPEN)
    written_to = Q(is_primary=True) | Q(enrolments__state__in=Enrolment.OPEN)
    rows = ContactAddress.objects.filter(still_open, written_to).order_by().distinct()
    hit: set[UUID] = set()
    for batch in _batches(rows.values_list("contact_id", "email").iterator(BATCH)):
        listed = suppressed([email for _, email in batch])
        hit.update(contact_id for contact_id, email in batch if email in listed)
    return stop(hit, STOPPED_BY_SUPPRESSION)


def pause(which: Q, reason: str, user: User | None = None) -> int:
    """Let nothing of the active enrolments of `which` (see `stop_where`) go out until they are resumed.

    `reason` is a sentence; beyond 100 characters it is cut. `user` is who pauses them by hand. Returns how many were.
    """
    found = Enrolment.objects.filter(which, state=State.ACTIVE).values_list("id", flat=True)
    return sum(_pause(batch, reason, user) for batch in _batches(found))


@transaction.atomic
def _pause(ids: Rows[UUID], reason: str, user: User | None) -> int:
    rows = _locked(Q(pk__in=ids), State.ACTIVE)
    _set([row.pk for row in rows], state=State.PAUSED, pause_reason=reason[:100])
    _note(rows, "paused", f"Outreach paused: {reason.rstrip('.')}.", user)
    audited.of_enrolments("enrolment.paused", rows, user, reason=reason[:100])
    return len(rows)


def resume(which: Q, user: User | None = None) -> int:
    """Let the paused enrolments of `which` go on; what is overdue gets new dates from now on. Returns how many."""
    found = Enrolment.objects.filter(which, state=State.PAUSED).values_list("id", flat=True)
    return sum(_resume(batch, user) for batch in _batches(found))


@transaction.atomic
def _resume(ids: Rows[UUID], user: User | None) -> int:
    rows = _locked(Q(pk__in=ids), State.PAUSED)
    ids, now = [row.pk for row in rows], timezone.now()
    catch_up(ids, now)
    prolong(ids, now)
    _set(ids, state=State.ACTIVE, pause_reason="")
    _note(rows, "resumed", "Outreach goes on.", user)
    audited.of_enrolments("enrolment.resumed", rows, user)
    return len(rows)


def pause_sequence(sequence: Sequence, user: User | None = None) -> None:
    """Let nothing of a sequence go out until it is resumed. Its enrolments stay active."""
    _set_paused(sequence, True, user)


def resume_sequence(sequence: Sequence, user: User | None = None) -> int:
    """Let a sequence go on; what is overdue gets new dates from now on. Returns how many messages got one."""
    ids = list(sequence.enrolments.filter(state=State.ACTIVE).values_list("id", flat=True))
    moved = 0
    for batch in _batches(ids):
        with transaction.atomic():
            active, now = [row.pk for row in _locked(Q(pk__in=batch), State.ACTIVE)], timezone.now()
            moved += catch_up(active, now)
            prolong(active, now)
    _set_paused(sequence, False, user)  # last: nothing goes at its old date
    return moved


@transaction.atomic
def _set_paused(sequence: Sequence, paused: bool, user: User | None) -> None:
    before, sequence.paused = {"paused": sequence.paused}, paused
    sequence.save(update_fields=["paused", "updated_at"])
    audited.changed(sequence, "sequence", before, user)


def hold(which: Q) -> None:
    """Let nobody else change the open enrolments of `which` until the transaction ends.

    For whoever changes some of them and then others: all take them in the order of their ids.
    """
    _locked(which, *Enrolment.OPEN)


def _locked(which: Q, *states: str) -> list[Enrolment]:
    """Return the enrolments of `which` in one of these states, locked in the order of their ids. In a transaction.

    Their contacts are held first: they are in the order of locks before them.
    """
    contacts.hold(Enrolment.objects.filter(which, state__in=states).order_by().values_list("contact_id", flat=True))
    rows = Enrolment.objects.select_for_update(no_key=True, of=("self",)).filter(which, state__in=states)
    return list(rows.only("pk", "contact_id").order_by("pk"))


def _set(ids: Rows[UUID], **values: Any) -> None:
    Enrolment.objects.filter(pk__in=ids).update(**values, updated_at=timezone.now())


def _note(rows: Iterable[Enrolment], kind: str, sentence: str, user: User | None) -> None:
    """Write the same into the history of each enrolment's contact, once a contact."""
    people = {row.contact_id: Contact(pk=row.contact_id) for row in rows}
    history.record_many(people.values(), kind, sentence, user)


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
