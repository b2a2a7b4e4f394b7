"""Starting discoveries: of one brand, of many at once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def one(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def many(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def region(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
