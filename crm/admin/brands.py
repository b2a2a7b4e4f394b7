"""Companies: added and corrected by hand here, under the keys by which discovery finds them again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.contrib.auth.models import User
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.admin_lists import HasPage
from core.badges import link
from core.domains import registrable_domain
from core.evidence_list import outside_link
from crm import audited, by_hand, exports
from crm.brands import name_key
from crm.models import Brand, Contact

from . import csv_files
from .regions import clean_region, region_badge, region_rule

# A subquery, so that only the brands of the page are counted, not the whole table grouped.
COUNTED = Contact.objects.order_by().values("brand").annotate(number=Count("pk"))
CONTACTS = COUNTED.filter(brand=OuterRef("pk")).values("number")


class BrandForm(forms.ModelForm):
    """A brand by hand, under the same keys by which discovery finds it again."""

    website = forms.URLField(max_length=500, required=False, assume_scheme="https", widget=AdminURLFieldWidget)
    linkedin_company_url = forms.URLField(
        label="LinkedIn company URL",
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
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

    def clean_region_code(self) -> str:
        return clean_region(self.cleaned_data["region_code"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.instance.name_key = name_key(cleaned.get("name", ""))
        same = Brand.objects.filter(name_key=self.instance.name_key, domain=None).exclude(pk=self.instance.pk)
        if not cleaned.get("domain") and same.exists():
            raise forms.ValidationError("There is a brand of this name without a domain already: edit that one.")
        return cleaned


@admin.register(Brand)
class BrandAdmin(HasPage):
    form = BrandForm
    page = "crm:brand"
    list_display = ["name", "domain", "region", "contacts", "created_at", "open"]
    list_filter = ["region_code", "created_at"]
    list_per_page = 50
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ["export_as_csv"]
    search_fields = ["name", "domain"]  # also those of the autocomplete fields that ask for a brand
    readonly_fields = ["rule", "contacts", "known_facts", "created_at", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        return super().get_queryset(request).annotate(contact_count=Coalesce(Subquery(CONTACTS), 0))

    def get_fields(self, request: HttpRequest, obj: Brand | None = None) -> list[Any]:
        return [*BrandForm.Meta.fields, *(self.readonly_fields if obj else [])]

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_as_csv(self, request: HttpRequest, queryset: QuerySet[Brand]) -> StreamingHttpResponse:
        audited.exported("brands", queryset, exports.BRAND, _user(request))
        return csv_files.download("brands", queryset, exports.brands)

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        before = audited.values(Brand.objects.defer("facts").get(pk=obj.pk) if change else Brand())
        moved = "region_code" in form.changed_data
        if moved:
            obj.region_basis = by_hand.basis(obj.region_code, _user(request))
        super().save_model(request, obj, form, change)
        audited.brand_changed(obj, before, _user(request))
        if moved:
            unsaid = Contact.objects.filter(brand=obj, region_code="")
            by_hand.after_region(unsaid.values_list("pk", flat=True))

    @admin.display(ordering="region_code")
    def region(self, brand: Brand) -> SafeString:
        return region_badge(brand.region_code)

    @admin.display(description="rule for a first e-mail")
    def rule(self, brand: Brand) -> SafeString:
        return region_rule(brand.region_code)

    @admin.display(description="facts")
    def known_facts(self, brand: Brand) -> SafeString | str:
        rows = (
            (
                *(fact["field"].replace("_", " ").capitalize(), fact["value"]),
                *(outside_link(fact["url"]), fact["source"], f"seen {fact['seenAt'][:10]}"),
            )
            for fact in brand.facts or []
        )
        return format_html_join("", "<p><b>{}: {}</b><br>{} · {} · {}</p>", rows) or "-"

    @admin.display(ordering="contact_count")
    def contacts(self, brand: Any) -> SafeString:  # the annotation is no attribute of Brand
        return link(brand.contact_count, "crm_contact_changelist", brand__id__exact=brand.pk)


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
