"""Contacts with their addresses, evidence, notes and activity."""

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from core.admin_lists import FindsAddresses, HasPage
from core.badges import link
from core.evidence_list import evidence_list, outside_link
from core.names_nobody import NamesNobody
from core.read_only import ReadOnly
from enrichment import store
from enrichment.models import ContactEmail, EnrichedContact, JobContact, JobType

from .addresses import AddressInline
from .contact_actions import ContactActions
from .display import chance, confidence_badge, job_badge, review_badge, score_badge
from .notes import NoteInline

# Of each contact's addresses, what the list shows of the best one.
BEST = ContactEmail.objects.only("email", "enriched_contact", "verification_score")


class FoundByInline(ReadOnly, admin.TabularInline):
    model = JobContact
    fields = ["job_link", "status", "created"]
    readonly_fields = ["job_link", "status", "created"]
    extra = 0
    can_delete = False
    verbose_name_plural = "found by"
    classes = ["untitled"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobContact]:
        return super().get_queryset(request).select_related("job").order_by("-job_id")

    @admin.display(description="job")
    def job_link(self, found: JobContact) -> SafeString:
        name = found.job.brand_name or JobType(found.job.job_type).label
        return link(name, "enrichment_enrichmentjob_change", found.job_id)

    @admin.display(description="status")
    def status(self, found: JobContact) -> SafeString:
        return job_badge(found.job.status)

    @admin.display(description="started")
    def created(self, found: JobContact) -> str:
        return date_format(localtime(found.job.created_at), "DATETIME_FORMAT")


@admin.register(EnrichedContact)
class EnrichedContactAdmin(ReadOnly, ContactActions, FindsAddresses, NamesNobody, HasPage):
    list_display = ["__str__", "job_title", "brand", "best_address", "confidence", "review", "open"]
    list_filter = [
        *("review_status", "best_status", "source", "seniority", "department", "decision_maker", "region_code"),
        *(("linked_contact", admin.EmptyFieldListFilter), "created_at"),
    ]
    search_fields = ["search_text__contains"]
    search_help_text = "Name, title or company; or a whole e-mail address."
    addresses = ("emails__email_index",)
    list_select_related = ["linked_brand"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    page = "review:contact"
    inlines = [AddressInline, NoteInline, FoundByInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *(("first_name", "last_name"), "job_title", ("seniority", "department", "decision_maker")),
                    *(("company", "brand", "region_code"), ("linkedin", "linkedin_id")),
                    *(("confidence", "source", "discovery_method"), ("review", "reviewed_at", "reviewed_by")),
                    ("crm_contact", "enrolments", "added_to_crm_at"),
                ]
            },
        ),
        ("Evidence", {"fields": ["evidence_list"]}),
        (
            "What happened",
            {
                "fields": [
                    *("activity_list", ("lawful_basis", "compliance_check_passed")),
                    *(("discovered_at", "verified_at"), ("created_by", "created_at", "updated_at")),
                ]
            },
        ),
    ]
    readonly_fields = [
        *("brand", "linkedin", "confidence", "review", "crm_contact", "enrolments", "evidence_list", "activity_list"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnrichedContact]:
        return super().get_queryset(request).prefetch_related(Prefetch("emails", BEST))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[EnrichedContact], search_term: str
    ) -> tuple[QuerySet[EnrichedContact], bool]:
        return super().get_search_results(request, queryset, search_term.lower())

    def delete_model(self, request: HttpRequest, obj: EnrichedContact) -> None:
        store.delete(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EnrichedContact]) -> None:
        store.delete_many(queryset.order_by("pk").values_list("pk", flat=True))

    @admin.display(ordering="confidence_score")
    def confidence(self, contact: EnrichedContact) -> SafeString:
        return confidence_badge(contact.confidence_score)

    @admin.display(ordering="review_status")
    def review(self, contact: EnrichedContact) -> SafeString:
        return review_badge(contact.review_status)

    @admin.display(ordering="company")
    def brand(self, contact: EnrichedContact) -> SafeString | str:
        if contact.linked_brand is None:
            return contact.company or "-"
        return link(contact.linked_brand, "crm_brand_change", contact.linked_brand_id)

    @admin.display(description="best address", ordering="best_score")
    def best_address(self, contact: EnrichedContact) -> SafeString | str:
        best = next(iter(contact.emails.all()), None)
        if best is None:
            return "-"
        score = score_badge(best.verification_score)
        return format_html("{}<br>{} · {}", best.email, score, f"{chance(contact.best_probability)} chance")

    @admin.display(description="LinkedIn profile")
    def linkedin(self, contact: EnrichedContact) -> SafeString | str:
        return outside_link(contact.linkedin_url) if contact.linkedin_url else "-"

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

    @admin.display(description="claims")
    def evidence_list(self, contact: EnrichedContact) -> SafeString | str:
        return evidence_list(contact.evidence)

    @admin.display(description="activity")
    def activity_list(self, contact: EnrichedContact) -> SafeString | str:
        lines = ((entry["label"], entry["at"][:16].replace("T", " ")) for entry in contact.activity)
        return format_html_join("", "<p>{}, {} UTC</p>", lines) or "-"
