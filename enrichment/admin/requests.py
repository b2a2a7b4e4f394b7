"""What people asked about their own data, to look at; what is done about it is done at /compliance/requests/."""

from django.contrib import admin

from core.admin_lists import HasPage, OfPeople
from enrichment.models import SubjectRequest


@admin.register(SubjectRequest)
class SubjectRequestAdmin(OfPeople, HasPage):
    list_display = ["created_at", "kind", "state", "origin", "due_at", "handled_at", "handled_by", "open"]
    list_filter = ["state", "kind", "origin", "created_at"]
    list_select_related = ["handled_by"]
    ordering = ["-id"]
    search_fields = ["email_index"]
    addresses = ("email_index",)
    search_help_text = "A whole e-mail address."
    date_hierarchy = "created_at"
    page = "oversight:request"
    fields = [
        ("kind", "state", "origin"),
        ("created_at", "due_at"),
        ("proved_at", "handled_at", "handled_by"),
        *("email", "text", "answer", "result"),
    ]
