"""Two found contacts who are one person: finding the other one, choosing field by field, and undoing it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from core.pages import action, allowed, back, user_of
from crm import regions
from crm.merging import GONE, KEPT
from enrichment import disclosure, duplicates, merged_fields, merging, searching
from enrichment.models import ContactMerge, EnrichedContact
from enrichment.templatetags.review import department_word, seniority_word

from .filter_form import LONGEST

CANDIDATES = 20
RIGHTS = ("enrichment.view_enrichedcontact", "enrichment.change_enrichedcontact")
LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "job_title": "Job title",
    "company": "Company",
    "linkedin_url": "LinkedIn profile",
    "region_code": "Region",
    "lawful_basis": "Lawful basis",
}


@allowed(*RIGHTS)
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Find the contact that is the same person: by a search, else those who likely are."""
    contact = get_object_or_404(EnrichedContact, pk=pk)
    asked = request.GET.get("q", "").replace("\0", "")[:LONGEST].strip()
    if asked:
        rows = EnrichedContact.objects.filter(searching.found_by(asked)).exclude(pk=pk)
        found = [duplicates.Likely(other, "") for other in rows.defer("evidence", "activity")[:CANDIDATES]]
    else:
        found = duplicates.duplicates_of(contact, CANDIDATES)
    disclosure.listed([contact, *(likely.other for likely in found)], filters=["q"] if asked else [])
    context = {"contact": contact, "asked": asked, "found": found, "most": CANDIDATES}
    return render(request, "review/duplicates.html", context)


@allowed(*RIGHTS, methods=("GET", "HEAD", "POST"))
def merge(request: HttpRequest, pk: UUID, gone_pk: UUID) -> HttpResponse:
    """Show both side by side, and make them one by the choices made."""
    rows = EnrichedContact.objects.select_related("linked_brand", "linked_contact").prefetch_related("emails", "notes")
    kept, gone = get_object_or_404(rows, pk=pk), get_object_or_404(rows, pk=gone_pk)
    choices = {name: request.POST[name] for name in merged_fields.FIELDS if name in request.POST}
    if request.method == "POST":
        try:
            merging.merge(kept, gone, choices, user_of(request))
        except ValueError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Both are one contact now. It can be undone below, under “Duplicates”.")
            return redirect("review:contact", pk)
    disclosure.listed([kept, gone])
    context = {
        "kept": kept,
        "gone": gone,
        "both": (kept, gone),
        "fields": _side_by_side(kept, gone, choices),
        "both_in_crm": merged_fields.both_in_crm(kept, gone),
        "review": merged_fields.review_of(kept, gone),
        "two_brands": None not in (kept.linked_brand, gone.linked_brand) and kept.linked_brand != gone.linked_brand,
    }
    return render(request, "review/merge.html", context)


@action(*RIGHTS)
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make two contacts of one again."""
    row = get_object_or_404(ContactMerge.objects.defer("snapshot"), pk=pk)
    try:
        restored = merging.undo(row, user_of(request))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Undone: {restored} is a contact of their own again.")
    return back(request, "review:contact", row.kept_id)


def _side_by_side(kept: EnrichedContact, gone: EnrichedContact, choices: dict[str, str]) -> list[dict[str, Any]]:
    """Return each field that can be chosen, with both values as people read them."""
    differ = merged_fields.differences(kept, gone)
    return [
        {
            "name": name,
            "label": LABELS[name],
            "differs": name in differ,
            "sides": [
                {"side": side, "value": _shown(contact, name), "chosen": choices.get(name, KEPT) == side}
                for side, contact in ((KEPT, kept), (GONE, gone))
            ],
        }
        for name in merged_fields.FIELDS
    ]


def _shown(contact: EnrichedContact, name: str) -> str:
    value = getattr(contact, name) or ""
    if not value:
        return "–"
    if name == "region_code":
        return f"{regions.policy(value).country} ({value})" if value in regions.REGIONS else value
    if name == "lawful_basis":
        return contact.get_lawful_basis_display()
    if name == "job_title":
        decides = ("decision-maker",) if contact.decision_maker else ()
        words = (value, seniority_word(contact.seniority), department_word(contact.department), *decides)
        return " · ".join(words)
    return str(value)
