"""Decisions about one or many found contacts: written down, confirmed, carried out, and undone.

A batch freezes whom it is about. It is carried out in parts, each one transaction that remembers what came of each
contact: whoever takes it up again, after a crash or beside another, goes on where it stands.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from celery import current_app
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core import audit
from core.refusals import InputError
from enrichment import approval, carrying_out, editing, taking_back
from enrichment.intake import one_line
from enrichment.models import BatchKind, BatchState, EnrichedContact, Outcome, ReviewBatch, ReviewItem
from outreach import choosing
from outreach.enrolments import NoSequence
from outreach.models import Message
from outreach.planning import NONE_CHOSEN
from outreach.taking_back import begun

log = structlog.get_logger(__name__)

MOST = 2_000  # contacts of one decision
PART = approval.MAX_AT_ONCE  # contacts of one transaction; so many are done while the page waits
STUCK = timedelta(minutes=1)  # without progress, after which somebody else takes it up
DRAFTS_KEPT = timedelta(days=1)
TRIES = 3

SEQUENCE_OFF = "sequence_off"  # why a contact was skipped, beside those of carrying_out.py
DRAFT, RUNNING, DONE, UNDONE = BatchState.DRAFT, BatchState.RUNNING, BatchState.DONE, BatchState.UNDONE

NOBODY = "None of these contacts is there any more: choose again."
NO_ADDRESS_IN_REASON = "The reason must not hold an address, since it is kept in clear: write it without one."
UNREADABLE_REASON = "The reason has control or unassigned characters: remove them."
CHANGED = "The sequence or a text was changed or switched off meanwhile. Nothing was done: look at it once more."
FINAL = "A deletion cannot be undone: what was deleted is gone."
NOT_DONE = "Only a decision that is done can be undone, and only once."

_T = TypeVar("_T")


class NotPossible(ValueError):
    """A decision cannot be made, confirmed or undone; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Undone:
    """How many decisions were taken back, and how many were not, by the reason (taking_back.py)."""

    undone: int
    kept: Counter[str] = field(default_factory=Counter)


def make(
    kind: str, contact_ids: Iterable[UUID], user: User | None, *, filters: str | None = None, reason: str = ""
) -> ReviewBatch:
    """Write down a decision about these contacts, to be confirmed; of those that exist.

    `filters` is the query string by which all were chosen, `reason` that of a rejection. Raises NotPossible.
    """
    ids, reason = list(dict.fromkeys(contact_ids)), _clean_reason(reason)
    if len(ids) > MOST:
        raise NotPossible(f"One decision is about {MOST:,} contacts at most: choose fewer, by a filter.")
    with transaction.atomic():
        # Held, so that none is deleted before its item is written.
        held = EnrichedContact.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
        there = set(held.values_list("pk", flat=True))
        ids = [key for key in ids if key in there]
        if not ids:
            raise NotPossible(NOBODY)
        batch = ReviewBatch.objects.create(
            kind=BatchKind(kind), user=user, total=len(ids), filters=filters or None, reason=reason
        )
        items = [ReviewItem(batch=batch, position=position, contact_id=key) for position, key in enumerate(ids)]
        ReviewItem.objects.bulk_create(items, batch_size=500)
        audit.record("batch.made", of=batch, actor=user, kind=batch.kind, count=len(ids))
    return batch


def _clean_reason(text: str) -> str:
    try:
        reason = one_line(text)
    except InputError as error:
        raise NotPossible(UNREADABLE_REASON) from error
    if len(reason) > editing.MAX_REASON:
        raise NotPossible(f"The reason is longer than {editing.MAX_REASON} characters: shorten it.")
    if "@" in reason:
        raise NotPossible(NO_ADDRESS_IN_REASON)
    return reason


def confirm(
    batch_id: UUID, user: User | None, sequence_id: UUID | None = None, templates: Mapping[int, UUID] = NONE_CHOSEN
) -> ReviewBatch:
    """Carry a decision out: a small one at once, of a larger one a worker is told. Return it as it stands then.

    An approval enrols in the sequence, with `templates` instead of those of its steps, by their positions. One that is
    confirmed already is gone on with. Raises NotPossible, and the decision stays to be confirmed.
    """
    batch = ReviewBatch.objects.get(pk=batch_id)
    if batch.state == DRAFT:
        if batch.kind == BatchKind.APPROVE:
            _check_sequence(sequence_id, templates)
        _begin(batch, user, sequence_id, templates)
    batch.refresh_from_db()
    if batch.state == RUNNING and batch.total > PART:
        wake(batch_id)
    elif batch.state == RUNNING:
        run(batch_id)
        batch.refresh_from_db()
        if batch.state == DRAFT:
            raise NotPossible(CHANGED)
    return batch


@transaction.atomic
def _begin(batch: ReviewBatch, user: User | None, sequence_id: UUID | None, templates: Mapping[int, UUID]) -> None:
    begun_now = ReviewBatch.objects.filter(pk=batch.pk, state=DRAFT).update(
        state=RUNNING,
        user=user,
        sequence=sequence_id,
        templates={str(position): str(pk) for position, pk in templates.items()},
        confirmed_at=timezone.now(),
        finished_at=None,
    )
    if begun_now:  # by nobody else at this moment
        kind, count = batch.kind, batch.total
        audit.record("batch.confirmed", of=batch, actor=user, kind=kind, count=count, sequence=sequence_id)


def _check_sequence(sequence_id: UUID | None, templates: Mapping[int, UUID]) -> None:
    if sequence_id is None:
        raise NotPossible("Choose the sequence in which they are to be enrolled.")
    try:
        choosing.open_sequence(sequence_id, templates)
    except NoSequence as error:
        raise NotPossible(str(error)) from error


def run(batch_id: UUID) -> None:
    """Carry out what is left of a confirmed decision. Twice at once is harmless: each part is done by one."""
    while _again(partial(_part, batch_id)):
        pass


def wake(batch_id: UUID) -> bool:
    """Tell the workers of a decision to carry out; False when the broker does not answer: the sweep comes by."""
    try:
        current_app.send_task("enrichment.tasks.run_batch", [str(batch_id)])
    except (BrokerError, RedisError, OSError) as error:
        log.warning("decision not announced; the sweep will wake it", batch=str(batch_id), error=type(error).__name__)
        return False
    return True


def sweep() -> None:
    """Wake decisions that were left in the middle, each once in a while."""
    now = timezone.now()
    for key in list(_stuck(now).values_list("pk", flat=True)):
        if _stuck(now).filter(pk=key).update(finished_at=now):
            wake(key)


def is_stuck(batch: ReviewBatch) -> bool:
    """Return whether a decision that is being carried out has not moved for a while."""
    return _stuck(timezone.now()).filter(pk=batch.pk).exists()


def _stuck(now: datetime) -> QuerySet[ReviewBatch]:
    # While it runs, `finished_at` is when its last part was.
    rows = ReviewBatch.objects.filter(state=RUNNING).order_by("created_at")
    return rows.alias(moved=Coalesce("finished_at", "confirmed_at")).filter(moved__lt=now - STUCK)


@transaction.atomic
def _part(batch_id: UUID) -> bool:
    """Do the next part; return whether one is left. Nothing is done beside somebody who is at it."""
    batch = _held(batch_id, RUNNING, skip_locked=True)
    if batch is None:
        return False
    items = list(_items(batch, Outcome.WAITING).order_by("position")[: PART + 1])
    part, more = items[:PART], len(items) > PART
    try:
        with transaction.atomic():
            carrying_out.DO[BatchKind(batch.kind)](batch, part)
            for item in part:
                item.save(update_fields=["outcome", "reason", "crm_contact", "enrolment", "before"])
    except NoSequence:
        more = False
        if not batch.items.exclude(outcome=Outcome.WAITING).exists():
            ReviewBatch.objects.filter(pk=batch_id).update(state=DRAFT, confirmed_at=None)
            return False
        _items(batch, Outcome.WAITING).update(outcome=Outcome.SKIPPED, reason=SEQUENCE_OFF)
    batch.state, batch.finished_at = (RUNNING if more else DONE), timezone.now()
    batch.save(update_fields=["state", "finished_at"])
    return more


def undo(batch_id: UUID, user: User | None) -> Undone:
    """Take a decision back, as far as it can be; what cannot keeps its reason. Raises NotPossible."""
    batch = ReviewBatch.objects.get(pk=batch_id)
    if batch.kind == BatchKind.DELETE:
        raise NotPossible(FINAL)
    if batch.state != DONE:
        raise NotPossible(NOT_DONE)
    before, kept = batch.total, Counter[str]()
    # From the end: whom two contacts share goes with the first of them.
    while part := _again(partial(_undo_part, batch_id, before, user)):
        before = part.before
        kept += part.kept
    with transaction.atomic():
        held = _held(batch_id, DONE)
        undone = ReviewItem.objects.filter(batch=batch_id, outcome=Outcome.UNDONE).count()
        if held is not None and undone:
            held.state, held.undone_at = UNDONE, timezone.now()
            held.save(update_fields=["state", "undone_at"])
            audit.record("batch.undone", of=held, actor=user, kind=held.kind, undone=undone, kept=dict(kept))
    return Undone(undone, kept)


@dataclass(frozen=True, slots=True)
class _Part:
    before: int
    kept: Counter[str]


@transaction.atomic
def _undo_part(batch_id: UUID, before: int, user: User | None) -> _Part | None:
    batch = _held(batch_id, DONE)
    if batch is None:
        return None
    items = list(_items(batch, Outcome.DONE).filter(position__lt=before).order_by("-position")[:PART])
    if not items:
        return None
    take = taking_back.approvals if batch.kind == BatchKind.APPROVE else taking_back.rejections
    fates = take(items, user)
    for item in items:
        fate = fates[item.pk]
        item.outcome, item.reason = (Outcome.UNDONE if fate.undone else Outcome.DONE), fate.reason
        ReviewItem.objects.filter(pk=item.pk).update(outcome=item.outcome, reason=item.reason)
    return _Part(items[-1].position, Counter(fate.reason for fate in fates.values() if not fate.undone))


def undoable(now: datetime) -> QuerySet[ReviewItem]:
    """Return what can be undone at a moment: decisions on contacts that are there, of which outreach has not begun."""
    late = Message.objects.filter(begun(now), enrolment=OuterRef("enrolment")).order_by()
    rows = ReviewItem.objects.filter(batch__state=DONE, outcome=Outcome.DONE, contact__isnull=False)
    return rows.filter(~Exists(late)).exclude(batch__kind=BatchKind.DELETE).order_by()


def last_undoable(user: User) -> ReviewBatch | None:
    """Return the user's latest decision of which something can be undone."""
    some = undoable(timezone.now()).filter(batch=OuterRef("pk"))
    return ReviewBatch.objects.filter(Exists(some), user=user).order_by("-confirmed_at", "-id").first()


def discard(batch_id: UUID) -> bool:
    """Forget a decision that was not confirmed; False when it was, or is gone."""
    with transaction.atomic():
        discarded = bool(_forget(Q(pk=batch_id)))
        if discarded:
            audit.record("batch.discarded", of=(ReviewBatch._meta.label_lower, batch_id))
    return discarded


def purge(now: datetime) -> int:
    """Forget decisions that were not confirmed for DRAFTS_KEPT; return how many."""
    return _forget(Q(created_at__lt=now - DRAFTS_KEPT))


@transaction.atomic
def _forget(which: Q) -> int:
    rows = ReviewBatch.objects.select_for_update(of=("self",)).filter(which, state=DRAFT).order_by("pk")
    keys = list(rows.values_list("pk", flat=True))
    ReviewBatch.objects.filter(pk__in=keys).delete()
    return len(keys)


def _held(batch_id: UUID, state: str, *, skip_locked: bool = False) -> ReviewBatch | None:
    rows = ReviewBatch.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    return rows.filter(pk=batch_id, state=state).first()


def _items(batch: ReviewBatch, outcome: str) -> QuerySet[ReviewItem]:
    """Return items of a batch that is held. They are written after their contacts are locked, as deleting does."""
    return ReviewItem.objects.filter(batch=batch, outcome=outcome)


def _again(work: Callable[[], _T]) -> _T:
    """Return what `work` returns, tried again where it met somebody who deletes or merges the same contacts."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except OperationalError:  # a deadlock: the database ended one of the two
            continue
    return work()
