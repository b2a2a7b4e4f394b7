"""The suppression list: counts, adding, asking for a value one has in hand, and removing with a reason."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.pages import action, allowed, paginated, user_of
from crm import suppression
from crm.models import Suppression

from .forms import AddForm, RemoveForm, ValueForm


@allowed("crm.view_suppression")
def listing(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    counts = dict(Suppression.objects.order_by().values_list("reason").annotate(Count("pk")))
    rows = Suppression.objects.select_related("created_by")
    shown = {
        "counts": [(label, counts.get(reason, 0)) for reason, label in Suppression.Reason.choices],
        "total": sum(counts.values()),
        "page": paginated(request, rows),
        "add_form": AddForm(),
        "check_form": ValueForm(auto_id="check_%s"),
        "remove_form": RemoveForm(auto_id="remove_%s"),
        **context,
    }
    return render(request, "crm/suppression.html", shown)


@action("crm.add_suppression", "crm.view_suppression")
def add(request: HttpRequest) -> HttpResponse:
    """Put values on the list. Mounted by outreach, which stops what is planned for them."""
    form = AddForm(request.POST)
    if not form.is_valid():
        return _page(request, add_form=form)
    added = suppression.add(form.cleaned_data["values"], form.cleaned_data["reason"], user_of(request))
    messages.success(request, f"{added.added} added; {added.known} on the list already.")
    return redirect("crm:suppression")


@action("crm.view_suppression")
def check(request: HttpRequest) -> HttpResponse:
    """Say whether a value may be written to. By POST, so that the value stands in no address or log."""
    form = ValueForm(request.POST, auto_id="check_%s")
    if not form.is_valid():
        return _page(request, check_form=form)
    value = form.cleaned_data["value"]
    return _page(request, check_form=form, checked=value, hits=list(suppression.rows_for(value)))


@action("crm.delete_suppression")
def remove(request: HttpRequest) -> HttpResponse:
    """Take a value off the list; the log keeps who did and why."""
    form = RemoveForm(request.POST, auto_id="remove_%s")
    if not form.is_valid():
        return _page(request, remove_form=form)
    value = form.cleaned_data["value"]
    entry = suppression.entry(value)
    rows = list(Suppression.objects.filter(kind=entry.kind, value_index=entry.index))
    if not suppression.remove([value], user_of(request)):
        hits = list(suppression.rows_for(value))
        return _page(request, remove_form=form, checked=value, hits=hits, not_listed=True)
    LogEntry.objects.log_actions(user_of(request).pk, rows, DELETION, form.cleaned_data["why"])
    messages.success(request, "Removed: it may be written to again, unless its domain is on the list.")
    return redirect("crm:suppression")
