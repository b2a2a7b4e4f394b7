"""Views of the list that somebody keeps."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def save(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def delete(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def make_default(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")
