"""That people were told what we hold of them: to look at; it is done on the pages of compliance."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.names_nobody import NamesNobody
from core.read_only import Kept
from outreach.models import Notice

from .common import OF_A_CONTACT


@admin.register(Notice)
class NoticeAdmin(NamesNobody, Kept):
    list_display = ["contact", "how", "state", "told_at", "told_by", "created_at"]
    list_filter = ["state", "how", "told_at"]
    list_select_related = ["contact", "told_by"]
    list_per_page = 50
    date_hierarchy = "created_at"
    search_fields = ["contact__last_name", "contact__first_name", "contact__brand__name"]
    search_help_text = "Name of the person or the company."
    fields = [
        *("contact", ("how", "state"), ("told_at", "told_by"), "message", "mailbox", "email", "text", "error"),
        ("claimed_at", "created_at"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        rows = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name == "outreach_notice_changelist":
            rows = rows.defer("email", "text", *(f"contact__{name}" for name in OF_A_CONTACT))
        return rows
