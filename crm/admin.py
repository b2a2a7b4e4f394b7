"""Brands and CRM contacts in the admin."""

from typing import Any

from django import forms
from django.contrib import admin

from core.domains import registrable_domain

from .brands import name_key
from .models import Brand, Contact


class BrandForm(forms.ModelForm):
    """A brand by hand, under the same keys by which discovery finds it again."""

    website = forms.URLField(max_length=500, required=False, assume_scheme="https")
    linkedin_company_url = forms.URLField(
        label="LinkedIn company URL", max_length=500, required=False, assume_scheme="https"
    )

    class Meta:
        model = Brand
        fields = ["name", "domain", "website", "linkedin_company_url", "region_code"]

    def clean_domain(self) -> str | None:
        domain = self.cleaned_data["domain"]
        if not domain:
            return None
        registrable = registrable_domain(domain.strip())
        if registrable is None:
            raise forms.ValidationError("Give the company's domain, such as acme.example, without a path.")
        return registrable

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.instance.name_key = name_key(cleaned.get("name", ""))
        same = Brand.objects.filter(name_key=self.instance.name_key, domain=None).exclude(pk=self.instance.pk)
        if not cleaned.get("domain") and same.exists():
            raise forms.ValidationError("There is a brand of this name without a domain already: edit that one.")
        return cleaned


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    form = BrandForm
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
