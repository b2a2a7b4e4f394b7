"""Brands: the companies that we look at or write to, and one company with its people."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.pages import action, allowed, back, paginated, user_of
from crm import audited, by_hand, regions
from crm.brands import name_key
from crm.models import Brand, Contact, ContactAddress
from crm.searching import NOT_SHOWN

from .forms import BrandFilters, RegionForm


@allowed("crm.view_brand")
def listing(request: HttpRequest) -> HttpResponse:
    filters = BrandFilters(request.GET)
    filters.full_clean()
    rows = Brand.objects.defer("facts").annotate(people=Count("contacts")).order_by("name", "pk")
    if text := filters.cleaned_data.get("q"):
        names = Q(name__icontains=text) | Q(domain__icontains=text)
        if folded := name_key(text):
            names |= Q(name_key__contains=folded)
        rows = rows.filter(names)
    if region := filters.cleaned_data.get("region"):
        rows = rows.filter(region_code=region.upper())
    return render(request, "crm/brands.html", {"filters": filters, "page": paginated(request, rows)})


@allowed("crm.view_brand", "crm.view_contact")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One company: its people, and how many of their enrolments are open."""
    brand = get_object_or_404(Brand.objects.defer("facts"), pk=pk)
    # Enrolments are of an app above this one: through the relation, so that nothing of it is imported.
    in_state = {state: Count("enrolments", Q(enrolments__state=state)) for state in ("active", "paused")}
    primary = Prefetch("addresses", ContactAddress.objects.filter(is_primary=True), to_attr="primary")
    rows = Contact.objects.filter(brand=brand).select_related("owner").prefetch_related(primary)
    unread = (name for name in NOT_SHOWN if not name.startswith("brand"))
    people = rows.defer(*unread).annotate(**in_state).order_by("name_key", "pk")
    page = paginated(request, people)
    audited.listed(page.object_list, brand=brand.pk)
    context = {
        "brand": brand,
        "rule": regions.explanation(brand.region_code),
        "page": page,
        "region_form": RegionForm(initial={"region": brand.region_code}),
        "counts": Contact.objects.filter(brand=brand).aggregate(**in_state),
    }
    return render(request, "crm/brand.html", context)


@action("crm.change_brand")
def correct_region(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct where a company sits; empty: the next discovery may find it out."""
    brand = get_object_or_404(Brand.objects.defer("facts"), pk=pk)
    form = RegionForm(request.POST)
    if form.is_valid():
        by_hand.edit_brand(brand, {"region_code": form.cleaned_data["region"]}, user_of(request))
        messages.success(request, "Saved. What waits to be sent was judged anew.")
    else:
        messages.error(request, "Nothing was saved: choose a country.")
    return back(request, "crm:brand", pk)
