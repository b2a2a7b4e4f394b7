"""One found contact, in the drawer or on a page of its own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def detail(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def edit(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def verify(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def add_note(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def check_evidence(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")
