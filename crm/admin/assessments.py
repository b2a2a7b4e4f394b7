"""Assessments of legitimate interest, to look at: they are made on their page and never edited."""

from django.contrib import admin

from core.read_only import Kept
from crm.models import Assessment


@admin.register(Assessment)
class AssessmentAdmin(Kept):
    list_display = ["purpose", "version", "holds", "assessed_by_name", "created_at", "review_on"]
    list_filter = ["purpose", "holds", "created_at"]
    date_hierarchy = "created_at"
    search_fields = ["purpose", "assessed_by_name"]
    search_help_text = "The purpose, or the name of whoever assessed."
    fields = [
        *("purpose", "version", "interest", "necessity", "balance", "safeguards", "holds"),
        *("assessed_by", "assessed_by_name", "created_at", "review_on"),
    ]
    readonly_fields = ["created_at"]
