"""Reading what providers answer: every field may be missing, null or of another type than the documented one."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from enrichment.discovery.base import Evidence, printable_claim
from enrichment.emails.verification import syntax

MAX_URL = 2000  # characters


def entry(value: Any) -> dict[str, Any]:
    """Return what should be an object: an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def flag(value: Any) -> bool | None:
    """Return what should be true or false, None for anything else."""
    return value if isinstance(value, bool) else None


def number(value: Any) -> float | None:
    """Return what should be a number, 0 or more; some come as text ("25000.00"). None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) and read >= 0 else None


def count(value: Any) -> int | None:
    """Return what should be a whole number, 0 or more, None for anything else."""
    read = number(value)
    return None if read is None else int(read)


def share(value: Any) -> float | None:
    """Return a score of 0-100 as 0-1, None for anything else."""
    read = number(value)
    return None if read is None or read > 100 else read / 100


def moment(value: Any) -> datetime | None:
    """Return a date or a time (ISO 8601, UTC where it does not say), None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def past(value: Any, now: datetime) -> datetime | None:
    """Return `moment(value)`, at most `now`."""
    read = moment(value)
    return read and min(read, now)


def address(value: Any) -> str | None:
    """Return what should be an address, in the form of normalise_email; None for what cannot be written to."""
    try:
        parsed = syntax.parse(value.strip()) if isinstance(value, str) else None
    except syntax.InvalidAddress:
        return None
    return f"{parsed.local.lower()}@{parsed.domain}" if parsed else None


def page_url(value: Any) -> str:
    """Return what should be the address of a web page, "" for anything else."""
    if not isinstance(value, str) or len(value) > MAX_URL:
        return ""
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return ""
    return value.strip() if parts.scheme in {"http", "https"} and parts.hostname else ""


def seen_at(email: str, pages: Iterable[tuple[str, datetime]], source: str) -> tuple[Evidence, ...]:
    """Return the evidence that an address was seen on `pages` (URL and when), as the provider `source` says."""
    return tuple(printable_claim(Evidence("email", email, url, "", source, at)) for url, at in pages if url)
