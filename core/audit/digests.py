"""What authenticates entries: HMACs under keys that are not in the database."""

import hmac
import ipaddress
import json
from datetime import UTC
from functools import lru_cache

from django.conf import settings

from core.models import AuditEntry


def digest(entry: AuditEntry) -> str:
    """Return the HMAC of all that an entry says, under a key that is not in the database.

    Times and addresses are taken in one form each, since databases give them back in forms of their own.
    """
    said = [
        *(str(entry.id), entry.at.astimezone(UTC).isoformat(), entry.action, entry.actor_id, entry.actor, entry.via),
        *(client_address(entry.client), str(entry.token_id) if entry.token_id else None),
        *(entry.object_type, entry.object_id, entry.subject, entry.details, entry.values),
    ]
    return authentic("entry", json.dumps(said, ensure_ascii=True))


def client_address(text: str | None) -> str | None:
    """Return an IP address in its one form (RFC 5952), without a zone, IPv4 as IPv4; None for what is none.

    A server behind a unix socket has an empty address for its clients, or a path.
    """
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def authentic(purpose: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text under a key made from `BLIND_INDEX_KEY`, which is never rotated."""
    return hmac.digest(_key(settings.BLIND_INDEX_KEY, purpose), text.encode(), "sha256").hex()


def link(before: str, number: int, digest: str) -> str:
    """Return the link of an entry: an HMAC over the link before it, its number and its digest."""
    return authentic("link", f"{before}:{number}:{digest}")


@lru_cache(maxsize=16)
def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"audit {purpose}".encode(), "sha256")
