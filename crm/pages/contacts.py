"""Contacts: the list, and one contact with all that is known of it, what was done, and what can be."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from core.pages import action, allowed, back, paginated, user_of
from crm import audited, by_hand, consents, contacts, history, notes, regions
from crm.models import Consent, Contact, ContactAddress, Merge
from crm.searching import NOT_SHOWN, search
from crm.suppression import suppressed
from crm.telling import deadline

from .forms import ConsentForm, ContactFilters, NoteForm, RegionForm, RelationshipForm


@allowed("crm.view_contact")
def listing(request: HttpRequest) -> HttpResponse:
    filters = ContactFilters(request.GET)
    filters.full_clean()
    primary = Prefetch("addresses", ContactAddress.objects.filter(is_primary=True), to_attr="primary")
    rows = Contact.objects.select_related("brand", "owner").defer(*NOT_SHOWN).prefetch_related(primary)
    page = paginated(request, _filtered(rows, filters.cleaned_data))
    audited.listed(page.object_list, filters=sorted(name for name, value in filters.cleaned_data.items() if value))
    return render(request, "crm/contacts.html", {"filters": filters, "page": page})


def _filtered(rows: QuerySet[Contact], chosen: dict[str, Any]) -> QuerySet[Contact]:
    if text := chosen.get("q"):
        rows = search(rows, text)
    if status := chosen.get("relationship"):
        rows = rows.filter(relationship_status=status)
    if region := chosen.get("region"):
        rows = rows.filter(region_code=region.upper())
    if brand := chosen.get("brand"):
        rows = rows.filter(brand=brand)
    if owner := chosen.get("owner"):
        rows = rows.filter(owner=None) if owner == "none" else rows.filter(owner=owner)
    return rows


@allowed("crm.view_contact")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.select_related("brand", "owner", "created_by"), pk=pk)
    audited.viewed(contact.pk)
    return _page(request, contact)


def _page(request: HttpRequest, contact: Contact, **forms: Any) -> HttpResponse:
    """Return the contact's page; `forms` are those that came back with mistakes."""
    addresses = list(contact.addresses.all())
    listed = suppressed([row.email for row in addresses])
    standing = {"relationship": contact.relationship_status, "owner": contact.owner_id}
    context = {
        "contact": contact,
        "addresses": [(row, row.email in listed) for row in addresses],
        "rule": regions.explanation(contact.region_code or contact.brand.region_code),
        "consents": contact.consents.select_related("recorded_by"),
        "timeline": history.timeline(contact),
        # Of an app above this one: through the relation, so that nothing of it is imported.
        "enrolments": contact.enrolments.select_related("sequence")[:20],
        "told": contact.notices.filter(state="sent").order_by("told_at").first(),
        "tell_by": deadline(contact),
        "merges": Merge.objects.filter(kept=contact).defer("snapshot").select_related("merged_by"),
        "relationship_form": RelationshipForm(initial=standing),
        "note_form": NoteForm(),
        "consent_form": ConsentForm(),
        "region_form": RegionForm(initial={"region": contact.region_code}),
        "of_brand": not contact.region_code and bool(contact.brand.region_code),
        **forms,
    }
    return render(request, "crm/contact.html", context, status=400 if forms else 200)


@action("crm.change_contact")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change owner and relationship."""
    contact = get_object_or_404(Contact.objects.select_related("brand", "owner"), pk=pk)
    form = RelationshipForm(request.POST)
    if not form.is_valid():
        return _page(request, contact, relationship_form=form)
    with transaction.atomic():
        contacts.set_relationship(contact, form.cleaned_data["relationship"], user_of(request))
        contacts.set_owner([contact], form.cleaned_data["owner"], user_of(request))
    messages.success(request, "Saved.")
    return back(request, "crm:contact", pk)


@action("crm.change_contact")
def correct_region(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct where a contact works; empty: where their company sits."""
    contact = get_object_or_404(Contact.objects.select_related("brand", "owner"), pk=pk)
    form = RegionForm(request.POST)
    if not form.is_valid():
        return _page(request, contact, region_form=form)
    by_hand.edit(contact, {"region_code": form.cleaned_data["region"]}, user_of(request))
    messages.success(request, "Saved. What waits to be sent was judged anew.")
    return back(request, "crm:contact", pk)


@action("crm.view_contact", "crm.add_note")
def add_note(request: HttpRequest, pk: UUID) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.select_related("brand", "owner"), pk=pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, contact, note_form=form)
    notes.add(contact, form.cleaned_data["text"], user_of(request))
    messages.success(request, "The note is kept.")
    return back(request, "crm:contact", pk)


@action("crm.view_contact", "crm.add_consent")
def add_consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.select_related("brand", "owner"), pk=pk)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _page(request, contact, consent_form=form)
    given_at = timezone.make_aware(datetime.combine(form.cleaned_data["given_on"], time()))
    given = form.cleaned_data
    consents.record(contact, given_at, given["source"], user_of(request), given["wording"])
    messages.success(request, "The consent is recorded.")
    return back(request, "crm:contact", pk)


@action("crm.change_consent")
def withdraw_consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    consent = get_object_or_404(Consent, pk=pk)
    consents.withdraw(consent, user_of(request))
    messages.success(request, "The consent is withdrawn. That it was given stays on record.")
    return back(request, "crm:contact", consent.contact_id)


@action("crm.change_contactaddress")
def make_primary(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make another address of the contact the primary one."""
    contact = get_object_or_404(Contact, pk=pk)
    address = next((row for row in contact.addresses.all() if str(row.pk) == request.POST.get("address")), None)
    if address is None:
        messages.error(request, "This address is not there any more.")
    else:
        by_hand.make_primary(contact, address, user_of(request))
        messages.success(request, f"{address.email} is the primary address now.")
    return back(request, "crm:contact", pk)
