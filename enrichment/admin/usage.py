"""What was used of limits and budgets, and which requests were answered before."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.read_only import Kept
from enrichment.models import IdempotencyKey, ProviderUsage, Usage


@admin.register(Usage)
class UsageAdmin(Kept):
    list_display = ["at", "user", "kind", "amount", "brand"]
    list_filter = ["kind", ("user", admin.RelatedOnlyFieldListFilter), "at"]
    list_select_related = ["user", "brand"]
    ordering = ["-id"]
    date_hierarchy = "at"
    search_fields = ["user__username", "brand__name"]
    search_help_text = "The user's name, or the brand's."
    fields = ["at", "user", "kind", "amount", "brand"]


@admin.register(ProviderUsage)
class ProviderUsageAdmin(Kept):
    list_display = ["day", "provider", "operation", "calls"]
    list_filter = ["provider", "operation", "day"]
    ordering = ["-day", "provider", "operation"]
    date_hierarchy = "day"
    search_fields = ["provider", "operation"]
    fields = ["day", "provider", "operation", "calls"]


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(Kept):
    """Which requests were answered; the answers themselves are for whoever made them."""

    list_display = ["created_at", "user", "operation", "key"]
    list_filter = ["operation", ("user", admin.RelatedOnlyFieldListFilter), "created_at"]
    list_select_related = ["user"]
    ordering = ["-created_at"]
    date_hierarchy = "created_at"
    search_fields = ["key", "user__username"]
    search_help_text = "The client's key, or the user's name."
    fields = ["created_at", "user", "operation", "key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IdempotencyKey]:
        return super().get_queryset(request).defer("result")
