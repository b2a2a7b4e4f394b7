"""Found contacts as a CSV file (RFC 4180), sent piece by piece: no more than a page of them is in memory.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (crm/csv_text.py).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Prefetch, QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from crm.csv_text import escaped
from enrichment.models import ContactEmail, EnrichedContact

PAGE = 1000
BOM = "\ufeff"  # Excel takes a file without it for Windows-1252
HEADER = (
    *("email", "further emails", "first name", "last name", "job title", "seniority", "department", "company"),
    *("domain", "website", "linkedin", "region", "lawful basis", "address status", "score", "chance", "last checked"),
    *("confidence", "source", "review", "found"),
)
LEFT_OUT = ("activity", "evidence", "linkedin_id", "search_text", "linked_brand__facts")
ADDRESSES = Prefetch("emails", ContactEmail.objects.defer("score_breakdown", "name_permutations"))


def download(rows: QuerySet[EnrichedContact]) -> StreamingHttpResponse:
    """Return the contacts as a file to save."""
    name = f"found-contacts-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces(rows), content_type="text/csv; charset=utf-8", headers=headers)


def pieces(rows: QuerySet[EnrichedContact]) -> Iterator[str]:
    """Yield the CSV of contacts, oldest first: a row for each, its best address and then its others."""
    yield BOM + _text([HEADER])
    rest = rows.order_by("pk").select_related("linked_brand").defer(*LEFT_OUT).prefetch_related(ADDRESSES)
    page = list(rest[:PAGE])
    while page:
        yield _text(_line(contact) for contact in page)
        page = list(rest.filter(pk__gt=page[-1].pk)[:PAGE])


def _text(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([escaped(cell) for cell in line] for line in lines)
    return text.getvalue()


def _line(contact: EnrichedContact) -> Sequence[str]:
    addresses, brand = list(contact.emails.all()), contact.linked_brand
    return (
        " ".join(address.email for address in addresses[:1]),
        " ".join(address.email for address in addresses[1:]),
        contact.first_name,
        contact.last_name,
        contact.job_title or "",
        contact.seniority,
        contact.department,
        contact.company or (brand.name if brand else ""),
        (brand.domain or "") if brand else "",
        brand.website if brand else "",
        contact.linkedin_url or "",
        contact.region_code or "",
        contact.lawful_basis or "",
        *_address(addresses[0] if addresses else None),
        str(contact.confidence_score),
        contact.source,
        contact.review_status,
        contact.discovered_at.date().isoformat(),
    )


def _address(best: ContactEmail | None) -> Sequence[str]:
    """Return status, score, chance and last check of the best address."""
    if best is None:
        return ("", "", "", "")
    checked = best.last_checked_at.date().isoformat() if best.last_checked_at else ""
    chance = "" if best.probability is None else f"{best.probability:.2f}"
    return (best.verification_status, str(best.verification_score), chance, checked)
