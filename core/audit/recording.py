"""Writing entries: one insert in the caller's transaction, so that act and entry are both there or neither."""

import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from core import patience
from core.ids import new_id
from core.models import AuditEntry

from . import chain, subjects
from .acting import current
from .digests import digest

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to one thing: `of` is a row, or its type and id; see `record`."""

    action: str
    of: models.Model | tuple[str, Any] | None = None
    subject: str = ""
    before: Values | None = None
    after: Values | None = None
    details: Values = field(default_factory=dict)


def record(
    action: str,
    *,
    of: models.Model | tuple[str, Any] | None = None,
    subject: str = "",
    before: Values | None = None,
    after: Values | None = None,
    actor: AbstractBaseUser | None = None,
    **details: Any,
) -> AuditEntry:
    """Write one entry and return it. Call inside the transaction of the act.

    `of` is the row that was acted on, `subject` whom it is about (`audit.person(row)`, `audit.address(email)`),
    `before` and `after` are values by column, only those that changed. `actor` is who did it, where that is not who
    sent the request. `details` is what else to say: counts, ids, reasons, never a name or an address.
    """
    return record_many([Act(action, of, subject, before, after, details)], actor=actor)[0]


def record_many(acts: Iterable[Act], *, actor: AbstractBaseUser | None = None) -> list[AuditEntry]:
    """Write several entries in three statements at most, however many they are."""
    acts = list(acts)
    if not acts:
        return []
    acting = current()
    user = actor or acting.actor
    keys = subjects.keys_for({act.subject for act in acts if act.subject and _values(act)})
    now = timezone.now()
    entries = []
    for act in acts:
        object_type, object_id = _object(act.of)
        values = _values(act)
        details = dict(act.details)
        if values and not act.subject:
            details |= values
        entry = AuditEntry(
            id=new_id(),
            at=now,
            action=act.action,
            actor_id=user.pk if user else None,
            actor=user.get_username() if user else "",
            via=acting.via,
            client=acting.client,
            token_id=acting.token_id,
            object_type=object_type,
            object_id=object_id,
            subject=act.subject,
            details=_json(details),
            values=keys[act.subject].encrypt(_json(values).encode()).decode() if act.subject and values else "",
        )
        entry.digest = digest(entry)
        entries.append(entry)
    with patience.at_most(patience.READERS_SECONDS) if acting.is_reading else nullcontext():
        AuditEntry.objects.bulk_create(entries, batch_size=200)
    acting.recorded += len(entries)
    acting.acts |= {(entry.action, entry.object_type, entry.object_id) for entry in entries}
    if not acting.is_reading:
        chain.seal_on_commit()
    return entries


def _values(act: Act) -> dict[str, Any]:
    values = {"before": dict(act.before or {}), "after": dict(act.after or {})}
    return values if act.before or act.after else {}


def _object(of: models.Model | tuple[str, Any] | None) -> tuple[str, str]:
    if of is None:
        return "", ""
    if isinstance(of, models.Model):
        return of._meta.label_lower, str(of.pk)
    return of[0], str(of[1])


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        if isinstance(o, models.Model):
            return str(o.pk)
        if isinstance(o, set | frozenset):
            return sorted(o, key=str)
        if isinstance(o, UUID):
            return str(o)
        return super().default(o)


def _json(value: Any) -> str:
    return json.dumps(value, cls=_Encoder, sort_keys=True, ensure_ascii=True)
