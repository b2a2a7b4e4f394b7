"""Addresses of found contacts, with how their scores come about, and that mail servers were asked about some."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.admin_lists import FindsAddresses, HasPage, OfPeople
from core.badges import link
from core.read_only import Kept, ReadOnly
from enrichment.models import AddressCheck, ContactEmail

from .display import NOT_LISTED, chance, score_badge


class AddressColumns:
    """Columns that the list of addresses and a contact's page share."""

    @admin.display(description="score", ordering="verification_score")
    def score(self, email: ContactEmail) -> SafeString:
        return score_badge(email.verification_score)

    @admin.display(ordering="probability")
    def chance(self, email: ContactEmail) -> str:
        return chance(email.probability)


class AddressInline(ReadOnly, AddressColumns, admin.TabularInline):
    model = ContactEmail
    fields = ["address", "score", "chance", "verification_method", "pattern", "last_checked_at"]
    readonly_fields = ["address", "score", "chance"]
    extra = 0
    can_delete = False
    verbose_name_plural = "addresses"
    classes = ["untitled"]

    @admin.display
    def address(self, email: ContactEmail) -> SafeString:
        return link(email.email, "enrichment_contactemail_change", email.pk)


@admin.register(ContactEmail)
class ContactEmailAdmin(AddressColumns, OfPeople, HasPage):
    """Without a date hierarchy, which reads every row: addresses are more than anything else here."""

    list_display = ["email", "contact", "score", "chance", "verification_method", "last_checked_at", "open"]
    list_filter = [
        *("verification_status", "verification_method", "generation_method", "api_source"),
        *("mx_check_passed", "smtp_check_passed", "last_checked_at"),
    ]
    ordering = ["-id"]
    search_fields = ["enriched_contact__search_text__contains"]
    search_help_text = "The contact's name, title or company; or a whole e-mail address."
    addresses = ("email_index",)
    page = "review:contact"
    page_of = "enriched_contact_id"
    fieldsets = [
        (None, {"fields": ["email", "contact", ("score", "chance"), "breakdown"]}),
        (
            "How it was formed and checked",
            {
                "fields": [
                    *(("generation_method", "pattern", "confidence"), ("verification_method", "api_source")),
                    *(("mx_check_passed", "smtp_check_passed"), ("last_checked_at", "next_check_at")),
                    ("created_at", "updated_at"),
                ]
            },
        ),
    ]
    readonly_fields = ["contact", "score", "chance", "breakdown"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactEmail]:
        rows = super().get_queryset(request).select_related("enriched_contact")
        return rows.defer("score_breakdown", *(f"enriched_contact__{field}" for field in NOT_LISTED))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ContactEmail], search_term: str
    ) -> tuple[QuerySet[ContactEmail], bool]:
        return super().get_search_results(request, queryset, search_term.lower())

    @admin.display(ordering="enriched_contact__last_name")
    def contact(self, email: ContactEmail) -> SafeString:
        return link(email.enriched_contact, "enrichment_enrichedcontact_change", email.enriched_contact_id)

    @admin.display(description="how the score comes about")
    def breakdown(self, email: ContactEmail) -> SafeString:
        lines = ((line["points"], line["label"], line["evidence"]) for line in email.score_breakdown)
        return format_html(
            "{}<p><b>= {}</b></p>", format_html_join("", "<p>{} {}: {}</p>", lines), email.verification_score
        )


@admin.register(AddressCheck)
class AddressCheckAdmin(Kept, FindsAddresses):
    """That an address was asked about, and when. What servers said is shown where it counts: with the address."""

    list_display = ["fingerprint", "checked_at"]
    list_filter = ["checked_at"]
    ordering = ["-checked_at"]
    date_hierarchy = "checked_at"
    search_fields = ["email_index"]
    search_help_text = "A whole e-mail address."
    addresses = ("email_index",)
    fields = ["fingerprint", "checked_at"]
    readonly_fields = ["fingerprint"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AddressCheck]:
        return super().get_queryset(request).defer("checks")

    @admin.display(ordering="email_index")
    def fingerprint(self, row: AddressCheck) -> str:
        return f"{row.email_index[:12]}…"
