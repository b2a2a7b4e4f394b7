"""The list of jobs: its filters, and how many jobs there are of which kind."""

import zlib
from collections.abc import Iterable

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from core.pages import NoColons
from crm.brands import name_key
from enrichment.limits import RUNNING
from enrichment.models import EnrichmentJob, JobStatus, JobType

UNDER_WAY = "running"


class JobFilters(NoColons, forms.Form):
    q = forms.CharField(label="Brand", required=False, max_length=200)
    status = forms.ChoiceField(required=False, choices=[("", "Any"), (UNDER_WAY, "Under way"), *JobStatus.choices])
    kind = forms.ChoiceField(required=False, choices=[("", "Any"), *JobType.choices])


def matching(data: QueryDict) -> "tuple[JobFilters, QuerySet[EnrichmentJob]]":
    """Return the filters and the jobs that fit them, newest first; what is not valid is left out of account."""
    filters = JobFilters(data)
    filters.full_clean()
    rows = (
        EnrichmentJob.objects.select_related("created_by")
        .defer("diagnostics", "options")
        .order_by("-created_at", "-id")
    )
    if text := filters.cleaned_data.get("q"):
        named = Q(brand_name__icontains=text)
        if folded := name_key(text):
            named |= Q(brand__name_key__contains=folded)
        rows = rows.filter(named)
    if status := filters.cleaned_data.get("status"):
        rows = rows.filter(status__in=RUNNING if status == UNDER_WAY else [status])
    if kind := filters.cleaned_data.get("kind"):
        rows = rows.filter(job_type=kind)
    return filters, rows


def counts() -> dict[str, int]:
    """Return how many jobs there are, are under way and have failed."""
    return EnrichmentJob.objects.order_by().aggregate(
        total=Count("pk"),
        running=Count("pk", filter=Q(status__in=RUNNING)),
        failed=Count("pk", filter=Q(status=JobStatus.FAILED)),
    )


def mark(rows: Iterable[EnrichmentJob]) -> str:
    """Return a mark by which the page knows whether one of its rows has changed."""
    text = " ".join(f"{job.pk}{job.status}{job.items_processed}" for job in rows)
    return f"{zlib.crc32(text.encode()):08x}"
