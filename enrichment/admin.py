"""Contacts, addresses, jobs and domains in the admin. What the pipeline wrote is read-only here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.fields import blind_index, normalise_email

from . import store
from .emails import scoring
from .models import ContactEmail, DomainProfile, EnrichedContact, EnrichmentJob

# spec, "Confidence Indicators": number, word and colour (chosen for contrast on light and dark ground).
COLOURS = {"verified": "#1a7f37", "unknown": "#9a6700", "risky": "#c93c37"}


def badge(score: int) -> SafeString:
    """Return a 0-100 score with the word and colour of its band."""
    word = scoring.status(score)
    return format_html('<b style="color:{};white-space:nowrap">{} · {}</b>', COLOURS[word], score, word)


class ReadOnly:
    """Rows that only the product writes: shown, deleted perhaps, never edited by hand here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AddressInline(ReadOnly, admin.TabularInline):
    model = ContactEmail
    fields = ["score", "chance", "verification_method", "pattern", "last_checked_at"]  # the row's title is the address
    readonly_fields = ["score", "chance"]
    extra = 0
    can_delete = False

    @admin.display(description="score")
    def score(self, email: ContactEmail) -> SafeString:
        return badge(email.verification_score)

    @admin.display(description="chance that it is right")
    def chance(self, email: ContactEmail) -> str:
        return "-" if email.probability is None else f"{email.probability:.0%}"


@admin.register(EnrichedContact)
class EnrichedContactAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["__str__", "job_title", "company", "best_address", "confidence", "discovered"]
    list_filter = ["source", "seniority", "department", "decision_maker", "created_at"]
    search_fields = ["first_name", "last_name", "job_title", "company"]
    search_help_text = "Name, title or company; or a whole e-mail address."
    list_select_related = ["linked_brand"]
    list_per_page = 50
    date_hierarchy = "created_at"
    inlines = [AddressInline]
    fields = [
        ("first_name", "last_name"),
        "job_title",
        ("seniority", "department", "decision_maker"),
        ("company", "linked_brand", "linked_contact"),
        ("linkedin_url", "linkedin_id"),
        ("confidence", "source", "discovery_method"),
        "evidence_list",
        "activity_list",
        ("lawful_basis", "compliance_check_passed"),
        ("discovered_at", "verified_at", "added_to_crm_at"),
    ]
    readonly_fields = ["confidence", "evidence_list", "activity_list"]

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

    @admin.display(ordering="confidence_score")
    def confidence(self, contact: EnrichedContact) -> SafeString:
        return badge(contact.confidence_score)

    @admin.display(ordering="created_at")
    def discovered(self, contact: EnrichedContact) -> str:
        return date_format(contact.discovered_at, "DATE_FORMAT")

    @admin.display(description="best address")
    def best_address(self, contact: EnrichedContact) -> str:
        best = next(iter(contact.emails.all()), None)
        return "-" if best is None else f"{best.email} ({best.verification_score})"

    @admin.display(description="evidence")
    def evidence_list(self, contact: EnrichedContact) -> SafeString:
        rows = (
            (entry["field"], entry["value"], entry["snippet"], entry["url"], entry["seenAt"][:10])
            for entry in contact.evidence
        )
        return format_html_join("", "<p><b>{}: {}</b><br>“{}”<br><small>{} · {}</small></p>", rows)

    @admin.display(description="activity")
    def activity_list(self, contact: EnrichedContact) -> SafeString:
        return format_html_join(
            "", "<p>{} <small>{}</small></p>", ((e["label"], e["at"][:16].replace("T", " ")) for e in contact.activity)
        )


@admin.register(EnrichmentJob)
class EnrichmentJobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["brand_name", "status", "contacts_discovered", "contacts_enriched", "created_at", "completed_at"]
    list_filter = ["status", "job_type", "created_at"]
    search_fields = ["brand_name", "brand_website"]
    date_hierarchy = "created_at"
    fields = [
        ("brand_name", "brand"),
        "brand_website",
        "linkedin_company_url",
        "region_code",
        ("status", "retry_count", "max_retries"),
        "error_message",
        "diagnostics_list",
        ("contacts_discovered", "contacts_enriched"),
        ("compliance_mode", "volume_limited"),
        ("started_at", "completed_at"),
        "created_by",
    ]
    readonly_fields = ["diagnostics_list"]

    @admin.display(description="diagnostics")
    def diagnostics_list(self, job: EnrichmentJob) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((entry["sentence"],) for entry in job.diagnostics))


@admin.register(DomainProfile)
class DomainProfileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["domain", "mx_status", "mx_checked_at"]
    list_filter = ["mx_status"]
    search_fields = ["domain"]
    fields = ["domain", "mx_status", "mx_hosts", "mx_checked_at"]
