"""Found contacts: the list with its filters, a file of those chosen, and verifying their addresses anew."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html

from core import counts
from core.pages import action, allowed, back, user_of
from core.refusals import InputError
from crm import regions
from crm.models import Brand
from enrichment import disclosure, jobs, periods
from enrichment.limits import LimitReached
from enrichment.models import EnrichedContact

from . import columns, exporting, list_state, saved_views, selection
from . import listing as lists
from .filter_form import ContactFilters, Several
from .filters import chips

NOTHING = "Nothing was selected: tick the boxes of some rows, or choose all that match."
SUGGESTED = 40  # brands
NOBODY = UUID(int=0)
OF_ADDRESSES = ("address", "chance")  # columns that need the permission to see addresses
MAIN = (
    "q",
    "brand",
    "reviewed",
    "status",
    "seniority",
    "confidence_min",
    "job",
)  # the other filters are behind "More filters"


@allowed("enrichment.view_enrichedcontact")
def listing(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    views = saved_views.of(user)
    opened = next((view for view in views if view.is_default), None)
    partial = request.htmx and request.htmx.target == "results"  # type: ignore[attr-defined]
    if not request.GET and opened and not partial:
        return HttpResponseRedirect(f"{request.path}?{opened.query}")
    state = list_state.read(request.GET)
    page = lists.page(state)
    disclosure.listed_ids([row["pk"] for row in page.rows], filters=sorted(state.filters))
    context = {"state": state, "page": page, "views": views, **_rows(user, state, page), **_links(request, state, page)}
    context["open_view"] = next((view for view in views if view.query == context["query"]), None)
    if partial:
        answer = render(request, "review/contacts_results.html", context | {"several": _several(state)})
        answer["HX-Push-Url"] = context["here"]
        return answer
    return render(request, "review/contacts.html", context | _form(state))


def _rows(user: User, state: list_state.ListState, page: lists.ListPage) -> dict[str, Any]:
    """Return the columns that the reader may see, with their headings, and where each row leads for them."""
    hidden = () if user.has_perm("enrichment.view_contactemail") else OF_ADDRESSES
    shown = [column for column in columns.OPTIONAL if column.name in state.columns and column.name not in hidden]
    places = {"url": ("review:contact", "pk")}
    if user.has_perm("crm.view_brand"):
        places["brand_url"] = ("crm:brand", "linked_brand_id")
    if user.has_perm("crm.view_contact"):
        places["crm_url"] = ("crm:contact", "linked_contact_id")
    for name, (view, key) in places.items():
        address = reverse(view, args=[NOBODY])  # once for all rows
        for row in page.rows:
            row[name] = address.replace(str(NOBODY), str(row[key])) if row[key] else ""
    return {
        "show": {column.name: True for column in shown},
        "headings": [_heading(state, column) for column in (columns.PERSON, *shown) if column.name != "sources"],
        "optional_columns": [column for column in columns.OPTIONAL if column.name not in hidden],
    }


def _links(request: HttpRequest, state: list_state.ListState, page: lists.ListPage) -> dict[str, Any]:
    """Return what the results lead to: other pages and numbers of rows, and the list without one of its filters."""
    return {
        "here": f"{request.path}?{state.on_page(page.number)}",
        "query": state.query(),
        "everything": list_state.EVERYTHING,
        "chips": [(chip, state.without(chip.name)) for chip in chips(state.filters)],
        "sizes": [(per, state.with_rows(per)) for per in list_state.PER_PAGE],
        "numbers": [(number, state.on_page(number)) for number in _near(page)],
        "previous": state.on_page(page.number - 1) if page.number > 1 else "",
        "next": state.on_page(page.number + 1) if page.number < page.pages else "",
    }


def _several(state: list_state.ListState) -> list[tuple[str, int]]:
    """Return how many values are chosen of each filter that takes several."""
    fields = ContactFilters.base_fields.items()
    return [(name, len(state.filters.get(name, ()))) for name, field in fields if isinstance(field, Several)]


def _form(state: list_state.ListState) -> dict[str, Any]:
    """Return the form of filters as they are set, and what it suggests."""
    more = [name for name in state.filters if name not in MAIN]
    return {
        "filters": ContactFilters(initial=state.filters),
        "more_filters": len(more),
        "brands": Brand.objects.order_by("-created_at").values_list("name", flat=True)[:SUGGESTED],
        "regions": [(row.code, row.country) for row in regions.REGIONS.values() if row.code != regions.OTHERS],
    }


def _heading(state: list_state.ListState, column: columns.Column) -> dict[str, Any]:
    """Return a column's heading: where it leads, and which way the list is sorted by it now, if it is."""
    by = columns.SORTS.get(column.sort.removeprefix("-"))
    same = by == columns.SORTS[state.sort.removeprefix("-")]
    other = state.sort.removeprefix("-") if state.sort.startswith("-") else f"-{state.sort}"
    return {
        "column": column,
        "query": state.sorted_by(other if same else column.sort) if column.sort else "",
        "sorted": ("descending" if state.sort.startswith("-") else "ascending") if same else "",
    }


def _near(page: lists.ListPage) -> list[int]:
    """Return the numbers of the pages that one can go to at once: the first, the last, and those around this one."""
    near = range(page.number - 2, page.number + 3)
    return sorted({1, page.pages, *(number for number in near if 1 <= number <= page.pages)})


@action("enrichment.view_enrichedcontact", "enrichment.view_contactemail", "enrichment.export_enrichedcontact")
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the chosen contacts as a CSV file."""
    rows = selection.chosen(request.POST)
    if rows is None:
        messages.error(request, NOTHING)
        return back(request, "review:contacts")
    rows = rows.exclude(pk__in=periods.left_alone())  # GDPR art. 18: stored, and nothing else
    _note_export(request, rows)
    return exporting.download(rows)


def _note_export(request: HttpRequest, rows: QuerySet[EnrichedContact]) -> None:
    """Write down in the audit trail who leaves as a file, by which filters."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True).distinct()[: disclosure.MOST_IDS + 1])
    number = len(ids) if len(ids) <= disclosure.MOST_IDS else rows.order_by().distinct().count()
    chosen_by = QueryDict(request.POST.get("filters", "")) if request.POST.get("everything") else QueryDict()
    filters = sorted(list_state.read(chosen_by).filters)
    disclosure.exported(ids, number, filters=filters, columns=exporting.HEADER)


@action("enrichment.change_enrichedcontact")
def verify_selected(request: HttpRequest) -> HttpResponse:
    """Start a job that verifies the addresses of the chosen contacts anew."""
    rows = selection.chosen(request.POST)
    if rows is None:
        messages.error(request, NOTHING)
        return back(request, "review:contacts")
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[: jobs.MAX_ITEMS + 1])
    try:
        job = jobs.create_email_enrichment(
            user_of(request), contact_ids=keys, smtp=settings.ENRICHMENT_SMTP_PROBE, providers=False
        )
    except (InputError, LimitReached) as error:
        counts.refused(error)
        messages.error(request, str(error))
        return back(request, "review:contacts")
    text = f"The addresses of {len(keys):,} contact{'s' * (len(keys) != 1)} are being verified."
    way = format_html('<a href="{}">See how far it is.</a>', reverse("review:job", args=[job.pk]))
    messages.success(request, format_html("{} {}", text, way))
    return back(request, "review:contacts")
