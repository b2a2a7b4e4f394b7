"""Identifiers: UUIDv7 (RFC 9562), which sort by time of creation and are opaque to clients."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """Return a new time-ordered id. Later ids sort after earlier ones, to the millisecond."""
    return uuid7()


def parse_id(text: str) -> uuid.UUID | None:
    """Return `text` as an id, or None when it has another shape (an unknown id, never an error)."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
