"""A contact's history: one line for everything that happened to it, beside the notes that people wrote.

Sentences may name people, since the column is encrypted; whoever writes one keeps addresses out of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from .models import Contact, HistoryEntry

NOTE = "note"  # the kind under which notes stand in a timeline


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline: an entry of the history, or a note (`kind` is NOTE). `actor` is a user name or ""."""

    id: UUID
    kind: str
    at: datetime
    text: str
    actor: str


def record(
    contact: Contact, kind: str, sentence: str, actor: User | None = None, at: datetime | None = None
) -> HistoryEntry:
    """Write down what happened to a contact: `kind` is a snake_case word, `at` is aware, None for "just now"."""
    return record_many([contact], kind, sentence, actor, at)[0]


def record_many(
    contacts: Iterable[Contact], kind: str, sentence: str, actor: User | None = None, at: datetime | None = None
) -> list[HistoryEntry]:
    """Write down the same of several contacts, as `record` does, in one statement."""
    moment = at or timezone.now()
    return HistoryEntry.objects.bulk_create(
        HistoryEntry(contact_id=contact.pk, kind=kind, sentence=sentence, actor=actor, happened_at=moment)
        for contact in contacts
    )


def timeline(contact: Contact, limit: int = 100) -> list[Line]:
    """Return the newest `limit` lines of a contact's history and notes together, newest first. Two queries."""
    entries = contact.history.select_related("actor")[:limit]
    notes = contact.notes.select_related("author")[:limit]
    lines = [Line(row.pk, row.kind, row.happened_at, row.sentence, _name(row.actor)) for row in entries]
    lines += [Line(row.pk, NOTE, row.created_at, row.text, _name(row.author)) for row in notes]
    return sorted(lines, key=lambda line: (line.at, line.id), reverse=True)[:limit]


def _name(user: User | None) -> str:
    return user.get_username() if user else ""
