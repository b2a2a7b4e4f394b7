"""Mail domains and what is known of them."""

from django.contrib import admin

from core.read_only import ReadOnly
from enrichment.models import DomainProfile


@admin.register(DomainProfile)
class DomainProfileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["domain", "mx_status", "mx_checked_at"]
    list_filter = ["mx_status"]
    search_fields = ["domain"]
    fields = ["domain", "mx_status", "mx_hosts", "mx_checked_at"]
