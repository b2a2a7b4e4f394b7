"""Jobs: the list, and one of them as it runs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def detail(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def progress(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def retry(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def cancel(request: HttpRequest, pk: object) -> HttpResponse:
    return render(request, "base.html")
