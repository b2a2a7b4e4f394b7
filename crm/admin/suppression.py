"""The suppression list: values are put on it and taken off, asked for whole, and never shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from crm import audited, exports, suppression
from crm.models import Suppression

from . import csv_files


class SuppressionForm(forms.ModelForm):
    """Many addresses and domains with one reason."""

    values = forms.CharField(
        label="Addresses and domains",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One a line: ada@acme.example, or acme.example for everybody there.",
    )

    class Meta:
        model = Suppression
        fields = ["reason"]

    def clean_values(self) -> list[str]:
        values = self.cleaned_data["values"].split()
        errors = []
        for value in values:
            try:
                suppression.entry(value)
            except ValueError as error:
                errors.append(str(error))
        if errors:
            raise forms.ValidationError(errors)
        return values


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    form = SuppressionForm
    list_display = ["kind", "reason", "created_at", "created_by"]
    list_filter = ["kind", "reason", "created_at"]
    list_select_related = ["created_by"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["export_as_csv"]
    date_hierarchy = "created_at"
    search_fields = ["value_index"]  # what get_search_results looks into
    search_help_text = "A whole address or domain; finds also the domain because of which an address is suppressed."

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[Any]:
        return ["kind", "reason", "created_at", "created_by"] if obj else ["values", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[Any]:
        return self.get_fields(request, obj) if obj else []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset & suppression.rows_for(search_term), False

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_as_csv(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> StreamingHttpResponse:
        audited.exported("suppressions", queryset, exports.SUPPRESSION)
        return csv_files.download("suppression-list", queryset, exports.suppressions)

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        user = request.user if isinstance(request.user, User) else None
        added = suppression.add(form.cleaned_data["values"], obj.reason, user)
        text = f"{added.added} added to the suppression list; {added.known} on it already."
        self.message_user(request, text, messages.SUCCESS)

    def log_addition(self, request: HttpRequest, obj: Suppression, message: Any) -> Any:
        """Log nothing: the rows say who added them and when, and `obj` is none of them."""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, (extra_context or {}) | only_save)

    def response_add(
        self, request: HttpRequest, obj: Suppression, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go back to the list: there is no one row to speak of."""
        return self.response_post_save_add(request, obj)
