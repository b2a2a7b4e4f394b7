"""What authenticates entries: HMACs under keys that are not in the database."""

import hmac
import json

from django.conf import settings

from core.models import AuditEntry


def digest(entry: AuditEntry) -> str:
    """Return the HMAC of all that an entry says, under a key that is not in the database."""
    said = [
        *(str(entry.id), entry.at.isoformat(), entry.action, entry.actor_id, entry.actor, entry.via, entry.client),
        *(str(entry.token_id) if entry.token_id else None, entry.object_type, entry.object_id, entry.subject),
        *(entry.details, entry.values),
    ]
    return authentic("entry", json.dumps(said, ensure_ascii=True))


def authentic(purpose: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text under a key made from `BLIND_INDEX_KEY`, which is never rotated."""
    key = hmac.digest(settings.BLIND_INDEX_KEY.encode(), f"audit {purpose}".encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def link(before: str, number: int, digest: str) -> str:
    """Return the link of an entry: an HMAC over the link before it, its number and its digest."""
    return authentic("link", f"{before}:{number}:{digest}")
