"""What the audit trail is told of contacts and brands: an act for each, with what changed, in few queries.

What a contact's values were and are is encrypted under the person's own key. A brand's are those of a company.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from core import audit

from .models import Brand, Contact

MOST_IDS = 1000  # beyond which a number must do

# What says who somebody is, and how they may be treated.
CONTACT = (
    *("first_name", "last_name", "job_title", "seniority", "department", "linkedin_url", "relationship_status"),
    *("region_code", "region_rules_apply", "lawful_basis", "owner_id", "brand_id"),
)
BRAND = ("name", "domain", "website", "linkedin_company_url", "region_code")

Values = dict[str, Any]


def values(row: Contact | Brand) -> Values:
    """Return what the trail compares of a row."""
    return {name: getattr(row, name) for name in (CONTACT if isinstance(row, Contact) else BRAND)}


def act(
    action: str, contact: Contact, *, before: Values | None = None, after: Values | None = None, **details: Any
) -> audit.Act:
    """Return what was done to a contact, about whom the entry is."""
    return audit.Act(action, contact, audit.person(contact), before, after, details)


def made(contact: Contact, emails: Iterable[str] = (), **details: Any) -> audit.Act:
    """Return that a contact is new, with what was given of it."""
    given = {name: value for name, value in values(contact).items() if value not in (None, "")}
    return act("crm_contact.created", contact, after={**given, "addresses": list(emails)}, **details)


def changed(contact: Contact, before: Mapping[str, Any], added: Iterable[str] = (), **details: Any) -> list[audit.Act]:
    """Return what differs of a contact from `values` as they were, and its new addresses; nothing if nothing does."""
    now, emails = values(contact), list(added)
    names = [name for name in now if name in before and now[name] != before[name]]
    if not names and not emails:
        return []
    after = {name: now[name] for name in names} | ({"addresses_added": emails} if emails else {})
    was = {name: before[name] for name in names}
    return [act("crm_contact.changed", contact, before=was, after=after, fields=[*after], **details)]


def brand_changed(brand: Brand, before: Mapping[str, Any], user: User | None) -> None:
    """Write down what differs of a brand from `values` as they were."""
    now = values(brand)
    names = [name for name in now if now[name] != before[name]]
    if names:
        was, after = {name: before[name] for name in names}, {name: now[name] for name in names}
        audit.record("brand.changed", of=brand, before=was, after=after, actor=user, fields=names)


def listed(contacts: Iterable[Contact], **details: Any) -> None:
    """Write down that these contacts were shown together. Nothing where there are none."""
    listed_ids([contact.pk for contact in contacts], **details)


def listed_ids(ids: Sequence[UUID], **details: Any) -> None:
    """Write down that the contacts with these ids were shown together. Nothing where there are none."""
    if ids:
        audit.record("crm_contacts.listed", ids=ids, count=len(ids), **details)


def viewed(contact_id: UUID) -> None:
    """Write down that one contact was opened."""
    row = Contact(pk=contact_id)
    audit.record("crm_contact.viewed", of=row, subject=audit.person(row))


def exported(what: str, rows: QuerySet[Any], columns: Sequence[str], user: User | None = None) -> None:
    """Write down that rows are about to leave as a file: `what` is `contacts`, `brands` or `suppressions`."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_IDS + 1])
    number = len(ids) if len(ids) <= MOST_IDS else rows.count()
    known: dict[str, Any] = {"ids": ids} if len(ids) <= MOST_IDS else {}
    audit.record(f"{what}.exported", count=number, columns=list(columns), of_what="crm", actor=user, **known)
