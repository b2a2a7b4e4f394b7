"""`Idempotency-Key`: a request that is sent twice does its work once (draft-ietf-httpapi-idempotency-key-header).

The key's row is inserted in the transaction of the work itself, so that the database decides who was first: a second
request waits for the first one's transaction (on PostgreSQL at the unique index, on SQLite at the write lock), then
reads its result. Work that is refused or fails takes its key back with it.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core.refusals import InputError
from enrichment.models import IdempotencyKey

KEPT = timedelta(hours=24)
MAX_KEY = 255

Json = dict[str, Any]


def run(user: User, operation: str, key: str | None, body: Any, action: Callable[[], Json]) -> tuple[Json, bool]:
    """Return what `action` returns and False; for a key used before, what it returned then and True.

    `action` works in the database and returns JSON without personal data, for it is kept for a day. Without a key it
    simply runs. Raises InputError for a malformed key, and for one that came with another `body` before.
    """
    if key is None:
        return action(), False
    if not (len(key.strip()) > 0 and len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise InputError(
            "invalid_idempotency_key", f"Idempotency-Key must be 1 to {MAX_KEY} printable ASCII characters, say a UUID."
        )
    fingerprint = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    name = {"user": user, "operation": operation, "key": key}
    with transaction.atomic():
        IdempotencyKey.objects.filter(**name, created_at__lte=timezone.now() - KEPT).delete()
        row, first = IdempotencyKey.objects.get_or_create(**name, defaults={"request_hash": fingerprint})
        if not first and row.request_hash != fingerprint:
            raise InputError(
                "idempotency_key_reused", "This Idempotency-Key came with another body before: use a new key."
            )
        if first:
            row.result = action()
            row.save(update_fields=["result"])
    return row.result, not first
