"""Contacts with their addresses, evidence and activity; approving and rejecting them."""

from collections import Counter

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.badges import link
from core.fields import blind_index, normalise_email
from core.read_only import ReadOnly
from core.refusals import InputError
from enrichment import approval, editing, jobs, store
from enrichment.limits import LimitReached
from enrichment.models import ContactEmail, EnrichedContact, ReviewStatus
from outreach.enrolments import NoSequence

from .display import counted, review_badge, score_badge, staff

SKIPPED = {
    approval.ALREADY_APPROVED: "approved already",
    approval.NOT_IN_JOB: "not of this job",
    approval.NOT_FOUND: "deleted meanwhile",
    approval.SUPPRESSED: "on the suppression list",
    approval.NO_ADDRESS: "without an address",
}


class AddressInline(ReadOnly, admin.TabularInline):
    model = ContactEmail
    fields = ["score", "chance", "verification_method", "pattern", "last_checked_at"]  # the row's title is the address
    readonly_fields = ["score", "chance"]
    extra = 0
    can_delete = False

    @admin.display(description="score")
    def score(self, email: ContactEmail) -> SafeString:
        return score_badge(email.verification_score)

    @admin.display(description="chance that it is right")
    def chance(self, email: ContactEmail) -> str:
        return "-" if email.probability is None else f"{email.probability:.0%}"


@admin.register(EnrichedContact)
class EnrichedContactAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["__str__", "job_title", "brand", "best_address", "confidence", "review"]
    list_filter = [
        "review_status",
        "source",
        "seniority",
        "department",
        "decision_maker",
        "region_code",
        "created_at",
    ]
    search_fields = ["first_name", "last_name", "job_title", "company"]
    search_help_text = "Name, title or company; or a whole e-mail address."
    list_select_related = ["linked_brand"]
    list_per_page = 50
    date_hierarchy = "created_at"
    actions = ["approve_for_outreach", "verify_addresses", "reject"]
    inlines = [AddressInline]
    fields = [
        ("first_name", "last_name"),
        "job_title",
        ("seniority", "department", "decision_maker"),
        ("company", "brand", "region_code"),
        ("review", "reviewed_at", "reviewed_by"),
        ("crm_contact", "enrolments", "found_by"),
        ("linkedin_url", "linkedin_id"),
        ("confidence", "source", "discovery_method"),
        "evidence_list",
        "activity_list",
        ("lawful_basis", "compliance_check_passed"),
        ("discovered_at", "verified_at", "added_to_crm_at"),
    ]
    readonly_fields = [
        "brand",
        "review",
        "crm_contact",
        "enrolments",
        "found_by",
        "confidence",
        "evidence_list",
        "activity_list",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnrichedContact]:
        return super().get_queryset(request).prefetch_related("emails")

    def delete_model(self, request: HttpRequest, obj: EnrichedContact) -> None:
        store.delete(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EnrichedContact]) -> None:
        for key in queryset.values_list("pk", flat=True):
            store.delete(key)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[EnrichedContact], search_term: str
    ) -> tuple[QuerySet[EnrichedContact], bool]:
        if "@" in search_term:
            index = blind_index(normalise_email(search_term))
            return queryset.filter(emails__email_index=index), True
        return super().get_search_results(request, queryset, search_term)

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Whoever may change contacts may approve and reject them, though not edit them here."""
        return request.user.has_perm("enrichment.change_enrichedcontact")

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
            self.message_user(request, str(error), messages.ERROR)
            return
        text = f"The addresses of {counted(len(keys), 'contact', 'contacts')} are being verified."
        way = link("See how far it is.", "enrichment_enrichmentjob_change", job.pk)
        self.message_user(request, format_html("{} {}", text, way), messages.SUCCESS)

    @admin.action(description="Reject", permissions=["review"])
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

    @admin.display(ordering="confidence_score")
    def confidence(self, contact: EnrichedContact) -> SafeString:
        return score_badge(contact.confidence_score)

    @admin.display(ordering="review_status")
    def review(self, contact: EnrichedContact) -> SafeString:
        return review_badge(contact.review_status)

    @admin.display(ordering="company")
    def brand(self, contact: EnrichedContact) -> SafeString | str:
        if contact.linked_brand is None:
            return contact.company or "-"
        return link(contact.linked_brand, "crm_brand_change", contact.linked_brand_id)

    @admin.display(description="best address")
    def best_address(self, contact: EnrichedContact) -> SafeString | str:
        best = next(iter(contact.emails.all()), None)
        return "-" if best is None else format_html("{}<br>{}", best.email, score_badge(best.verification_score))

    @admin.display(description="CRM contact")
    def crm_contact(self, contact: EnrichedContact) -> SafeString | str:
        if contact.linked_contact is None:
            return "-"
        return link(contact.linked_contact, "crm_contact_change", contact.linked_contact_id)

    @admin.display(description="outreach")
    def enrolments(self, contact: EnrichedContact) -> SafeString | str:
        if contact.linked_contact_id is None:
            return "-"
        return link(
            "Enrolments and planned messages",
            "outreach_enrolment_changelist",
            contact__id__exact=contact.linked_contact_id,
        )

    @admin.display(description="found by")
    def found_by(self, contact: EnrichedContact) -> SafeString | str:
        found = contact.jobs.all()[:5]
        rows = (
            (link(f"{job}, {job.created_at:%Y-%m-%d %H:%M}", "enrichment_enrichmentjob_change", job.pk),)
            for job in found
        )
        return format_html_join("", "{}<br>", rows) or "-"

    @admin.display(description="evidence")
    def evidence_list(self, contact: EnrichedContact) -> SafeString:
        rows = (
            (entry["field"], entry["value"], entry["snippet"], entry["url"], entry["source"], entry["seenAt"][:10])
            for entry in contact.evidence
        )
        return format_html_join("", "<p><b>{}: {}</b><br>“{}”<br><small>{} · {} · {}</small></p>", rows)

    @admin.display(description="activity")
    def activity_list(self, contact: EnrichedContact) -> SafeString:
        return format_html_join(
            "", "<p>{} <small>{}</small></p>", ((e["label"], e["at"][:16].replace("T", " ")) for e in contact.activity)
        )
