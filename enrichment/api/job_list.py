"""`GET jobs`: the jobs, newest first, without their contacts."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from core.api import cursors
from core.ids import parse_id
from enrichment.api import representations
from enrichment.models import EnrichmentJob

JOBS = cursors.Listing("jobs", {"createdAt": "created_at"}, default="-createdAt")

COLUMNS = (
    "pk", "job_type", "status", "brand_id", "brand_name", "brand_website", "linkedin_company_url", "region_code",
    "compliance_mode", "volume_limited", "contacts_discovered", "contacts_enriched", "items_processed", "items_total",
    "error_message", "diagnostics", "retry_count", "max_retries", "created_at", "started_at", "completed_at",
)  # fmt: skip


def page(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to `query` (queries.JobListQuery). Raises InputError for a cursor that cannot be used."""
    jobs = EnrichmentJob.objects.all()
    if "brandId" in query:
        brand = parse_id(query["brandId"])
        jobs = jobs.filter(brand=brand) if brand else jobs.none()
    if "status" in query:
        jobs = jobs.filter(status=query["status"])
    found = cursors.page(JOBS, jobs.values(*COLUMNS), query)
    summaries = [representations.job_summary(SimpleNamespace(**row)) for row in found.rows]
    return {"success": True, "jobs": summaries, "pagination": found.pagination}
