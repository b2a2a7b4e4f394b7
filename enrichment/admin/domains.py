"""Mail domains and who runs them, and which answers of sites are kept; their contents stay closed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.badges import AMBER, GREEN, badge, link
from core.read_only import Kept, ReadOnly
from enrichment.models import DomainProfile, KeptAnswer, MailOperator


@admin.register(DomainProfile)
class DomainProfileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["domain", "mx_status", "catch_all", "mx_checked_at"]
    list_filter = ["mx_status", "catch_all", "mx_checked_at"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["domain"]
    date_hierarchy = "mx_checked_at"
    search_fields = ["domain"]
    fields = [
        *("domain", ("mx_status", "mx_checked_at"), "hosts", ("catch_all", "catch_all_checked_at")),
        *("providers_asked_at", ("created_at", "updated_at")),
    ]
    readonly_fields = ["hosts"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DomainProfile]:
        return super().get_queryset(request).defer("known_addresses")

    @admin.display(description="mail servers")
    def hosts(self, profile: DomainProfile) -> str:
        return ", ".join(profile.mx_hosts) or "-"


@admin.register(MailOperator)
class MailOperatorAdmin(Kept):
    """A pause comes from the operator's own servers and ends by itself, within a day at the latest."""

    list_display = ["name", "state", "paused_until", "reason", "updated_at"]
    list_filter = [("paused_until", admin.EmptyFieldListFilter), "updated_at"]
    ordering = ["name"]
    search_fields = ["name"]
    fields = ["name", "state", "paused_until", "reason", "updated_at"]
    readonly_fields = ["state"]

    @admin.display
    def state(self, operator: MailOperator) -> SafeString:
        paused = operator.paused_until is not None and operator.paused_until > timezone.now()
        return badge("Left alone", AMBER) if paused else badge("May be asked", GREEN)


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnly, admin.ModelAdmin):
    """That there is an answer, and from when; whoever deletes it has the site asked anew by the next discovery."""

    list_display = ["fetched_at", "brand_link"]
    list_filter = ["fetched_at"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-fetched_at"]
    date_hierarchy = "fetched_at"
    search_fields = ["brand__name", "brand__domain"]
    search_help_text = "The brand's name or domain."
    fields = ["brand_link", "fetched_at"]
    readonly_fields = ["brand_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeptAnswer]:
        rows = super().get_queryset(request).select_related("brand")
        return rows.defer("key", "head", "body", "brand__facts")

    @admin.display(description="brand", ordering="brand__name")
    def brand_link(self, answer: KeptAnswer) -> SafeString:
        return link(answer.brand, "crm_brand_change", answer.brand_id)
