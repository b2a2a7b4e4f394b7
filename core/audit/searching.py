"""Finding entries: what there is to choose from, and one page of them, fast however long the trail is.

Pages go by the id, which sorts by time (core/ids.py): no page counts what it does not show.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from core.models import AuditEntry

PER_PAGE = 50
_TIMED = 80  # bits of a UUIDv7 behind its milliseconds (RFC 9562, section 5.7)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `subjects` and `rows` (type and id) are a person's: entries of either are meant."""

    action: str = ""
    who: str = ""
    via: str = ""
    since: datetime | None = None
    until: datetime | None = None
    object_type: str = ""
    object_id: str = ""
    subjects: Collection[str] | None = None
    rows: Collection[tuple[str, str]] = field(default=())


def entries(wanted: Wanted) -> QuerySet[AuditEntry]:
    """Return the entries that are looked for, the newest first."""
    rows = AuditEntry.objects.order_by("-id")
    columns = {
        **{"action": wanted.action, "actor": wanted.who, "via": wanted.via},
        **{"object_type": wanted.object_type, "object_id": wanted.object_id},
    }
    rows = rows.filter(**{name: value for name, value in columns.items() if value})
    if wanted.since is not None:
        rows = rows.filter(pk__gte=first_id(wanted.since))
    if wanted.until is not None:
        rows = rows.filter(pk__lt=first_id(wanted.until))
    if wanted.subjects is not None:
        theirs = Q(subject__in=wanted.subjects)
        for kind, key in wanted.rows:
            theirs |= Q(object_type=kind, object_id=key)
        rows = rows.filter(theirs)
    return rows


def first_id(moment: datetime) -> UUID:
    """Return an id before which all ids of earlier milliseconds sort, and none of this or later ones."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return UUID(int=milliseconds << _TIMED)


def page(rows: QuerySet[AuditEntry], before: UUID | None = None) -> tuple[list[AuditEntry], UUID | None]:
    """Return one page of entries, those before an id, and the id with which the next begins; None: it is the last."""
    found = list((rows.filter(pk__lt=before) if before else rows)[: PER_PAGE + 1])
    return found[:PER_PAGE], found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None


def present(column: Literal["action", "object_type"]) -> list[str]:
    """Return the values of an indexed column, sorted: a step in the index for each, however many rows have it."""
    table = AuditEntry._meta.db_table
    statement = f"""
        WITH RECURSIVE one(value) AS (
            SELECT MIN({column}) FROM {table}
            UNION ALL
            SELECT (SELECT MIN({column}) FROM {table} WHERE {column} > one.value) FROM one WHERE one.value IS NOT NULL
        )
        SELECT value FROM one WHERE value <> ''
    """  # noqa: S608 - the column is one of two
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [value for (value,) in cursor.fetchall()]
