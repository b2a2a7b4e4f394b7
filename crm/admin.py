"""Brands and CRM contacts in the admin."""

from django.contrib import admin

from .models import Brand, Contact


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    list_display = ["name", "domain", "region_code", "created_at"]
    list_filter = ["region_code", "created_at"]
    search_fields = ["name", "domain"]
    readonly_fields = ["created_at", "updated_at"]


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):
    list_display = ["__str__", "job_title", "brand", "relationship_status", "created_at"]
    list_filter = ["relationship_status", "created_at"]
    list_select_related = ["brand"]
    search_fields = ["first_name", "last_name", "job_title", "brand__name"]
    autocomplete_fields = ["brand"]
    readonly_fields = ["created_at", "updated_at"]
