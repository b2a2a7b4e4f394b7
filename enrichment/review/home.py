"""What needs somebody now, and the figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed


@allowed("enrichment.view_enrichedcontact")
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
