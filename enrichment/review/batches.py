"""Decisions about one or many contacts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def create(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def undo_last(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def detail(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def preview(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def confirm(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def discard(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def undo(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")
