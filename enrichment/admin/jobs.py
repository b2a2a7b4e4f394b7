"""Jobs: how they went, starting failed ones again, stopping those under way."""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.badges import link
from core.read_only import ReadOnly
from enrichment import jobs
from enrichment.intake import RegionRestricted
from enrichment.models import EnrichmentJob, JobContact, JobType

from .display import counted, job_badge

MEANS = {"smtp": "mail servers", "providers": "providers", "fresh": "anew, whatever is kept"}


@admin.register(EnrichmentJob)
class EnrichmentJobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["subject", "state", "progress", "found", "contacts_enriched", "created_at", "completed_at"]
    list_filter = ["status", "job_type", "created_at"]
    search_fields = ["brand_name", "brand_website"]
    list_per_page = 50
    date_hierarchy = "created_at"
    actions = ["retry", "cancel"]
    fields = [
        ("job_type", "brand_name", "brand_link", "found"),
        "brand_website",
        "linkedin_company_url",
        "region_code",
        ("state", "progress", "retry_count", "max_retries"),
        "error_message",
        "diagnostics_list",
        ("contacts_discovered", "contacts_enriched"),
        ("compliance_mode", "volume_limited"),
        "means",
        ("started_at", "completed_at"),
        "created_by",
    ]
    readonly_fields = ["brand_link", "found", "state", "progress", "means", "diagnostics_list"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnrichmentJob]:
        """Add whether a job has contacts: one that verifies bare addresses has none to lead to."""
        return super().get_queryset(request).annotate(leads_on=Exists(JobContact.objects.filter(job=OuterRef("pk"))))

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Whoever may change jobs may retry and cancel them."""
        return request.user.has_perm("enrichment.change_enrichmentjob")

    @admin.action(description="Retry", permissions=["run"])
    def retry(self, request: HttpRequest, queryset: QuerySet[EnrichmentJob]) -> None:
        self._each(request, queryset, jobs.retry, "started again")

    @admin.action(description="Cancel", permissions=["run"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[EnrichmentJob]) -> None:
        self._each(request, queryset, jobs.cancel, "cancelled")

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[EnrichmentJob],
        change: Callable[[uuid.UUID], EnrichmentJob],
        done: str,
    ) -> None:
        """Change every job chosen; say how many were, and why the others were not."""
        changed, refused = 0, Counter[str]()
        for key in queryset.values_list("pk", flat=True):
            try:
                change(key)
                changed += 1
            except (jobs.NotInState, RegionRestricted) as error:
                refused[str(error)] += 1
            except EnrichmentJob.DoesNotExist:
                refused["deleted meanwhile."] += 1
        if changed:
            self.message_user(request, f"{counted(changed, 'job', 'jobs')} {done}.", messages.SUCCESS)
        for sentence, number in refused.items():
            self.message_user(request, f"{counted(number, 'job', 'jobs')} left alone: {sentence}", messages.WARNING)

    @admin.display(ordering="brand_name", description="about")
    def subject(self, job: EnrichmentJob) -> str:
        return job.brand_name or JobType(job.job_type).label

    @admin.display(description="progress")
    def progress(self, job: EnrichmentJob) -> str:
        return f"{job.items_processed} of {job.items_total}" if job.items_total else "-"

    @admin.display(description="may ask")
    def means(self, job: EnrichmentJob) -> str:
        return ", ".join(words for name, words in MEANS.items() if job.options.get(name)) or "-"

    @admin.display(ordering="status", description="status")
    def state(self, job: EnrichmentJob) -> SafeString:
        return job_badge(job.status)

    @admin.display(ordering="contacts_discovered", description="contacts found")
    def found(self, job: EnrichmentJob) -> SafeString | str:
        if not cast(Any, job).leads_on:
            return str(job.contacts_discovered) if job.job_type == JobType.BRAND_CONTACT_DISCOVERY else "-"
        return link(job.contacts_discovered, "enrichment_enrichedcontact_changelist", jobs__id__exact=job.pk)

    @admin.display(description="brand")
    def brand_link(self, job: EnrichmentJob) -> SafeString | str:
        return link(job.brand, "crm_brand_change", job.brand_id) if job.brand is not None else "-"

    @admin.display(description="diagnostics")
    def diagnostics_list(self, job: EnrichmentJob) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((entry["sentence"],) for entry in job.diagnostics))
