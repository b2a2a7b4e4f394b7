"""People we keep, with their addresses, evidence, notes and history, and where they came from and are enrolled."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core import audit
from core.admin_lists import HasPage
from core.badges import AMBER, BLUE, GREEN, GREY, badge, link
from core.evidence_list import evidence_list
from core.names_nobody import NamesNobody
from crm import audited, by_hand, contacts, duplicates, exports, lawful_basis
from crm.models import Contact, ContactAddress
from crm.searching import search

from . import background, csv_files, merges
from .addresses import AddressInline
from .background import ConsentInline, HistoryInline, NoteInline
from .regions import clean_region, region_badge, region_rule

RELATIONSHIP_COLOURS = {
    Contact.Relationship.NEW: BLUE,
    Contact.Relationship.CONTACTED: AMBER,
    Contact.Relationship.REPLIED: GREEN,
    Contact.Relationship.CUSTOMER: GREEN,
    Contact.Relationship.CLOSED: GREY,
}


class ContactForm(forms.ModelForm):
    linkedin_url = forms.URLField(
        label="LinkedIn URL", max_length=500, required=False, assume_scheme="https", empty_value=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "lawful_basis" in self.fields:  # not for whoever may only look
            self.fields["lawful_basis"].help_text = lawful_basis.HELP

    def clean_region_code(self) -> str:
        return clean_region(self.cleaned_data["region_code"])


@admin.register(Contact)
class ContactAdmin(NamesNobody, HasPage):
    form = ContactForm
    page = "crm:contact"
    inlines = [AddressInline, NoteInline, ConsentInline, HistoryInline]
    list_display = [
        *("__str__", "job_title", "brand_link", "primary_address", "relationship", "region", "owner", "open"),
    ]
    list_filter = [
        *("relationship_status", ("owner", admin.RelatedOnlyFieldListFilter), "region_code", "seniority"),
        *("department", "lawful_basis", "created_at"),
    ]
    list_select_related = ["brand", "owner"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    search_fields = ["name_key", "job_title", "brand__name"]  # what get_search_results looks into
    search_help_text = "Name, title or brand; or a whole e-mail address."
    actions = ["export_as_csv", "merge"]
    autocomplete_fields = ["brand", "owner"]
    readonly_fields = [
        *(
            "rule",
            "discovered",
            "enrolments",
            "likely_the_same",
            "evidence_list",
            "created_by",
            "created_at",
            "updated_at",
        ),
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("first_name", "last_name"),
                    "brand",
                    "job_title",
                    ("seniority", "department"),
                    "linkedin_url",
                    ("relationship_status", "owner"),
                    "region_code",
                    "lawful_basis",
                ]
            },
        ),
    ]
    background = [
        (
            "Background",
            {
                "fields": [
                    "rule",
                    "discovered",
                    "enrolments",
                    "likely_the_same",
                    "evidence_list",
                    "created_by",
                    ("created_at", "updated_at"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        primary = Prefetch("addresses", ContactAddress.objects.filter(is_primary=True), to_attr="primary")
        return super().get_queryset(request).prefetch_related(primary)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        merge = self.admin_site.admin_view(self.merge_view)
        return [
            path("import/", view, name="crm_contact_import"),
            path("<uuid:kept_id>/merge/<uuid:gone_id>/", merge, name="crm_contact_merge"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        return csv_files.import_view(request, self.admin_site.each_context(request))

    def merge_view(self, request: HttpRequest, kept_id: UUID, gone_id: UUID) -> HttpResponse:
        return merges.merge_view(request, self.admin_site.each_context(request), kept_id, gone_id)

    @admin.action(description="Merge two contacts", permissions=["merge"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Contact]) -> HttpResponse | None:
        chosen = list(queryset.order_by("created_at", "pk").values_list("pk", flat=True)[:3])
        if len(chosen) != 2:
            self.message_user(request, "Choose two contacts to merge, no more and no fewer.", messages.ERROR)
            return None
        return HttpResponseRedirect(reverse("admin:crm_contact_merge", args=chosen))

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return merges.may_merge(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_import = {"may_import": csv_files.may_import(request)}
        return super().changelist_view(request, (extra_context or {}) | may_import)

    @admin.action(description="Export as CSV", permissions=["export"])
    def export_as_csv(self, request: HttpRequest, queryset: QuerySet[Contact]) -> StreamingHttpResponse:
        audited.exported("contacts", queryset, exports.CONTACT, _user(request))
        return csv_files.download("contacts", queryset, exports.contacts)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """An export has addresses in it, also those that the list does not show."""
        user = request.user
        return self.has_view_permission(request) and user.has_perm("crm.view_contactaddress")

    def get_fieldsets(self, request: HttpRequest, obj: Contact | None = None) -> Any:
        return self.fieldsets + (self.background if obj else [])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        return search(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        if not change:
            obj.created_by_id = request.user.pk
        before = audited.values(Contact.objects.get(pk=obj.pk)) if change else {}
        moved = "region_code" in form.changed_data
        if moved:
            obj.region_basis = by_hand.basis(obj.region_code, _user(request))
        super().save_model(request, obj, form, change)
        if change:
            contacts.record_changes(obj, form.changed_data, _user(request))
        acts = audited.changed(obj, before, by_hand=True) if change else [audited.made(obj, by_hand=True)]
        audit.record_many(acts, actor=_user(request))
        if moved:
            by_hand.after_region([obj.pk])

    def delete_model(self, request: HttpRequest, obj: Contact) -> None:
        contacts.delete([obj.pk], _user(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        contacts.delete(queryset.values_list("pk", flat=True), _user(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        background.save(formset, _user(request))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Keep addresses out of the admin's log, which is not encrypted."""
        message: Any = super().construct_change_message(request, form, formsets, add)
        for entry in message:
            for details in entry.values():
                if "object" in details:
                    details["object"] = "…"
        return message

    @admin.display(description="brand", ordering="brand__name")
    def brand_link(self, contact: Contact) -> SafeString:
        return link(contact.brand, "crm_brand_change", contact.brand_id)

    @admin.display
    def primary_address(self, contact: Any) -> str:  # `primary` is get_queryset's
        return contact.primary[0].email if contact.primary else "-"

    @admin.display(ordering="relationship_status")
    def relationship(self, contact: Contact) -> SafeString:
        status = Contact.Relationship(contact.relationship_status)
        return badge(status.label, RELATIONSHIP_COLOURS[status])

    @admin.display(ordering="region_code")
    def region(self, contact: Contact) -> SafeString:
        return region_badge(contact.region_code)

    @admin.display(description="rule for a first e-mail")
    def rule(self, contact: Contact) -> SafeString:
        return region_rule(contact.region_code)

    @admin.display(description="discovered as")
    def discovered(self, contact: Contact) -> SafeString:
        page = "enrichment_enrichedcontact_changelist"
        return link("Discovered contacts", page, linked_contact__id__exact=contact.pk)

    @admin.display
    def enrolments(self, contact: Contact) -> SafeString:
        return link("Enrolments", "outreach_enrolment_changelist", contact__id__exact=contact.pk)

    @admin.display(description="perhaps the same person")
    def likely_the_same(self, contact: Contact) -> SafeString | str:
        rows = [
            (link(other, "crm_contact_change", other.pk), pair.reason, self._merge_link(pair))
            for pair in duplicates.duplicates_of(contact)
            for other in (pair.second if pair.first == contact else pair.first,)
        ]
        return format_html_join("", "<p>{}: {}. {}</p>", rows) or "-"

    @staticmethod
    def _merge_link(pair: duplicates.Pair) -> SafeString:
        return link("Merge", "crm_contact_merge", pair.first.pk, pair.second.pk)

    @admin.display(description="evidence")
    def evidence_list(self, contact: Contact) -> SafeString | str:
        return evidence_list(contact.evidence)


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
