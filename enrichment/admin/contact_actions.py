"""What is done to the contacts chosen in the list: approve, verify, reject."""

from collections import Counter

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from core import counts
from core.badges import link
from core.refusals import InputError
from enrichment import approval, editing, jobs
from enrichment.limits import LimitReached
from enrichment.models import EnrichedContact, ReviewStatus
from outreach.enrolments import NoSequence

from .display import counted, staff

SKIPPED = {
    approval.ALREADY_APPROVED: "approved already",
    approval.NOT_IN_JOB: "not of this job",
    approval.NOT_FOUND: "deleted meanwhile",
    approval.SUPPRESSED: "on the suppression list",
    approval.NO_ADDRESS: "without an address",
}


class ContactActions(admin.ModelAdmin):
    """Actions of the list of contacts."""

    actions = ["approve_for_outreach", "verify_addresses", "reject"]

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Whoever may change contacts may approve and verify them, though not edit them here."""
        return request.user.has_perm("enrichment.change_enrichedcontact")

    def has_reject_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enrichment.reject_enrichedcontact")

    @admin.action(description="Approve for outreach", permissions=["review"])
    def approve_for_outreach(self, request: HttpRequest, queryset: QuerySet[EnrichedContact]) -> None:
        chosen = {str(key): status for key, status in queryset.values_list("pk", "review_status")}
        if len(chosen) > approval.MAX_AT_ONCE:
            text = f"{len(chosen)} contacts are too many at once: choose up to {approval.MAX_AT_ONCE}."
            self.message_user(request, text, messages.ERROR)
            return
        try:
            result = approval.approve(list(chosen), user=staff(request))
        except NoSequence as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        if result.approved:
            enrolled = link("See what is planned.", "outreach_message_changelist")
            text = f"{counted(len(result.approved), 'contact', 'contacts')} approved, added to the CRM and enrolled."
            self.message_user(request, format_html("{} {}", text, enrolled), messages.SUCCESS)
        overruled = sum(chosen[one.contact_id] == ReviewStatus.REJECTED for one in result.approved)
        if overruled:
            text = f"{counted(overruled, 'contact', 'contacts')} of these had been rejected before."
            self.message_user(request, text, messages.WARNING)
        for reason, number in Counter(skip.reason for skip in result.skipped).items():
            self.message_user(
                request, f"{counted(number, 'contact', 'contacts')} skipped: {SKIPPED[reason]}.", messages.WARNING
            )

    @admin.action(description="Verify addresses", permissions=["review"])
    def verify_addresses(self, request: HttpRequest, queryset: QuerySet[EnrichedContact]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        try:
            job = jobs.create_email_enrichment(
                staff(request), contact_ids=keys, smtp=settings.ENRICHMENT_SMTP_PROBE, providers=False
            )
        except (InputError, LimitReached) as error:
            counts.refused(error)
            self.message_user(request, str(error), messages.ERROR)
            return
        text = f"The addresses of {counted(len(keys), 'contact', 'contacts')} are being verified."
        way = link("See how far it is.", "enrichment_enrichmentjob_change", job.pk)
        self.message_user(request, format_html("{} {}", text, way), messages.SUCCESS)

    @admin.action(description="Reject", permissions=["reject"])
    def reject(self, request: HttpRequest, queryset: QuerySet[EnrichedContact]) -> None:
        rejected, refused = 0, Counter[str]()
        for key in queryset.values_list("pk", flat=True):
            try:
                editing.reject(key, "", staff(request))
                rejected += 1
            except InputError as error:
                refused[error.message] += 1
            except EnrichedContact.DoesNotExist:
                refused["deleted meanwhile."] += 1
        if rejected:
            self.message_user(request, f"{counted(rejected, 'contact', 'contacts')} rejected.", messages.SUCCESS)
        for sentence, number in refused.items():
            self.message_user(
                request, f"{counted(number, 'contact', 'contacts')} left as they were: {sentence}", messages.WARNING
            )
