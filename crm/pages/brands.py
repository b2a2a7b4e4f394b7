"""Brands: the companies that we look at or write to."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import paginated, staff
from crm.brands import name_key
from crm.models import Brand

from .forms import BrandFilters


@staff("crm.view_brand")
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
