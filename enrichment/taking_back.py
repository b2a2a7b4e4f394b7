"""Decisions taken back: rejections at any time, approvals until outreach has begun.

What was there before is kept with each decision (`ReviewItem.before`, filled by approval.py and batches.py). Rows are
locked in the order of approvals, then those of the CRM as merging does.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit
from crm import contacts, history, merge_rows
from crm.models import Brand, ContactAddress, HistoryEntry
from crm.models import Contact as CrmContact
from enrichment import changes
from enrichment.models import ContactEmail, EnrichedContact, ReviewItem, ReviewStatus, acting
from outreach.models import Enrolment, Event, Message
from outreach.taking_back import take_back

# Why a decision stays, and what stays of one that was taken back.
GONE, CHANGED, BEGUN = "gone", "changed", "begun"
CRM_KEPT = "crm_kept"


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether a decision was taken back, and why not, or what stays of it."""

    undone: bool
    reason: str = ""


Fates = dict[int, Fate]  # by the item's key


@transaction.atomic
def rejections(items: Sequence[ReviewItem], user: User | None) -> Fates:
    """Give contacts that were rejected the status they had, where nobody has decided again since."""
    rows = _locked(items, [])
    fates = {item.pk: _fate(rows.get(item.contact_id), item, ReviewStatus.REJECTED) for item in items}
    undone = [item for item in items if fates[item.pk].undone]
    for item in undone:
        rows[item.contact_id].record(f"Rejection undone by {acting(user)}")
    _put_back(rows, undone)
    _record("contact.rejection_undone", rows, undone, user)
    return fates


@transaction.atomic
def approvals(items: Sequence[ReviewItem], user: User | None) -> Fates:
    """Undo approvals of which no message has begun: status, enrolment, and what the CRM got by them.

    A CRM contact goes when the approvals made it and nothing else was done to it; from one that was there before, the
    addresses go that the approvals gave it, unless they are in use.
    """
    people = {item.crm_contact_id for item in items if item.crm_contact_id}
    rows = _locked(items, people)
    fates = {item.pk: _fate(rows.get(item.contact_id), item, ReviewStatus.APPROVED) for item in items}
    free = [item for item in items if fates[item.pk].undone]
    taken = take_back([item.enrolment_id for item in free if item.enrolment_id], user)
    undone = []
    for item in free:
        if item.enrolment_id is None or item.enrolment_id in taken:
            undone.append(item)
        else:
            fates[item.pk] = Fate(False, BEGUN)
    given = _Given(undone)
    going = given.made - given.in_use()
    for item in undone:
        kept = item.crm_contact_id in given.made - going
        if kept:
            fates[item.pk] = Fate(True, CRM_KEPT)
        row = rows[item.contact_id]
        row.record(f"Approval undone by {acting(user)}")
        if item.before["linked"] is None and row.linked_contact_id == item.crm_contact_id and not kept:
            row.linked_contact, row.added_to_crm_at = None, None
    _put_back(rows, undone)
    _record("contact.approval_undone", rows, undone, user)
    given.take_addresses(going)
    staying = CrmContact.objects.filter(pk__in=given.people - going).only("pk")
    history.record_many(staying, "approval_undone", "An approval was undone.", user)
    CrmContact.objects.filter(pk__in=going).delete()
    return fates


def _record(action: str, rows: dict[Any, EnrichedContact], items: Sequence[ReviewItem], user: User | None) -> None:
    acts = [changes.act(action, rows[item.contact_id], status_now=item.before["status"]) for item in items]
    audit.record_many(acts, actor=user)


def _locked(items: Sequence[ReviewItem], people: Collection[UUID]) -> dict[Any, EnrichedContact]:
    """Return the items' contacts by id, with all that point to these people of the CRM under locks."""
    chosen = Q(pk__in=[item.contact_id for item in items]) | Q(linked_contact__in=people)
    rows = EnrichedContact.objects.filter(chosen)
    brands = Brand.objects.filter(pk__in=rows.order_by().values("linked_brand"))
    list(brands.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
    # What is not put back stays encrypted.
    locked = {row.pk: row for row in rows.select_for_update().order_by("pk").defer("linkedin_url", "evidence")}
    merge_rows.lock_independent(CrmContact, people)
    list(CrmContact.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk").values_list("pk"))
    return locked


def _fate(row: EnrichedContact | None, item: ReviewItem, status: str) -> Fate:
    """Return whether the decision still is the contact's last one."""
    if row is None:
        return Fate(False, GONE)
    same = row.review_status == status and row.reviewed_at == _moment(item.before.get("at"))
    return Fate(same, "" if same else CHANGED)


def _put_back(rows: dict[Any, EnrichedContact], items: Sequence[ReviewItem]) -> None:
    """Give contacts the review that they had, and save them."""
    users = set(User.objects.filter(pk__in={item.before["reviewed_by"] for item in items}).values_list("pk", flat=True))
    now, changed = timezone.now(), []
    for item in items:
        row, before = rows[item.contact_id], item.before
        row.review_status, row.reviewed_at = before["status"], _moment(before["reviewed_at"])
        row.reviewed_by_id = before["reviewed_by"] if before["reviewed_by"] in users else None
        row.updated_at = now
        changed.append(row)
    review = ["review_status", "reviewed_at", "reviewed_by"]
    EnrichedContact.objects.bulk_update(
        changed, [*review, "linked_contact", "added_to_crm_at", "activity", "updated_at"], batch_size=200
    )


class _Given:
    """What the CRM got by approvals: contacts that they made, and the addresses of all."""

    def __init__(self, items: Sequence[ReviewItem]) -> None:
        self.own = {item.contact_id for item in items}
        self.people = {item.crm_contact_id for item in items if item.crm_contact_id}
        self.made = {item.crm_contact_id for item in items if item.crm_contact_id and item.before["made"]}
        self.addresses: dict[UUID, bool] = {}
        self.stamps: defaultdict[UUID | None, set[datetime | None]] = defaultdict(set)
        for item in items:
            self.addresses |= {UUID(pk): primary for pk, primary in item.before["addresses"].items()}
            self.stamps[item.crm_contact_id].add(_moment(item.before["crm_updated_at"]))

    def in_use(self) -> set[UUID]:
        """Return those of the contacts made to which something was done since: edited, or more points to them.

        Their history is no use of them, nor are decisions.
        """
        stamps = CrmContact.objects.filter(pk__in=self.made).order_by().values_list("pk", "updated_at")
        used = {pk for pk, updated_at in stamps if updated_at not in self.stamps[pk]}
        for model, relation in merge_rows.relations(CrmContact):
            if model in (HistoryEntry, ReviewItem):
                continue
            rows = model._base_manager.filter(**{f"{relation.name}__in": self.made})
            if model is EnrichedContact:
                rows = rows.exclude(pk__in=self.own)
            elif model is ContactAddress:
                rows = rows.exclude(pk__in=self.addresses)
            used |= set(rows.order_by().values_list(relation.attname, flat=True))
        return used

    def take_addresses(self, going: set[UUID]) -> None:
        """Take the addresses out of contacts that were there before, unless they are in use."""
        old = self.people - self.made - going
        rows = list(ContactAddress.objects.filter(pk__in=self.addresses, contact__in=old).defer("email"))
        indexes = [row.email_index for row in rows]
        busy = set(Enrolment.objects.filter(address__in=rows).order_by().values_list("address_id", flat=True))
        others = ContactEmail.objects.filter(enriched_contact__linked_contact__in=old)
        known = set[str | None]()
        for found in (Message.objects.all(), Event.objects.all(), others.exclude(enriched_contact__in=self.own)):
            known |= set(found.filter(email_index__in=indexes).order_by().values_list("email_index", flat=True))
        idle = [
            row
            for row in rows
            # The primary one, where it was not when it came, is somebody's choice.
            if row.pk not in busy and row.email_index not in known and (self.addresses[row.pk] or not row.is_primary)
        ]
        ContactAddress.objects.filter(pk__in=[row.pk for row in idle]).delete()
        for pk in {row.contact_id for row in idle if row.is_primary}:
            contacts.make_primary(CrmContact(pk=pk))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
