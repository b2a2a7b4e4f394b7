"""What the ground of all apps holds of a person, and what the apps share to tell and forget what they hold.

The apps' `subject_data` and `erase` are called by enrichment/subject_rights.py, which knows them all.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from urllib.parse import quote_plus

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import User
from django.db import models

from core import audit
from core.encryption import decrypt_many
from core.fields import EncryptedTextField, raw
from core.models import AuditEntry
from core.sign_in import folded

AT_ONCE = 500
ERASED = "[erased]"

Json = dict[str, Any]


def subject_data(address: str, subjects: Collection[str] = ()) -> Json:
    """Return what accounts, the record of signing in and the audit trail hold of whoever has this address.

    `subjects` are further names under which the audit trail speaks of the person. `auditTrail` has one entry for each
    act: {at, action, by, via, details, before, after}; the values only where they can still be read.
    """
    return {
        "accounts": [
            columns(user, "id", "username", "first_name", "last_name", "email", "date_joined", "last_login")
            for user in User.objects.filter(email__iexact=address)
        ],
        "signIns": [
            columns(row, "username", "ip_address", "user_agent", "attempt_time")
            for model in (AccessLog, AccessFailureLog)
            for row in model.objects.filter(username=folded(address))
        ],
        "auditTrail": _trail({audit.address(address), *subjects}),
    }


def erase(address: str, subjects: Collection[str] = ()) -> dict[str, int]:
    """Forget what is held of the person: the keys to the audit trail, and attempts to sign in with this address.

    An account is not touched: that of a colleague is closed by an admin. Call in a transaction; returns how many rows
    of which kind went.
    """
    name = folded(address)
    gone = {"audit_keys": audit.forget({audit.address(address), *subjects}), "sign_ins": 0}
    if not User.objects.filter(username__iexact=address).exists():
        for model in (AccessLog, AccessFailureLog, AccessAttempt):
            gone["sign_ins"] += model.objects.filter(username=name).delete()[0]
    return gone


def columns(row: models.Model, *names: str, leave_out: Collection[str] = ()) -> Json:
    """Return columns of a row as JSON takes them, by their camelCase names: `names`, else all that say something.

    Left out then are foreign keys, fingerprints, and what is empty.
    """
    found: Json = {}
    for field in row._meta.concrete_fields:
        name, value = field.name, getattr(row, field.attname)
        if names:
            if name not in names:
                continue
        elif field.is_relation or name.endswith(("_index", "_key", "_hash")) or name in leave_out:
            continue
        if names or value not in (None, "", [], {}):
            found[camel(name)] = plain(value)
    return found


def plain(value: Any) -> Any:
    """Return a column's value as JSON takes it."""
    if isinstance(value, dict | list | str | int | float | bool) or value is None:
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def camel(name: str) -> str:
    """Return `first_name` as `firstName`."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def pattern(addresses: Iterable[str], names: Iterable[str] = ()) -> re.Pattern[str]:
    """Return what finds these addresses in a text, as they are or in a query string, and these whole names."""
    words = {re.escape(form) for text in addresses for form in (text, quote_plus(text))}
    # A name of one word may be any word.
    whole = [name for name in names if len(name.split()) > 1]
    words |= {r"(?:\s|\\n|%20)+".join(map(re.escape, name.split())) for name in whole}
    words |= {re.escape(quote_plus(name)) for name in whole}
    if not words:
        return re.compile(r"(?!)")
    longest_first = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w.+-])(?:{longest_first})(?![\w-]|\.\w)", re.IGNORECASE)


def mentioning(rows: models.QuerySet[Any], fields: Sequence[str], wanted: re.Pattern[str]) -> list[Any]:
    """Return the keys of the rows of which one of these encrypted columns has what is wanted. It reads them all."""
    found = []
    reader = rows.order_by().values_list("pk", *(raw(name) for name in fields)).iterator(AT_ONCE)
    while batch := [row for _, row in zip(range(AT_ONCE), reader, strict=False)]:
        tokens = [(row[0], token) for row in batch for token in row[1:] if token]
        texts = decrypt_many([token for _, token in tokens])
        hits = {key for (key, _), text in zip(tokens, texts, strict=True) if wanted.search(text)}
        found += [row[0] for row in batch if row[0] in hits]
    return found


def redact(rows: models.QuerySet[Any], fields: Sequence[str], wanted: re.Pattern[str]) -> int:
    """Put ERASED for what is wanted in these encrypted columns; return how many rows had it. In a transaction."""
    keys = mentioning(rows, fields, wanted)
    for start in range(0, len(keys), AT_ONCE):
        for row in rows.model._base_manager.filter(pk__in=keys[start : start + AT_ONCE]):
            for name in fields:
                setattr(row, name, without(getattr(row, name), wanted))
            row.save(update_fields=fields)
    return len(keys)


def encrypted(model: type[models.Model]) -> list[str]:
    """Return the names of a model's encrypted columns."""
    return [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def without(value: Any, wanted: re.Pattern[str]) -> Any:
    """Return a text, or what JSON holds, with ERASED for what is wanted."""
    if isinstance(value, str):
        return wanted.sub(ERASED, value)
    if isinstance(value, list):
        return [without(item, wanted) for item in value]
    if isinstance(value, dict):
        return {key: without(item, wanted) for key, item in value.items()}
    return value


def _trail(subjects: Collection[str]) -> list[Json]:
    entries = list(AuditEntry.objects.filter(subject__in=subjects).order_by("at", "id"))
    values = {key: read or {} for key, read in audit.values_of(entries).items()}
    return [
        {
            "at": entry.at.isoformat(),
            "action": entry.action,
            "by": "one of us" if entry.actor else "the product",  # a colleague is nobody the person may ask about
            "via": entry.via,
            "details": entry.facts,
            "before": values.get(entry.pk, {}).get("before") or {},
            "after": values.get(entry.pk, {}).get("after") or {},
        }
        for entry in entries
    ]
