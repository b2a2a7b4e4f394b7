"""Evidence as the admin shows it: each claim with the words that it was read in, and where and when."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

FIELDS = {"linkedin_url": "LinkedIn profile"}
STILL_THERE = {True: "still there", False: "no longer there", None: "could not be looked up"}


def evidence_list(entries: Sequence[Mapping[str, Any]]) -> SafeString | str:
    """Return the entries of a contact's `evidence` as a list, a dash without any. All of it is hostile text."""
    return format_html_join("", "<p><b>{}: {}</b>{}<br>{}</p>", map(_entry, entries)) or "-"


def _entry(entry: Mapping[str, Any]) -> tuple[object, ...]:
    quoted = format_html("<br><q>{}</q>", entry["snippet"]) if entry.get("snippet") else ""
    field = str(entry.get("field", ""))
    return (
        FIELDS.get(field) or field.replace("_", " ").capitalize(),
        entry.get("value", ""),
        quoted,
        format_html_join(" · ", "{}", ((part,) for part in _origin(entry))),
    )


def _origin(entry: Mapping[str, Any]) -> Iterator[object]:
    if url := entry.get("url"):
        yield outside_link(str(url))
    if source := entry.get("source"):
        yield str(source).replace("_", " ")
    if seen := entry.get("seenAt"):
        yield f"seen {str(seen)[:10]}"
    if checked := entry.get("checkedAt"):
        yield f"{STILL_THERE.get(entry.get('stillThere'), '')} on {str(checked)[:10]}"


def outside_link(url: str) -> SafeString | str:
    """Return a link to a page outside, which is told nothing; what is no address of the web stays text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return url
    return format_html('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>', url, url)
