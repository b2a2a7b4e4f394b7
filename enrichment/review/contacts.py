"""Found contacts: the list with its filters, and a file of those chosen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


@allowed("enrichment.view_enrichedcontact")
def export(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
