"""Reading what registers send, of which nothing is certain but that it is JSON."""

from typing import Any

from enrichment.discovery.base import Context
from enrichment.discovery.service import Service, text_of

MAX_ENTRIES = 1_000  # of one list
MAX_TEXT = 200


def short(value: Any) -> str:
    """Return what should be a text, trimmed and printable, at most MAX_TEXT characters: "" for anything else."""
    return "".join(filter(str.isprintable, text_of(value)))[:MAX_TEXT]


def entry(service: Service, value: Any) -> dict[str, Any]:
    """Return an answer that should be an object. Raises SourceError (malformed)."""
    if not isinstance(value, dict):
        raise service.trouble("malformed", "{title} sent something other than an entry; try again later.")
    return value


def has_passed(value: Any, context: Context) -> bool:
    """Whether a register's end date ("2024-01-31", perhaps with a time) is there and not in the future."""
    text = text_of(value)
    if not text:
        return False
    return not (text[:4].isdigit() and text[:10] > context.now().date().isoformat())


def day(value: Any) -> str:
    """Return the day of a register's date, "" for anything but "YYYY-MM-DD…"."""
    text = text_of(value)[:10]
    return text if len(text) == 10 and text.replace("-", "").isdigit() else ""


def within(value: Any, *keys: str) -> Any:
    """Return what is found along `keys` in nested objects, None where one is missing or no object."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
