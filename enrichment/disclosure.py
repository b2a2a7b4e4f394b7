"""Noting in the audit trail who saw which found contacts: one, or a list of them. One insert, whatever it shows.

Ids alone are written, and the names of filters: never what was searched for.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from core import audit
from enrichment.models import EnrichedContact

MOST_IDS = 1000  # beyond which a number must do


def viewed(contact_id: UUID, **details: Any) -> None:
    """Write down that one contact was opened."""
    row = EnrichedContact(pk=contact_id)
    audit.record("contact.viewed", of=row, subject=audit.person(row), **details)


def listed(contacts: Iterable[EnrichedContact], **details: Any) -> None:
    """Write down that these contacts were shown together."""
    listed_ids([contact.pk for contact in contacts], **details)


def listed_ids(ids: Sequence[UUID], **details: Any) -> None:
    """Write down that the contacts with these ids were shown together: a page of a list, or those of a job."""
    audit.record("contacts.listed", ids=ids, count=len(ids), **details)


def exported(ids: Sequence[UUID], number: int, **details: Any) -> None:
    """Write down that so many contacts left as a file; `ids` of the first MOST_IDS + 1 at most."""
    known: dict[str, Any] = {"ids": ids} if len(ids) <= MOST_IDS else {}
    audit.record("contacts.exported", count=number, **known, **details)
