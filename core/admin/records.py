"""What the product keeps for itself: counts, the check of its keys, refresh tokens. To look at; no secrets."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.models import DailyCount, KeyCheck, RefreshToken
from core.read_only import Kept


@admin.register(DailyCount)
class DailyCountAdmin(Kept):
    list_display = ["day", "name", "label", "number"]
    list_filter = ["name", "day"]
    date_hierarchy = "day"
    search_fields = ["name", "label"]
    fields = ["day", "name", "label", "number"]


@admin.register(KeyCheck)
class KeyCheckAdmin(Kept):
    """That there is one, and since when; what it holds is for key_check.py."""

    list_display = ["__str__", "created_at"]
    fields = ["created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeyCheck]:
        return super().get_queryset(request).defer("word", "word_index")


@admin.register(RefreshToken)
class RefreshTokenAdmin(Kept):
    """Which were given out to whom, and whether they can be used; not the tokens, nor what is kept to know them by."""

    list_display = ["created_at", "user", "expires_at", "used_at", "revoked_at"]
    list_filter = ["created_at", "expires_at", "revoked_at"]
    list_select_related = ["user"]
    ordering = ["-created_at"]
    date_hierarchy = "created_at"
    search_fields = ["user__username"]
    search_help_text = "The user's name."
    fields = ["user", "created_at", "expires_at", "used_at", "revoked_at"]
