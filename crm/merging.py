"""Two contacts who are one person made one, and two again when that was a mistake.

Whatever points to the contact that goes is moved to the one that is kept, also what apps above have. A Merge keeps,
encrypted, all that undoing it takes. What an app above has to see to first stands in BEFORE.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import audit

from . import audited, contacts, history, merge_rows
from .models import Contact, ContactAddress, Merge

KEPT, GONE = "kept", "gone"
# What can be chosen. The brand is the kept contact's in any case, and evidence is of both.
FIELDS = (
    *("first_name", "last_name", "job_title", "seniority", "department", "linkedin_url"),
    *("relationship_status", "region_code", "lawful_basis", "owner"),
)
NOT_THERE = "One of the two contacts is not there any more: perhaps somebody has merged them already."

# Called with the kept contact and the one that goes, in the transaction, both locked, before anything is moved. An app
# above puts its own here when it starts, since this one cannot import it.
BEFORE: list[Callable[[Contact, Contact], None]] = []


@transaction.atomic
def merge(kept: Contact, gone: Contact, choices: Mapping[str, str], user: User | None) -> Merge:
    """Make two contacts one, and return what undoes it.

    `choices` says for FIELDS whose value counts, "kept" or "gone"; without a word it is the kept contact's. A value
    that is blank is filled from the other. Suppressed addresses come along, and stay suppressed. Raises ValueError
    with a sentence, and changes nothing: for contacts that cannot be merged and choices that do not exist.
    """
    _check(kept, gone, choices)
    kept, gone = _locked(kept.pk, gone.pk)
    for see_to_it in BEFORE:
        see_to_it(kept, gone)
    columns, name = merge_rows.dump(gone), str(gone)
    snapshot: dict[str, Any] = {"gone": columns, "fields": _take_fields(kept, gone, choices)}
    snapshot |= _move_addresses(kept, gone)
    snapshot["moved"] = merge_rows.move(gone, kept)
    gone.delete()
    merged = Merge.objects.create(kept=kept, gone_id=columns["id"], snapshot=snapshot, merged_by=user)
    history.record(kept, "merged", f"Merged with {name}.", user)
    fields = {name: pair for name, pair in snapshot["fields"].items() if name in FIELDS}
    was, now = ({name: pair[side] for name, pair in fields.items()} for side in (0, 1))
    about = {"before": was, "after": now, "gone": columns["id"], "merge": merged.pk}
    audit.record_many([audited.act("crm_contact.merged", kept, **about)], actor=user)
    return merged


@transaction.atomic
def undo(merge: Merge, user: User | None) -> Contact:
    """Make two contacts of one again, and return the one that was gone.

    What was moved goes back as far as it is there; what came since stays. Fields of the kept contact get their old
    values unless somebody changed them since. Raises ValueError with a sentence, and changes nothing.
    """
    kept_id = Merge.objects.filter(pk=merge.pk).values_list("kept", flat=True).first()
    merge_rows.lock_independent(Contact, [kept_id])
    kept = Contact.objects.select_for_update(of=("self",)).filter(pk=kept_id).first()
    row = Merge.objects.select_for_update(of=("self",)).filter(pk=merge.pk, kept=kept).first() if kept else None
    if row is None or kept is None:
        raise ValueError("The contacts were merged again or deleted meanwhile: look at the merges once more.")
    _check_undo(row)
    snapshot = row.snapshot
    gone: Contact = merge_rows.restore(Contact, snapshot["gone"])
    merge_rows.move_back(snapshot["moved"], kept, gone)
    _move_addresses_back(kept, gone, snapshot)
    _restore_fields(kept, snapshot["fields"])
    row.undone_at, row.undone_by = timezone.now(), user
    row.save(update_fields=["undone_at", "undone_by"])
    history.record_many([kept, gone], "unmerged", f"The merge of {row.created_at:%Y-%m-%d} was undone.", user)
    acts = [audited.act("crm_contact.merge_undone", one, merge=row.pk) for one in (kept, gone)]
    audit.record_many(acts, actor=user)
    return gone


def differences(kept: Contact, gone: Contact) -> dict[str, tuple[Any, Any]]:
    """Return the fields that can be chosen and have two different values, neither blank, with both."""
    both = {name: (getattr(kept, name), getattr(gone, name)) for name in FIELDS}
    return {
        name: (one, other)
        for name, (one, other) in both.items()
        if one != other and not _blank(name, one) and not _blank(name, other)
    }


def _check(kept: Contact, gone: Contact, choices: Mapping[str, str]) -> None:
    if kept.pk == gone.pk:
        raise ValueError("A contact cannot be merged with itself: choose two.")
    for name, side in choices.items():
        if name not in FIELDS:
            raise ValueError(f"“{name}” cannot be chosen: what can be is {', '.join(FIELDS)}.")
        if side not in (KEPT, GONE):
            raise ValueError(f"“{side}” is no choice for {name}: write {KEPT} or {GONE}.")


def _check_undo(merge: Merge) -> None:
    if merge.undone_at is not None:
        raise ValueError("This merge was undone already.")
    if Merge.objects.filter(kept=merge.kept_id, undone_at=None, created_at__gt=merge.created_at).exists():
        raise ValueError("The contact was merged again since: undo the later merge first.")


def _locked(kept: UUID, gone: UUID) -> tuple[Contact, Contact]:
    """Return both as they are now, locked in the order of their ids, so that two merges wait for each other.

    The lock is the full one: what would point to the contact that goes has to wait, and then finds it gone.
    """
    merge_rows.lock_independent(Contact, [kept, gone])
    rows = Contact.objects.select_for_update(of=("self",)).filter(pk__in=[kept, gone]).order_by("pk")
    found = {row.pk: row for row in rows.select_related("owner")}
    if len(found) < 2:
        raise ValueError(NOT_THERE)
    return found[kept], found[gone]


def _blank(name: str, value: Any) -> bool:
    return not value or value == getattr(Contact(), name)


def _take_fields(kept: Contact, gone: Contact, choices: Mapping[str, str]) -> dict[str, list[Any]]:
    """Give the kept contact the chosen values; return the columns that changed, before and after."""
    before, own_region = merge_rows.dump(kept), kept.region_code
    for name in FIELDS:
        mine, other = getattr(kept, name), getattr(gone, name)
        if choices.get(name) == GONE:
            mine, other = other, mine
        setattr(kept, name, other if _blank(name, mine) else mine)
        if name == "region_code" and kept.region_code != own_region:
            kept.region_basis = gone.region_basis
    kept.evidence = [*kept.evidence, *(entry for entry in gone.evidence if entry not in kept.evidence)]
    kept.region_rules_apply = kept.region_rules_apply or gone.region_rules_apply  # the stricter
    kept.obtained_at = min(filter(None, [kept.obtained_at, gone.obtained_at]), default=None)
    changed = {name: [before[name], value] for name, value in merge_rows.dump(kept).items() if value != before[name]}
    if changed:
        kept.save(update_fields=[*changed, "updated_at"])
    return changed


def _restore_fields(kept: Contact, changed: Mapping[str, list[Any]]) -> None:
    if restored := merge_rows.put_back(kept, changed):
        kept.save(update_fields=[*restored, "updated_at"])


def _move_addresses(kept: Contact, gone: Contact) -> dict[str, Any]:
    """Give the kept contact the addresses it has not. Of one that both have, the kept contact's row stays."""
    mine = {row.email_index: row for row in kept.addresses.all()}
    theirs = list(gone.addresses.all())
    primary = next((row for row in theirs if row.is_primary), None)
    primary_id = str(primary.pk) if primary else None  # before its row may be deleted
    had_primary = any(row.is_primary for row in mine.values())
    # At no moment may the kept contact have two.
    gone.addresses.update(is_primary=False)
    twins = []
    for row in theirs:
        if row.email_index in mine:
            pointing = merge_rows.move(row, mine[row.email_index])
            twins.append({"row": merge_rows.dump(row), "twin": str(mine[row.email_index].pk), "pointing": pointing})
            row.delete()
    made_primary = None
    if primary is not None and not had_primary:
        made_primary = mine.get(primary.email_index, primary)
    moved = [str(row.pk) for row in theirs if row.email_index not in mine]
    ContactAddress.objects.filter(pk__in=moved).update(contact=kept)
    if made_primary is not None:
        ContactAddress.objects.filter(pk=made_primary.pk).update(is_primary=True)
    return {
        "addresses": moved,
        "twins": twins,
        "primary": primary_id,
        "had_primary": had_primary,
        "made_primary": str(made_primary.pk) if made_primary else None,
    }


def _move_addresses_back(kept: Contact, gone: Contact, snapshot: Mapping[str, Any]) -> None:
    rows = kept.addresses.filter(pk__in=snapshot["addresses"])
    moved = list(rows.values_list("pk", flat=True))
    rows.update(contact=gone, is_primary=False)
    for entry in snapshot["twins"]:
        row = merge_rows.restore(ContactAddress, entry["row"], is_primary=False)
        twin = kept.addresses.filter(pk=entry["twin"]).first()
        if twin is not None:
            merge_rows.move_back(entry["pointing"], twin, row)
    # What one of them came to use since that is the other's now.
    merge_rows.detach(ContactAddress, moved, owned_by=kept, through="contact")
    left = list(kept.addresses.values_list("pk", flat=True))
    merge_rows.detach(ContactAddress, left, owned_by=gone, through="contact")
    if snapshot["primary"] is not None:
        contacts.make_primary(gone, gone.addresses.filter(pk=snapshot["primary"]).first())
    if not snapshot["had_primary"]:
        kept.addresses.filter(pk=snapshot["made_primary"]).update(is_primary=False)
    elif not kept.addresses.filter(is_primary=True).exists():
        contacts.make_primary(kept)
