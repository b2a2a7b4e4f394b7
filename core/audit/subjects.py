"""People in the audit trail: blind indexes, and the key of each, which erasing them destroys."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db import models

from core.encryption import blind_index
from core.fields import normalise_email
from core.models import AuditEntry, SubjectKey

_PEOPLE: set[str] = set()


def person(row: models.Model) -> str:
    """Return under which subject the trail speaks of the person whom a row is."""
    return blind_index(f"{row._meta.label_lower}:{row.pk}")


def people(*models: str) -> None:
    """Note that the rows of these models, such as `crm.contact`, are people. Each app does it when it is ready."""
    _PEOPLE.update(models)


def of(row: models.Model) -> str:
    """Return the subject of the person whom a row is or belongs to; "" where it belongs to nobody.

    A row belongs to a person by the first of its foreign keys to a model of people.
    """
    if row._meta.label_lower in _PEOPLE:
        return person(row)
    for field in row._meta.concrete_fields:
        model = field.related_model if field.many_to_one or field.one_to_one else None
        if isinstance(model, type) and model._meta.label_lower in _PEOPLE:
            key = getattr(row, field.attname)
            return person(model(pk=key)) if key else ""
    return ""


def address(email: str) -> str:
    """Return under which subject the trail speaks of whoever has an address: its blind index."""
    return blind_index(normalise_email(email))


def keys_for(subjects: Collection[str]) -> dict[str, Fernet]:
    """Return the key of each subject, made where there is none. Two statements, a third when some are new."""
    if not subjects:
        return {}
    known = _read(subjects)
    if missing := set(subjects) - set(known):
        rows = [SubjectKey(subject=subject, key=Fernet.generate_key().decode()) for subject in missing]
        SubjectKey.objects.bulk_create(rows, ignore_conflicts=True)  # somebody may make the same at this moment
        known |= _read(missing)
    return known


def forget(subjects: Iterable[str]) -> int:
    """Destroy the keys of these subjects: what the trail holds of them can never be read again. Return how many."""
    gone, _ = SubjectKey.objects.filter(pk__in=list(subjects)).delete()
    return gone


def values_of(entries: Collection[AuditEntry]) -> dict[Any, dict[str, Any] | None]:
    """Return what changed, by the id of each entry that has values: {before, after}; None: the key was destroyed."""
    known = _read({entry.subject for entry in entries if entry.values})
    return {entry.pk: _opened(entry, known.get(entry.subject)) for entry in entries if entry.values}


def _read(subjects: Collection[str]) -> dict[str, Fernet]:
    rows = SubjectKey.objects.filter(pk__in=subjects)
    return {row.subject: Fernet(row.key) for row in rows}


def _opened(entry: AuditEntry, key: Fernet | None) -> dict[str, Any] | None:
    if key is None:
        return None
    try:
        values: dict[str, Any] = json.loads(key.decrypt(entry.values.encode()))
    except InvalidToken:  # written under a key that was destroyed; the person came again and has another
        return None
    return values
