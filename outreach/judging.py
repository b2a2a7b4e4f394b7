"""Which of the waiting messages may go: planned, or held with the reasons why not. A person releases or cancels one.

The gate decides (gate.py). What is the sender's matter, such as a full day, a pause or a missing postal address, holds
nothing here: it is looked at again when the message is sent.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from crm import history
from crm.regions import Action

from . import gate, mailboxes, planning, region_counts, texts
from .models import Channel, Enrolment, Message, Task

State = Message.State
NO_PROFILE = "No LinkedIn profile of the contact is known: the task has a link to search for it."
BATCH = 200  # enrolments in one transaction

_VERDICT = ["state", "reasons", "receipt"]


def judge(messages: Sequence[Message], now: datetime) -> region_counts.Met:
    """Set the state, the reasons and the receipt of waiting messages, without saving.

    Allowed ones are planned, with what to mind as their reasons; the others, and those whose text cannot be written,
    are held. Return whose country's rules stood in the way, to be counted by whoever saves (region_counts.add). The
    same number of queries for any number of messages.
    """
    facts = gate.facts_for_many(messages, now=now)
    default = mailboxes.default()
    known: dict[UUID, Mapping[str, str]] = {}
    met: region_counts.Met = Counter()
    for message in messages:
        enrolment = message.enrolment
        if enrolment.pk not in known:
            mailbox = mailboxes.chosen(enrolment) or default
            known[enrolment.pk] = texts.values(enrolment.contact, enrolment.enrolled_by, mailbox)
        met += _judge(message, facts[message.pk], known[enrolment.pk], now)
    return met


def _judge(message: Message, facts: gate.Facts, known: Mapping[str, str], now: datetime) -> region_counts.Met:
    well = facts.sender and replace(facts.sender, paused=False, problems=(), used=0, cap=1)
    decision = gate.judge(replace(facts, sender=well))
    minded, obstacles = list(decision.reasons), list[str]()
    if message.step.channel == Channel.LINKEDIN and not message.enrolment.contact.linkedin_url:
        minded.append(NO_PROFILE)
    if decision.action != Action.ALLOW and not decision.temporary:
        obstacles = list(decision.reasons)
    if problem := texts.write_message(message, known).problem:
        obstacles.append(problem)
    message.state = State.HELD if obstacles else State.PLANNED
    message.reasons = obstacles or minded
    return region_counts.receive(message, facts, decision, now)


def rejudge(which: Q = planning.ALL) -> int:
    """Judge the waiting messages of open enrolments anew, since facts change; return how many changed their state.

    `which` chooses among messages. One that a person is busy with (an open task) is left alone. What becomes planned
    after its date gets one from now on.
    """
    waiting = Message.objects.filter(
        which, state__in=Message.WAITING, enrolment__state__in=Enrolment.OPEN, task__isnull=True
    )
    ids = list(waiting.order_by("enrolment_id").values_list("enrolment_id", flat=True).distinct())
    return sum(_rejudge(ids[start : start + BATCH], which) for start in range(0, len(ids), BATCH))


def rejudge_contacts(contact_ids: Sequence[UUID]) -> int:
    """Judge anew what waits for these contacts, as `rejudge` does: where they work was corrected."""
    return rejudge(Q(enrolment__contact__in=contact_ids))


@transaction.atomic
def _rejudge(enrolment_ids: Sequence[UUID], which: Q) -> int:
    now = timezone.now()
    _lock(enrolment_ids)
    rows = list(with_all(Q(enrolment_id__in=enrolment_ids, state__in=Message.WAITING, task__isnull=True)))
    chosen = set(Message.objects.filter(which, pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    judged = [row for row in rows if row.pk in chosen]
    before = {row.pk: (row.state, row.reasons, region_counts.is_counted(row)) for row in judged}
    region_counts.add(judge(judged, now))
    changed = [row for row in judged if _differs(row, *before[row.pk])]
    for row in changed:
        row.updated_at = now
    if changed:
        Message.objects.bulk_update(changed, [*_VERDICT, "updated_at"], batch_size=BATCH)
    freed = {row.enrolment_id for row in changed if row.state == State.PLANNED and before[row.pk][0] == State.HELD}
    for enrolment_id, group in groupby(rows, key=lambda row: row.enrolment_id):
        if enrolment_id in freed:
            planning.save_dates(planning.caught_up(list(group), now))
    return sum(row.state != before[row.pk][0] for row in changed)


def _differs(row: Message, state: str, reasons: Sequence[str], counted: bool) -> bool:
    """Return whether a message is to be written: its state is another, or it is held for other reasons now.

    Those of a planned one may be the sending's. One that is counted (region_counts.py) has to say so.
    """
    if row.state != state or region_counts.is_counted(row) != counted:
        return True
    return row.state == State.HELD and row.reasons != reasons


def release(message: Message, user: User | None) -> Message:
    """Let a held message go on a person's word: when it is due, or when the hours are open next after now.

    Raises ValueError, in sentences, when it is not held, when nobody may release it (a block), and when it lacks
    what no word replaces, such as a text or a sender; nothing changes then.
    """
    now = timezone.now()
    with transaction.atomic():
        row = _one(message)
        if row.state != State.HELD:
            raise ValueError(f"Only a held message can be released; this one is: {row.get_state_display().lower()}.")
        row.released_by, row.released_at = user, now
        judge([row], now)
        if row.state == State.HELD:
            raise ValueError(" ".join(row.reasons))
        row.save(update_fields=[*_VERDICT, "released_by", "released_at", "updated_at"])
        planning.move_to_opening(row, now)
        history.record(row.enrolment.contact, "released", f"Step {row.step.position} was released.", user)
        _audit("message.released", row, user)
    return row


def cancel(message: Message, user: User | None) -> Message:
    """Leave a waiting message out, and its task; what follows is planned by the delays from the last one that went.

    Raises ValueError when the message does not wait any more.
    """
    now = timezone.now()
    with transaction.atomic():
        row = _one(message)
        if row.state not in Message.WAITING:
            raise ValueError(f"The message cannot be cancelled any more; it is: {row.get_state_display().lower()}.")
        row.state = State.CANCELLED
        row.save(update_fields=["state", "updated_at"])
        Task.objects.filter(message=row, state=Task.State.OPEN).update(
            state=Task.State.SKIPPED, closed_at=now, closed_by=user
        )
        _audit("message.cancelled", row, user)
        leave_out(row, now)
    return row


def leave_out(message: Message, now: datetime) -> None:
    """Plan what follows a message that was cancelled, and finish its enrolment when nothing does.

    A step counts from the one before it, so the one that follows counts from the last that went out; without any, from
    now. Call in a transaction.
    """
    enrolment = message.enrolment
    sent = enrolment.messages.filter(sent_at__isnull=False).order_by("-sent_at").values_list("sent_at", flat=True)
    planning.replan(enrolment, sent.first() or now, after=message.step.position)
    planning.finish(enrolment)


def _audit(action: str, row: Message, user: User | None) -> None:
    about = audit.person(row.enrolment.contact)
    audit.record(action, of=row, subject=about, actor=user, step=row.step.position, reasons=row.reasons)


def _one(message: Message) -> Message:
    """Return a message of an open enrolment, both locked, read anew."""
    _lock([message.enrolment_id])
    row = with_all(Q(pk=message.pk)).first()
    if row is None:
        raise ValueError("The enrolment is over: enrol the contact again.")
    return row


def _lock(enrolment_ids: Iterable[UUID]) -> None:
    rows = Enrolment.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(enrolment_ids))
    list(rows.order_by("pk").values_list("pk", flat=True))


def with_all(which: Q) -> QuerySet[Message]:
    """Return messages of open enrolments with all that judging and writing them takes, in the order of their steps."""
    return (
        Message.objects.filter(which, enrolment__state__in=Enrolment.OPEN)
        .select_related(
            "step__template",
            "template",
            "experiment__variant",
            "enrolment__contact__brand",
            "enrolment__address",
            "enrolment__mailbox",
            "enrolment__sequence__mailbox",
            "enrolment__enrolled_by",
        )
        .defer(*planning.UNREAD)
        .order_by("enrolment_id", "step__position")
    )
