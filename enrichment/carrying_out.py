"""What a decision does to the contacts of one part of it, and what came of each. batches.py saves the items."""

from collections.abc import Callable, Sequence
from uuid import UUID

from core import audit
from core.refusals import InputError
from enrichment import approval, editing, store
from enrichment.models import BatchKind, EnrichedContact, Outcome, ReviewBatch, ReviewItem, ReviewStatus
from outreach import choosing
from outreach.enrolments import NoSequence

# What came of a contact, beside the reasons of approval.SKIP_REASONS.
ALREADY_REJECTED, IN_SEQUENCE = "already_rejected", "in_sequence"


def _approve(batch: ReviewBatch, items: Sequence[ReviewItem]) -> None:
    if batch.sequence is None:
        raise NoSequence(choosing.SWITCHED_OFF)
    templates = {int(position): UUID(pk) for position, pk in batch.templates.items()}
    ids = [str(item.contact_id) for item in items if item.contact_id]
    result = approval.approve(ids, user=batch.user, sequence=batch.sequence, templates=templates)
    approved = {one.contact_id: one for one in result.approved}
    skipped = {skip.contact_id: skip.reason for skip in result.skipped}
    for item in items:
        one = approved.get(str(item.contact_id))
        if one is None:
            item.outcome, item.reason = Outcome.SKIPPED, skipped.get(str(item.contact_id), approval.NOT_FOUND)
            continue
        item.outcome, item.before = Outcome.DONE, one.before
        item.crm_contact_id = UUID(one.crm_contact_id)
        if one.before["enrolled"]:
            item.enrolment_id = UUID(one.enrolment_id)
        else:
            item.reason = IN_SEQUENCE


def _reject(batch: ReviewBatch, items: Sequence[ReviewItem]) -> None:
    held = EnrichedContact.objects.select_for_update().filter(pk__in=[item.contact_id for item in items])
    rows = {row.pk: row for row in held.order_by("pk").only("review_status", "reviewed_at", "reviewed_by_id")}
    done = []
    for item in items:
        row = rows.get(item.contact_id) if item.contact_id else None
        if row is None or row.review_status == ReviewStatus.REJECTED:
            item.outcome, item.reason = Outcome.SKIPPED, ALREADY_REJECTED if row else approval.NOT_FOUND
            continue
        try:
            rejected, act = editing.rejected(row.pk, batch.reason, batch.user)
        except InputError:  # what can be wrong with a reason was seen to before
            item.outcome, item.reason = Outcome.SKIPPED, approval.ALREADY_APPROVED
            continue
        item.outcome = Outcome.DONE
        done += [act] if act else []
        item.before = {
            "status": row.review_status,
            "reviewed_at": row.reviewed_at.isoformat() if row.reviewed_at else None,
            "reviewed_by": row.reviewed_by_id,
            "at": rejected.reviewed_at.isoformat() if rejected.reviewed_at else None,
        }
    audit.record_many(done, actor=batch.user)


def _delete(batch: ReviewBatch, items: Sequence[ReviewItem]) -> None:
    deleted = store.delete_many(sorted((item.contact_id for item in items if item.contact_id), key=str), batch.user)
    for item in items:
        if item.contact_id in deleted:
            item.outcome = Outcome.DONE
        else:
            item.outcome, item.reason = Outcome.SKIPPED, approval.NOT_FOUND


DO: dict[BatchKind, Callable[[ReviewBatch, Sequence[ReviewItem]], None]] = {
    BatchKind.APPROVE: _approve,
    BatchKind.REJECT: _reject,
    BatchKind.DELETE: _delete,
}
