"""Two found contacts who are one person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def choose(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def merge(request: HttpRequest, pk: object, gone_pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def undo(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")
