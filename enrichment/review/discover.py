"""Starting the discovery of a brand, and what the law says where it is."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from core import counts
from core.pages import allowed, user_of
from enrichment import intake, jobs, sources
from enrichment.review import budgets, known_brands
from enrichment.review.discover_forms import DiscoverForm, RegionForm, countries
from enrichment.review.discover_many import PERMISSION, many
from enrichment.review.known_brands import Known
from enrichment.review.region_rules import rule
from enrichment.review.starting import NotStarted, start

__all__ = ["many", "one", "region"]

STARTED = "The discovery of {brand} has begun."
KNOWN = " It was looked into before: people who are known already are updated, not doubled."


@allowed(PERMISSION, methods=("GET", "HEAD", "POST"))
def one(request: HttpRequest) -> HttpResponse:
    """The form for one brand; `?brand=` and its other fields fill it in."""
    if _part(request) == "brand-known":
        return render(request, "review/discover_known.html", {"known": _known(request.GET)})
    if request.method != "POST":
        initial = {**request.GET.dict(), "once": secrets.token_hex(16), "rules_only_warn": False}
        return _page(request, DiscoverForm(initial=initial, admin=jobs.may_only_warn(user_of(request))))
    form = DiscoverForm(request.POST, admin=jobs.may_only_warn(user_of(request)))
    if not form.is_valid():
        for error in form.errors.as_data().get("region", ()):
            counts.refused(error.__cause__)
        return _page(request, form, 400)
    known = _known(request.POST)
    try:
        job = start(form.request(), user_of(request), form.cleaned_data["once"])
    except NotStarted as error:
        form.add_error(None, str(error))
        answer = _page(request, form, error.status)
        for name, value in error.headers.items():
            answer[name] = value
        return answer
    said = STARTED.format(brand=form.cleaned_data["brand"])
    messages.success(request, said + KNOWN if known and known.last else said)
    return redirect("review:job", job)


@allowed(PERMISSION)
def region(request: HttpRequest) -> HttpResponse:
    """What the law of a country says to first messages: a page, and for htmx the part of one."""
    code = _region(request.GET)
    if _part(request) == "region-rule":
        return render(request, "review/discover_rule.html", {"rule": rule(code)})
    context = {"form": RegionForm(initial={"region": code}), "rule": rule(code), "code": code}
    return render(request, "review/discover_region.html", context)


def _page(request: HttpRequest, form: DiscoverForm, status: int = 200) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    context = {
        "form": form,
        "rule": rule(_region(given)),
        "known": _known(given),
        "recent": known_brands.recent_names(),
        "standings": sources.standings(),
        "trouble": sources.trouble(),
        "restricted": [name for code, name in countries() if intake.is_restricted(code)],
        "budgets": budgets.left(user_of(request)),
    }
    return render(request, "review/discover.html", context, status=status)


def _part(request: HttpRequest) -> str:
    """Return the id of the part of a page that htmx asks for, "" when a whole page is wanted."""
    htmx: Any = getattr(request, "htmx", None)
    return str(htmx.target or "") if htmx else ""


def _region(given: QueryDict) -> str | None:
    """Return the code of a country, None for what is none."""
    try:
        return intake.clean_region(given.get("region"))
    except ValueError:
        return None


def _known(given: QueryDict) -> Known | None:
    """Return what is known of the brand that was typed."""
    form = DiscoverForm(given)
    form.full_clean()
    brand = form.cleaned_data.get("brand")
    if not brand:
        return None
    wanted = intake.discovery_request(brand, form.cleaned_data.get("website"))
    return known_brands.known([(wanted.brand_name, wanted.domain)])[0]
