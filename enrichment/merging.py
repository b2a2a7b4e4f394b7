"""Two found contacts who are one person made one, and two again when that was a mistake.

Addresses, notes, jobs and decisions of the contact that goes are moved to the one that is kept; its CRM contact is not
touched. A ContactMerge keeps, encrypted, all that undoing it takes, until it is undone or the contact is deleted.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import audit
from core.refusals import InputError
from crm import merge_rows
from crm.merging import GONE, KEPT
from crm.models import Brand
from enrichment import changes, merged_fields, store
from enrichment.models import (
    ContactEmail,
    ContactMerge,
    EnrichedContact,
    EnrichmentJob,
    JobContact,
    VerificationMethod,
    acting,
)

NOT_THERE = "One of the two contacts is not there any more: perhaps somebody has merged them already."
TWO_IN_CRM = "They are linked to two contacts of the CRM: merge those first, then these can be merged."

# What proves an address, the best first: somebody's word, a mail server's or provider's, the company's own page.
_PROOFS = (
    {VerificationMethod.MANUAL},
    {VerificationMethod.SMTP_PING, VerificationMethod.API},
    {VerificationMethod.PUBLISHED},
)


@transaction.atomic
def merge(kept: EnrichedContact, gone: EnrichedContact, choices: Mapping[str, str], user: User | None) -> ContactMerge:
    """Make two contacts one, and return what undoes it.

    `choices` says for the fields of merged_fields.py whose value counts, "kept" or "gone"; without a word it is the
    kept contact's. A value that is blank is filled from the other. The brand is the kept contact's. Of the review the
    stronger status counts, of the moments of discovery the earlier one, from which the time to purge is counted.
    Raises InputError or ValueError with a sentence, and changes nothing.
    """
    _check(kept, gone, choices)
    rows = _locked([kept.pk, gone.pk])
    if len(rows) < 2:
        raise InputError("not_found", NOT_THERE)
    kept, gone = rows[kept.pk], rows[gone.pk]
    watch = changes.Watch([kept])
    if merged_fields.both_in_crm(kept, gone):
        raise InputError("linked_to_two", TWO_IN_CRM)
    snapshot: dict[str, Any] = {"gone": merge_rows.dump(gone), "fields": merged_fields.take(kept, gone, choices)}
    snapshot["dropped"] = [*_drop_twins(kept, gone), *_drop_shared_jobs(kept, gone)]
    snapshot["moved"] = merge_rows.move(gone, kept)
    gone_id = gone.pk
    gone.delete()
    kept.record(f"Merged with another contact by {acting(user)}")  # no name: that contact may be erased one day
    kept.save(update_fields=["activity", "updated_at"])
    store.note_best([kept])
    merged = changes.act("contact.merged", kept, gone=gone_id)
    audit.record_many([merged, *watch.acts([kept], merged=gone_id)], actor=user)
    return ContactMerge.objects.create(kept=kept, gone_id=gone_id, snapshot=snapshot, merged_by=user)


@transaction.atomic
def undo(merge: ContactMerge, user: User | None) -> EnrichedContact:
    """Make two contacts of one again, and return the one that was gone.

    What was moved goes back as far as it is there; what came since stays. Fields of the kept contact get their old
    values unless somebody changed them since. Raises InputError or ValueError with a sentence, and changes nothing.
    """
    kept, row = _locked_merge(merge.pk)
    snapshot, watch = row.snapshot, changes.Watch([kept])
    gone: EnrichedContact = merge_rows.restore(EnrichedContact, snapshot["gone"])
    merge_rows.move_back(snapshot["moved"], kept, gone)
    for entry in snapshot["dropped"]:
        _bring_back(entry["model"], entry["row"])
    merged_fields.restore(kept, gone, snapshot["fields"])
    for contact in (kept, gone):
        contact.record(f"The merge was undone by {acting(user)}")
        contact.save(update_fields=["activity", "updated_at"])
    store.note_best([kept, gone])
    row.undone_at, row.undone_by = timezone.now(), user
    row.snapshot = {}  # of a person who is a contact of their own again, and may be erased without the other
    row.save(update_fields=["undone_at", "undone_by", "snapshot"])
    undone = changes.act("contact.merge_undone", kept, gone=gone.pk)
    audit.record_many([undone, *watch.acts([kept], merge_undone=gone.pk)], actor=user)
    return gone


def _check(kept: EnrichedContact, gone: EnrichedContact, choices: Mapping[str, str]) -> None:
    if kept.pk == gone.pk:
        raise InputError("invalid_input", "A contact cannot be merged with itself: choose two.")
    for name, side in choices.items():
        if name not in merged_fields.FIELDS:
            raise InputError(
                "invalid_input", f"“{name}” cannot be chosen: what can be is {', '.join(merged_fields.FIELDS)}."
            )
        if side not in (KEPT, GONE):
            raise InputError("invalid_input", f"“{side}” is no choice for {name}: write {KEPT} or {GONE}.")


def _locked(keys: Collection[uuid.UUID], brand: str | None = None) -> dict[uuid.UUID, EnrichedContact]:
    """Return the contacts under their locks, with their addresses; before them their brands, and `brand`, are locked.

    What points to a contact, such as an item of a decision, is locked after it, as by everybody (batches.py).
    """
    chosen = EnrichedContact.objects.filter(pk__in=keys)
    brands = {*chosen.values_list("linked_brand", flat=True), brand} - {None}
    list(Brand.objects.select_for_update(no_key=True).filter(pk__in=brands).order_by("pk"))
    return {row.pk: row for row in chosen.select_for_update().order_by("pk").prefetch_related("emails")}


def _locked_merge(key: uuid.UUID) -> tuple[EnrichedContact, ContactMerge]:
    """Return the kept contact and the merge, both locked. Raises InputError where it cannot be undone."""
    found = ContactMerge.objects.filter(pk=key).first()
    rows = _locked([found.kept_id], found.snapshot.get("gone", {}).get("linked_brand_id")) if found else {}
    row = ContactMerge.objects.select_for_update(of=("self",)).filter(pk=key, kept__in=rows).first()
    if row is None:
        raise InputError("not_found", "The contact was merged again or deleted meanwhile: look at it once more.")
    if row.undone_at is not None:
        raise InputError("already_undone", "This merge was undone already.")
    if ContactMerge.objects.filter(kept=row.kept_id, undone_at=None, created_at__gt=row.created_at).exists():
        raise InputError("merged_again", "The contact was merged again since: undo the later merge first.")
    return rows[row.kept_id], row


def _drop_twins(kept: EnrichedContact, gone: EnrichedContact) -> list[dict[str, Any]]:
    """Delete one row of each address that both have, and return it: the one with less proof."""
    mine = {row.email_index: row for row in kept.emails.all()}
    dropped = []
    for theirs in gone.emails.all():
        own = mine.get(theirs.email_index)
        if own is not None:
            dropped.append(_dropped(own if _proof(theirs) > _proof(own) else theirs))
    return dropped


def _proof(row: ContactEmail) -> tuple[int, float, int]:
    """Return how well an address is known: by which proof, when it was looked at last, and its score."""
    rank = next((len(_PROOFS) - place for place, proofs in enumerate(_PROOFS) if row.verification_method in proofs), 0)
    checked = row.last_checked_at.timestamp() if row.last_checked_at else 0.0
    return rank, checked, row.verification_score


def _drop_shared_jobs(kept: EnrichedContact, gone: EnrichedContact) -> list[dict[str, Any]]:
    """Of the jobs that found both, delete that they found the one that goes."""
    shared = set(JobContact.objects.filter(contact=kept).values_list("job", flat=True))
    return [_dropped(row) for row in JobContact.objects.filter(contact=gone, job__in=shared)]


def _dropped(row: ContactEmail | JobContact) -> dict[str, Any]:
    columns = merge_rows.dump(row)
    row.delete()
    return {"model": row._meta.model_name, "row": columns}


def _bring_back(model: str, columns: dict[str, Any]) -> None:
    """Insert a row that was dropped, unless its job is gone or its contact has the same address anew."""
    if model == JobContact._meta.model_name:
        if EnrichmentJob.objects.filter(pk=columns["job_id"]).exists():
            merge_rows.restore(JobContact, columns)
        return
    twin = {name: columns[name] for name in ("enriched_contact_id", "email_index")}
    if not ContactEmail.objects.filter(**twin).exists():
        merge_rows.restore(ContactEmail, columns)
