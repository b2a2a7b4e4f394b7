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

from core.admin_lists import HasPage, OfPeople
from core.badges import AMBER, GREEN, RED, badge, link
from core.evidence_list import outside_link
from core.names_nobody import log
from core.read_only import ReadOnly
from enrichment import jobs
from enrichment.intake import RegionRestricted
from enrichment.models import EnrichmentJob, ItemState, JobContact, JobItem, JobType

from .display import NOT_LISTED, counted, job_badge

ITEM_COLOURS = {ItemState.WAITING: AMBER, ItemState.DONE: GREEN, ItemState.FAILED: RED}
MEANS = {"smtp": "mail servers", "providers": "providers", "fresh": "anew, whatever is kept"}


@admin.register(EnrichmentJob)
class EnrichmentJobAdmin(ReadOnly, HasPage):
    page = "review:job"
    list_display = ["subject", "state", "done", "found", "contacts_enriched", "created_at", "completed_at", "open"]
    list_filter = ["status", "job_type", ("created_by", admin.RelatedOnlyFieldListFilter), "created_at"]
    search_fields = ["brand_name", "brand_website"]
    search_help_text = "The brand's name or website."
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    actions = ["retry", "cancel"]
    fields = [
        *(("job_type", "brand_name", "brand_link"), "website", "linkedin", "region_code"),
        *(("state", "done", "items", "retry_count", "max_retries"), "error_message", "diagnostics_list"),
        *(("found", "contacts_enriched"), ("compliance_mode", "volume_limited"), "means"),
        *(("started_at", "completed_at"), ("created_by", "created_at", "updated_at")),
    ]
    readonly_fields = [
        *("brand_link", "website", "linkedin", "state", "done", "items", "diagnostics_list", "found", "means"),
    ]

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
        changed, refused = list[uuid.UUID](), Counter[str]()
        for key in queryset.values_list("pk", flat=True):
            try:
                change(key)
                changed.append(key)
            except (jobs.NotInState, RegionRestricted) as error:
                refused[str(error)] += 1
            except EnrichmentJob.DoesNotExist:
                refused["deleted meanwhile."] += 1
        log(request, [EnrichmentJob(pk=key) for key in changed], f"{done.capitalize()}.")
        if changed:
            self.message_user(request, f"{counted(len(changed), 'job', 'jobs')} {done}.", messages.SUCCESS)
        for sentence, number in refused.items():
            self.message_user(request, f"{counted(number, 'job', 'jobs')} left alone: {sentence}", messages.WARNING)

    @admin.display(ordering="brand_name", description="about")
    def subject(self, job: EnrichmentJob) -> str:
        return job.brand_name or JobType(job.job_type).label

    @admin.display(description="progress")
    def done(self, job: EnrichmentJob) -> str:
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

    @admin.display(description="items")
    def items(self, job: EnrichmentJob) -> SafeString | str:
        if not job.items_total:
            return "-"
        return link("Each with its state", "enrichment_jobitem_changelist", job__id__exact=job.pk)

    @admin.display
    def website(self, job: EnrichmentJob) -> SafeString | str:
        return outside_link(job.brand_website) if job.brand_website else "-"

    @admin.display(description="LinkedIn company page")
    def linkedin(self, job: EnrichmentJob) -> SafeString | str:
        return outside_link(job.linkedin_company_url) if job.linkedin_company_url else "-"

    @admin.display(description="brand")
    def brand_link(self, job: EnrichmentJob) -> SafeString | str:
        return link(job.brand, "crm_brand_change", job.brand_id) if job.brand is not None else "-"

    @admin.display(description="diagnostics")
    def diagnostics_list(self, job: EnrichmentJob) -> SafeString | str:
        return format_html_join("", "<p>{}</p>", ((entry["sentence"],) for entry in job.diagnostics)) or "-"


@admin.register(JobItem)
class JobItemAdmin(OfPeople, HasPage):
    """What an e-mail enrichment looked at. The verdicts are on the job's page outside the admin, and with contacts."""

    list_display = ["job", "position", "about", "status", "due_at", "open"]
    list_filter = ["state", "job__status", "due_at"]
    ordering = ["-job_id", "position"]
    search_fields = ["contact__first_name", "contact__last_name", "contact__company"]
    search_help_text = "The contact's name or company, or a whole e-mail address of theirs."
    addresses = ("contact__emails__email_index",)
    page = "review:job"
    page_of = "job_id"
    fields = ["job", "position", "about", "status", "due_at"]
    readonly_fields = ["about", "status"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobItem]:
        rows = super().get_queryset(request).select_related("job", "contact")
        return rows.defer("result", *(f"contact__{field}" for field in NOT_LISTED))

    @admin.display
    def about(self, item: JobItem) -> SafeString | str:
        if item.contact is None:
            return item.email or "a contact deleted since"
        return link(item.contact, "enrichment_enrichedcontact_change", item.contact_id)

    @admin.display(description="state", ordering="state")
    def status(self, item: JobItem) -> SafeString:
        return badge(ItemState(item.state).label, ITEM_COLOURS[ItemState(item.state)])
