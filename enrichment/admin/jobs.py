"""Jobs: how they went, starting failed ones again, stopping those under way."""

import uuid
from collections import Counter
from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.badges import link
from core.read_only import ReadOnly
from enrichment import jobs
from enrichment.intake import RegionRestricted
from enrichment.models import EnrichmentJob

from .display import counted, job_badge


@admin.register(EnrichmentJob)
class EnrichmentJobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["brand_name", "state", "found", "contacts_enriched", "created_at", "completed_at"]
    list_filter = ["status", "job_type", "created_at"]
    search_fields = ["brand_name", "brand_website"]
    list_per_page = 50
    date_hierarchy = "created_at"
    actions = ["retry", "cancel"]
    fields = [
        ("brand_name", "brand_link", "found"),
        "brand_website",
        "linkedin_company_url",
        "region_code",
        ("state", "retry_count", "max_retries"),
        "error_message",
        "diagnostics_list",
        ("contacts_discovered", "contacts_enriched"),
        ("compliance_mode", "volume_limited"),
        ("started_at", "completed_at"),
        "created_by",
    ]
    readonly_fields = ["brand_link", "found", "state", "diagnostics_list"]

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

    @admin.display(ordering="status", description="status")
    def state(self, job: EnrichmentJob) -> SafeString:
        return job_badge(job.status)

    @admin.display(ordering="contacts_discovered", description="contacts found")
    def found(self, job: EnrichmentJob) -> SafeString:
        return link(job.contacts_discovered, "enrichment_enrichedcontact_changelist", jobs__id__exact=job.pk)

    @admin.display(description="brand")
    def brand_link(self, job: EnrichmentJob) -> SafeString | str:
        return link(job.brand, "crm_brand_change", job.brand_id) if job.brand is not None else "-"

    @admin.display(description="diagnostics")
    def diagnostics_list(self, job: EnrichmentJob) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((entry["sentence"],) for entry in job.diagnostics))
