"""What two found contacts are as one: whose value counts, what is of both, and each one's own again."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm import merge_rows
from crm.merging import GONE
from enrichment import store
from enrichment.models import ContactSource, EnrichedContact, ReviewStatus

# What can be chosen, each with what comes along.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "first_name": (),
    "last_name": (),
    "job_title": ("seniority", "department", "decision_maker"),
    "company": (),
    "linkedin_url": ("linkedin_id",),
    "region_code": ("region_basis",),
    "lawful_basis": (),
}

_REVIEW = ("review_status", "reviewed_at", "reviewed_by_id")
_STRENGTH = (ReviewStatus.NEW, ReviewStatus.REJECTED, ReviewStatus.APPROVED)


def differences(kept: EnrichedContact, gone: EnrichedContact) -> set[str]:
    """Return the fields to choose: those with two different values, neither blank."""
    return {
        name
        for name in FIELDS
        if getattr(kept, name) and getattr(gone, name) and _values(kept, name) != _values(gone, name)
    }


def review_of(kept: EnrichedContact, gone: EnrichedContact) -> ReviewStatus:
    """Return the review status of the two as one: approved if one is, else rejected if one is."""
    return max(ReviewStatus(kept.review_status), ReviewStatus(gone.review_status), key=_STRENGTH.index)


def both_in_crm(kept: EnrichedContact, gone: EnrichedContact) -> bool:
    """Return whether they are linked to two different contacts of the CRM, and so cannot be merged."""
    return None not in (kept.linked_contact_id, gone.linked_contact_id) and (
        kept.linked_contact_id != gone.linked_contact_id
    )


def _values(contact: EnrichedContact, name: str) -> list[Any]:
    return [getattr(contact, column) for column in (name, *FIELDS[name])]


def take(kept: EnrichedContact, gone: EnrichedContact, choices: Mapping[str, str]) -> dict[str, list[Any]]:
    """Give the kept contact what both are as one, and save it; return the columns that changed, before and after.

    `choices` as for merging.merge. The activity is of both too, without being told of.
    """
    before = merge_rows.dump(kept)
    for name, along in FIELDS.items():
        first, second = (gone, kept) if choices.get(name) == GONE else (kept, gone)
        _copy(first if getattr(first, name) else second, kept, (name, *along))
    if review_of(kept, gone) != kept.review_status:
        _copy(gone, kept, _REVIEW)
    if kept.linked_contact_id is None:
        _copy(gone, kept, ("linked_contact_id", "added_to_crm_at"))
    if kept.linked_brand_id is None:
        _copy(gone, kept, ("linked_brand_id",))
    if gone.source == ContactSource.MANUAL:
        kept.source = gone.source  # so that later discoveries leave it alone
    kept.confidence_score = max(kept.confidence_score, gone.confidence_score)
    kept.discovered_at = min(kept.discovered_at, gone.discovered_at)
    kept.verified_at = min(filter(None, (kept.verified_at, gone.verified_at)), default=None)
    newest_first = sorted([*kept.evidence, *gone.evidence], key=_seen_at, reverse=True)
    kept.evidence = store.merged_evidence(newest_first, [])
    changed = {name: [before[name], value] for name, value in merge_rows.dump(kept).items() if value != before[name]}
    kept.activity = sorted([*kept.activity, *gone.activity], key=lambda entry: entry["at"])
    kept.save(update_fields=[*changed, "activity", "updated_at"])
    return changed


def _copy(one: EnrichedContact, other: EnrichedContact, columns: Iterable[str]) -> None:
    for column in columns:
        setattr(other, column, getattr(one, column))


def _seen_at(entry: Mapping[str, Any]) -> str:
    return str(entry["seenAt"])


def restore(kept: EnrichedContact, gone: EnrichedContact, changed: Mapping[str, list[Any]]) -> None:
    """Take from the kept contact what came from the other, who is there again, and save both.

    Columns that changed since keep what they have. A review that was taken back since is taken back for both.
    """
    decided = changed.get("review_status")
    if decided and kept.review_status not in (decided[1], ReviewStatus.APPROVED):
        _copy(kept, gone, _REVIEW)
        gone.save(update_fields=_REVIEW)
    restored = merge_rows.put_back(kept, changed)
    if "evidence" in changed and "evidence" not in restored:
        own = changed["evidence"][0]
        kept.evidence = [entry for entry in kept.evidence if entry in own or entry not in gone.evidence]
    activity = list(kept.activity)
    for entry in gone.activity:
        if entry in activity:
            activity.remove(entry)
    kept.activity = activity
    kept.save(update_fields=[*changed, "activity", "updated_at"])
