"""The page of retention: how long everything is kept, what is due soon, what went and why, and a dry run."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.pages import allowed, paginated
from enrichment import periods, retention
from enrichment.models import PurgeReport


@allowed("enrichment.view_purgereport", methods=("GET", "HEAD", "POST"))
def page(request: HttpRequest) -> HttpResponse:
    """Show the page; posted to, with what a run would do now, which changes nothing."""
    now = timezone.now()
    context = {
        "upcoming": retention.upcoming(now),
        "elsewhere": periods.elsewhere(),
        "page": paginated(request, PurgeReport.objects.all()),
        "titles": {kind.name: kind.title for kind in periods.KINDS},
        "acts": {kind.name: kind.act for kind in periods.KINDS},
    }
    if request.method == "POST":
        would = retention.purge(dry_run=True)
        context |= {"would": would, "going": [(kind, would.by_kind()[kind.name]) for kind in periods.KINDS]}
    return render(request, "oversight/retention.html", context)
