"""What outreach writes into the audit trail more than once: acts on enrolments, and rows that somebody edits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction

from core import audit
from crm.models import Contact

from .models import Enrolment

LONGEST = 300  # characters of a value that are kept; of a longer one it is kept that it changed
LISTED = 200  # ids named in one entry; more are on no page


def of_enrolments(action: str, rows: Iterable[Enrolment], user: User | None, **details: Any) -> None:
    """Write that the same was done to each of these enrolments. Of a row `pk` and `contact_id` are read."""
    acts = [
        audit.Act(action, row, audit.person(Contact(pk=row.contact_id)), details=details | {"contact": row.contact_id})
        for row in rows
    ]
    audit.record_many(acts, actor=user)


def save(row: models.Model, what: str, fields: Sequence[str], user: User | None = None) -> None:
    """Save a row of our own (no person's) and write what changed: `what` is the thing, as in `template.changed`.

    Values of short fields stand in the entry, of long ones only that they changed.
    """
    with transaction.atomic():
        before = stored(row, fields)
        row.save()
        changed(row, what, before, user)


def stored(row: models.Model, fields: Iterable[str]) -> dict[str, Any] | None:
    """Return these columns of a row as they are stored; None for a new row. One query."""
    if row._state.adding:
        return None
    names = [_column(row, name) for name in fields]
    return type(row)._base_manager.filter(pk=row.pk).values(*names).first()


def changed(row: models.Model, what: str, before: Mapping[str, Any] | None, user: User | None = None) -> None:
    """Write that a row was created (`before` is None), or how it differs from before; nothing if it does not."""
    if before is None:
        audit.record(f"{what}.created", of=row, actor=user, name=_short(str(row)))
        return
    names = [name for name, value in before.items() if getattr(row, name) != value]
    if names:
        old = {name: _short(before[name]) for name in names}
        new = {name: _short(getattr(row, name)) for name in names}
        audit.record(f"{what}.changed", of=row, actor=user, fields=names, before=old, after=new)


def listed(action: str, ids: Iterable[Any], filters: Iterable[str] = ()) -> None:
    """Write that somebody looked at a list of people's data: which rows, and by which filters (names only)."""
    shown = list(ids)
    if shown:
        audit.record(action, ids=shown[:LISTED], count=len(shown), filters=sorted(filters))


def _column(row: models.Model, name: str) -> str:
    field = row._meta.get_field(name)
    return str(getattr(field, "attname", name))


def _short(value: Any) -> Any:
    """Return a value as the trail keeps it: of a long text how long it is."""
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{len(value)} characters"
    return value
