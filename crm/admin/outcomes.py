"""What came of messages, to look at: written by sending and by `manage.py record_outcomes`."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.read_only import Kept
from crm import outcomes
from crm.models import AddressOutcome


@admin.register(AddressOutcome)
class AddressOutcomeAdmin(Kept):
    fields = ["kind", "fingerprint", "domain", "mail_operator", "probability", "method", "happened_at", "created_at"]
    readonly_fields = ["fingerprint"]
    list_display = ["kind", "fingerprint", "domain", "mail_operator", "probability", "method", "happened_at"]
    list_filter = ["kind", "method", "happened_at"]
    date_hierarchy = "happened_at"
    search_fields = ["email_index"]  # what get_search_results looks into
    search_help_text = "A whole address, or a domain."

    @admin.display(description="fingerprint", ordering="email_index")
    def fingerprint(self, row: AddressOutcome) -> str:
        return f"{row.email_index[:12]}…"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AddressOutcome], search_term: str
    ) -> tuple[QuerySet[AddressOutcome], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        if "@" in words:
            return queryset.filter(email_index=outcomes.index(words)), False
        return queryset.filter(domain=words.lower()), False
