"""Contacts who are likely one person, to be looked at and merged."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import allowed
from crm import duplicates

from .merging import RIGHTS

MOST = 100


@allowed("crm.view_contact", *RIGHTS)
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "crm/duplicates.html", {"pairs": duplicates.all_pairs(MOST), "most": MOST})
