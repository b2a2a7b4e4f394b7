"""Contacts, brands and the suppression list as CSV (RFC 4180), piece by piece: no more than a page is in memory.

What is exported of contacts and brands, import reads back. Cells that a spreadsheet would take for formulas get an
apostrophe in front, which import takes away again.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from . import retention, suppression
from .csv_people import EVIDENCE
from .csv_text import escaped
from .models import Brand, Contact, Suppression

PAGE = 1000

CONTACT = (
    *("email", "further emails", "first name", "last name", "job title", "seniority", "department", "company"),
    *("domain", "website", "company linkedin", "company region", "linkedin", "region", "lawful basis"),
    *("relationship status", "owner", "suppressed", "source", "notes"),
)
BRAND = ("company", "domain", "website", "company linkedin", "company region")
SUPPRESSION = ("kind", "fingerprint", "reason", "date")

_M = TypeVar("_M", bound=Model)
Line = Sequence[str]


def contacts(rows: QuerySet[Contact]) -> Iterator[str]:
    """Yield the CSV of contacts, oldest first: a row for each, its primary address and then its others.

    `suppressed` says whether the first address, or everybody at its domain or the company's, is on the list. Whoever
    asked that their data be left alone (GDPR art. 18) is left out.
    """
    rows = rows.exclude(pk__in=retention.left_alone())
    return _csv(
        CONTACT, rows.select_related("brand", "owner").prefetch_related(None).prefetch_related("addresses"), _people
    )


def brands(rows: QuerySet[Brand]) -> Iterator[str]:
    """Yield the CSV of brands, oldest first."""
    return _csv(BRAND, rows.defer("facts"), lambda page: map(_brand, page))


def suppressions(rows: QuerySet[Suppression]) -> Iterator[str]:
    """Yield the CSV of the suppression list, oldest first. Its addresses are not known, only their fingerprints."""
    return _csv(SUPPRESSION, rows, lambda page: map(_suppression, page))


def _csv(header: Line, rows: QuerySet[_M], lines: Callable[[list[_M]], Iterable[Line]]) -> Iterator[str]:
    yield _text([header])
    for page in _pages(rows):
        yield _text(lines(page))


def _text(lines: Iterable[Line]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([escaped(cell) for cell in line] for line in lines)
    return text.getvalue()


def _pages(rows: QuerySet[_M]) -> Iterator[list[_M]]:
    """Yield all rows by id, page by page: each is a query of its own, no transaction and no cursor stays open."""
    rest = rows.order_by("pk")
    while page := list(rest[:PAGE]):
        yield page
        rest = rows.order_by("pk").filter(pk__gt=page[-1].pk)


def _people(page: list[Contact]) -> Iterable[Line]:
    addresses = {contact.pk: [row.email for row in contact.addresses.all()] for contact in page}
    domains = {contact.pk: f"@{contact.brand.domain or ''}" for contact in page}
    asked = {email for emails in addresses.values() for email in emails[:1]} | set(domains.values())
    listed = suppression.suppressed(asked)
    for contact in page:
        emails = addresses[contact.pk]
        yield _person(contact, emails, suppressed=not listed.isdisjoint([*emails[:1], domains[contact.pk]]))


def _person(contact: Contact, emails: list[str], *, suppressed: bool) -> Line:
    return (
        " ".join(emails[:1]),
        " ".join(emails[1:]),
        contact.first_name,
        contact.last_name,
        contact.job_title,
        contact.seniority,
        contact.department,
        *_brand(contact.brand),
        contact.linkedin_url or "",
        contact.region_code,
        contact.lawful_basis or "",
        contact.relationship_status,
        contact.owner.get_username() if contact.owner else "",
        "yes" if suppressed else "",
        *_source(contact.evidence),
    )


def _brand(brand: Brand) -> Line:
    return brand.name, brand.domain or "", brand.website, brand.linkedin_company_url, brand.region_code


def _source(evidence: list[dict[str, Any]]) -> Line:
    """Return where a contact is from: what an import said of it, else the first page or source; and its notes."""
    entry = next(iter(evidence or ()), {})
    if entry.get("source") == EVIDENCE:
        return str(entry.get("value", "")), str(entry.get("snippet", ""))
    return str(entry.get("url") or entry.get("source", ""))[:500], ""


def _suppression(row: Suppression) -> Line:
    return row.kind, row.value_index, row.reason, row.created_at.isoformat(timespec="seconds")
