"""The audit trail: looked through by what was done, by whom, when, to what, or to which person."""

import csv
import io
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core import audit
from core.audit import searching
from core.encryption import encrypt
from core.ids import parse_id
from core.models import AuditEntry
from core.pages import action, allowed
from crm.csv_text import escaped
from enrichment.subject_rights import clean_address

from .audit_filters import Filters, Unknown
from .audit_lines import Line, lines_of

VIEW = "core.view_auditentry"
BATCH = 1000
COLUMNS = [
    *("number", "id", "at", "action", "actor_id", "actor", "via", "client", "token_id"),
    *("object_type", "object_id", "subject", "details", "digest", "link"),
]


@allowed(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """A page of entries, the newest first. What changed of people is on the page of each entry alone."""
    filters = Filters(request.GET)
    try:
        wanted = filters.wanted()
    except Unknown:
        messages.error(request, "This link to somebody is not one of this server: search for the address again.")
        return redirect("oversight:audit")
    before = parse_id(request.GET.get("before", ""))
    rows, following = searching.page(searching.entries(wanted), before)
    if wanted.subjects is not None and before is None:
        audit.record("audit.searched", subject=audit.address(filters.person), shown=len(rows))
    context = {
        "filters": filters,
        "lines": lines_of(rows),
        "following": following,
        "before": before,
        "end": audit.end(),
        "waiting": AuditEntry.objects.filter(number__isnull=True).exists(),
        "query": urlencode([(name, value) for name, value in request.GET.items() if name != "before" and value]),
    }
    return render(request, "oversight/audit.html", context)


@action(VIEW)
def search_person(request: HttpRequest) -> HttpResponse:
    """Look for an address. It goes on encrypted, since an address of a page ends up in logs and histories."""
    try:
        address = clean_address(request.POST.get("address", ""))
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("oversight:audit")
    return redirect(f"{reverse('oversight:audit')}?{urlencode({'person': encrypt(address)})}")


@allowed(VIEW)
def detail(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """One entry with what changed. That a person's data was opened by it is in the trail itself."""
    entry = get_object_or_404(AuditEntry, pk=entry_id)
    line = lines_of([entry])[0]
    if entry.values:
        values = audit.values_of([entry])[entry.pk]
        line = Line(entry, line.page, line.facts, values, is_opened=True)
        if values is not None:
            audit.record("audit.opened", of=entry, subject=entry.subject)
    template = "oversight/audit_changes.html" if request.htmx else "oversight/audit_entry.html"  # type: ignore[attr-defined]
    return render(request, template, {"line": line})


@allowed(VIEW)
def as_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The entries of the list as a file, oldest first, without what changed of people."""
    filters = Filters(request.GET)
    try:
        wanted = filters.wanted()
    except Unknown:
        return redirect("oversight:audit")
    subject = audit.address(filters.person) if filters.person else ""
    audit.record("audit.exported", subject=subject, filters=sorted(name for name in request.GET if request.GET[name]))
    name = f"audit-trail-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_pieces(wanted), content_type="text/csv; charset=utf-8", headers=headers)


def _pieces(wanted: searching.Wanted) -> Iterator[str]:
    yield _text([COLUMNS])
    rows = searching.entries(wanted).order_by("id").values_list(*COLUMNS)
    place = COLUMNS.index("id")
    batch = list(rows[:BATCH])
    while batch:
        yield _text([["" if cell is None else str(cell) for cell in row] for row in batch])
        batch = list(rows.filter(pk__gt=batch[-1][place])[:BATCH])


def _text(lines: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([escaped(cell) for cell in line] for line in lines)
    return text.getvalue()
