"""What the pages show of a contact's evidence: each claim with its page, and whether it is what is stored now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from core.fields import normalise_email
from core.names import name_key
from enrichment.discovery.website import profiles
from enrichment.discovery.website.fetching import may_be_read
from enrichment.models import ContactSource, EnrichedContact

FIELDS = {
    "name": "Name",
    "title": "Title",
    "email": "E-mail",
    "linkedin": "LinkedIn profile",
    "phone": "Phone",
    "left": "Has left",
    "company": "Company",
    "seniority": "Seniority",
    "department": "Department",
    "decisionMaker": "Decision-maker",
    "region": "Region",
    "lawfulBasis": "Lawful basis",
}
_STORED_PLAINLY = {
    "company": "company",
    "seniority": "seniority",
    "department": "department",
    "decisionMaker": "decision_maker",
    "region": "region_code",
    "lawfulBasis": "lawful_basis",
}
SHOWN = 3  # of a field, without unfolding

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim. `url` is "" unless it is one of http or https; `still_there`: "yes", "no", "unsure" or "" (not asked).

    `index` is its place in the contact's evidence; `can_be_read`: we may look at the page again (LinkedIn's never);
    `differs`: something else is stored now.
    """

    index: int
    value: str
    url: str
    host: str
    can_be_read: bool
    snippet: str
    source: str
    by_hand: bool
    seen_at: datetime | None
    checked_at: datetime | None
    still_there: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """All that was said of one field, newest first: the first few, and the rest."""

    word: str
    first: list[Entry]
    rest: list[Entry]


def claims(contact: EnrichedContact, addresses: Iterable[str] | None) -> list[Claims]:
    """Return a contact's evidence by field. `addresses` are the contact's own; None hides whatever shows an address."""
    known = None if addresses is None else {normalise_email(address) for address in addresses}
    grouped: dict[str, list[Entry]] = {field: [] for field in FIELDS}
    for index, raw in enumerate(contact.evidence):
        field = str(raw.get("field", ""))
        if known is not None or field != "email":
            grouped.setdefault(field, []).append(_entry(index, field, raw, contact, known))
    return [
        Claims(FIELDS.get(field, field.replace("_", " ").capitalize()), entries[:SHOWN], entries[SHOWN:])
        for field, entries in grouped.items()
        if entries
    ]


def _entry(index: int, field: str, raw: Json, contact: EnrichedContact, known: set[str] | None) -> Entry:
    url, host = _link(str(raw.get("url") or ""))
    value, snippet = str(raw.get("value", "")), str(raw.get("snippet") or "")
    source = str(raw.get("source", ""))
    return Entry(
        index=index,
        value="" if known is None and "@" in value else value,
        url=url,
        host=host,
        can_be_read=bool(url) and may_be_read(url),
        snippet="" if known is None and "@" in snippet else snippet,
        source=source,
        by_hand=source == ContactSource.MANUAL,
        seen_at=moment(raw.get("seenAt")),
        checked_at=moment(raw.get("checkedAt")),
        still_there=_said(raw),
        differs=_differs(field, value, contact, known or set()),
    )


def _said(raw: Json) -> str:
    if not raw.get("checkedAt"):
        return ""
    answer = raw.get("stillThere")
    return "unsure" if answer is None else "yes" if answer else "no"


def _link(url: str) -> tuple[str, str]:
    """Return a page's URL and its host; two empty texts for what is no http or https URL."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    return (url, host.removeprefix("www.")) if parts.scheme in {"http", "https"} and host else ("", "")


def moment(text: Any) -> datetime | None:
    """Return a moment in ISO 8601 as it stands in evidence and activity; None for anything else."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if timezone.is_aware(at) else timezone.make_aware(at)


def _differs(field: str, value: str, contact: EnrichedContact, known: set[str]) -> bool:
    """Return whether something else is stored now. A name may have titles and middle names around it."""
    if field == "name":
        said = set(name_key(value, "").split())
        return not set(name_key(contact.first_name, contact.last_name).split()) <= said
    if field == "title":
        return _folded(value) != _folded(contact.job_title or "")
    if field == "email":
        return normalise_email(value) not in known
    if field == "linkedin":
        profile = profiles.parse(value)
        return (profile.slug if profile else "") != (contact.linkedin_id or "").lower()
    if field in _STORED_PLAINLY:
        return value != str(getattr(contact, _STORED_PLAINLY[field]))
    return False


def _folded(text: str) -> str:
    return " ".join(text[:300].casefold().split())
