"""Two contacts who are one person: finding the other one, choosing field by field, and undoing it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from core.pages import action, allowed, back, user_of
from crm import merging
from crm.models import Contact, Merge
from crm.searching import NOT_SHOWN, search

CANDIDATES = 20
RIGHTS = ("crm.change_contact", "crm.delete_contact")


@allowed("crm.view_contact", *RIGHTS)
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Find the contact that is the same person: by a search, else those of the same name or company."""
    contact = get_object_or_404(Contact.objects.select_related("brand"), pk=pk)
    rows = Contact.objects.exclude(pk=pk).select_related("brand").defer(*NOT_SHOWN)
    if asked := request.GET.get("q", "").strip():
        found = search(rows, asked).distinct()
    else:
        found = rows.filter(name_key=contact.name_key) | rows.filter(brand=contact.brand_id)
    context = {"contact": contact, "asked": asked, "candidates": found[:CANDIDATES]}
    return render(request, "crm/merge_choose.html", context)


@allowed("crm.view_contact", *RIGHTS, methods=("GET", "HEAD", "POST"))
def merge(request: HttpRequest, pk: UUID, gone_pk: UUID) -> HttpResponse:
    """Show both side by side, and make them one by the choices made."""
    rows = Contact.objects.select_related("brand", "owner").prefetch_related("addresses")
    kept, gone = get_object_or_404(rows, pk=pk), get_object_or_404(rows, pk=gone_pk)
    if request.method == "POST":
        choices = {name: request.POST[name] for name in merging.FIELDS if name in request.POST}
        try:
            merging.merge(kept, gone, choices, user_of(request))
        except ValueError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Both are one contact now. It can be undone below, under “Merged”.")
            return redirect("crm:contact", pk)
    context = {"kept": kept, "gone": gone, "fields": _side_by_side(kept, gone)}
    return render(request, "crm/merge.html", context)


def _side_by_side(kept: Contact, gone: Contact) -> list[dict[str, Any]]:
    """Return each field that can be chosen, with both values as people read them."""
    differ = merging.differences(kept, gone)
    return [
        {
            "name": name,
            "label": Contact._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
            "kept": _shown(kept, name),
            "gone": _shown(gone, name),
            "differs": name in differ,
        }
        for name in merging.FIELDS
    ]


def _shown(contact: Contact, name: str) -> Any:
    display = getattr(contact, f"get_{name}_display", None)
    return (display() if display else getattr(contact, name)) or "–"


@action("crm.view_contact")
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not user_of(request).has_perms([*RIGHTS, "crm.add_contact"]):
        raise PermissionDenied
    row = get_object_or_404(Merge, pk=pk)
    try:
        restored = merging.undo(row, user_of(request))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Undone: {restored} is a contact of its own again.")
    return back(request, "crm:contact", row.kept_id)
