"""Two contacts made one: the page on which values are chosen, and the list from which a merge is undone."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from core.admin_lists import HasPage, OfPeople
from core.badges import link
from core.names_nobody import log
from crm import merging
from crm.models import Contact, Merge

RIGHTS = [
    *("crm.view_contact", "crm.change_contact", "crm.delete_contact"),
    *("crm.view_contactaddress", "crm.change_contactaddress"),
]


class MergeForm(forms.Form):
    """Whose value counts, for each field in which two contacts differ."""

    def __init__(self, kept: Contact, gone: Contact, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (one, other) in merging.differences(kept, gone).items():
            self.fields[name] = forms.ChoiceField(
                label=str(getattr(Contact._meta.get_field(name), "verbose_name", name)).capitalize(),
                choices=[(merging.KEPT, str(one)), (merging.GONE, str(other))],
                initial=merging.KEPT,
                widget=forms.RadioSelect,
            )


def may_merge(request: HttpRequest) -> bool:
    """Return whether the user may do all that a merge and its undoing do."""
    return isinstance(request.user, User) and request.user.has_perms(RIGHTS)


def merge_view(request: HttpRequest, context: dict[str, Any], kept_id: UUID, gone_id: UUID) -> HttpResponse:
    """Show both contacts and what can be chosen, and merge them when that is confirmed."""
    if not may_merge(request):
        raise PermissionDenied
    rows = Contact.objects.select_related("brand", "owner").prefetch_related("addresses").in_bulk([kept_id, gone_id])
    if len(rows) < 2:
        raise Http404("There are no such two contacts.")
    kept, gone = rows[kept_id], rows[gone_id]
    form = MergeForm(kept, gone, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            merging.merge(kept, gone, form.cleaned_data, _user(request))
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Merged with {gone}. Merges in the admin lists it, and can undo it.")
            return HttpResponseRedirect(reverse("admin:crm_contact_change", args=[kept.pk]))
    page = {"title": "Merge two contacts", "form": form, "kept": kept, "gone": gone}
    return TemplateResponse(request, "admin/crm/contact/merge.html", {**context, **page})


@admin.register(Merge)
class MergeAdmin(OfPeople, HasPage):
    page = "crm:contact"
    page_of = "kept_id"
    readonly_fields = ["kept_link", "gone", "merged_by", "created_at", "undone_by", "undone_at"]
    fields = [*readonly_fields]
    list_display = ["kept_link", "gone", "merged_by", "created_at", "undone_at", "open"]
    ordering = ["-id"]
    list_filter = ["created_at", ("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["kept", "merged_by"]
    search_fields = ["kept__first_name", "kept__last_name"]
    addresses = ("kept__addresses__email_index",)
    date_hierarchy = "created_at"
    actions = ["undo"]

    @admin.display(description="contact", ordering="kept__last_name")
    def kept_link(self, merge: Merge) -> SafeString:
        return link(merge.kept, "crm_contact_change", merge.kept_id)

    @admin.display(description="was merged with it")
    def gone(self, merge: Merge) -> str:
        columns = merge.snapshot["gone"]
        return f"{columns['first_name']} {columns['last_name']}"

    @admin.action(description="Undo", permissions=["undo"])
    def undo(self, request: HttpRequest, queryset: QuerySet[Merge]) -> None:
        # The newest first: of several merges into one contact the last one goes first.
        for merge in queryset.order_by("-created_at"):
            name = self.gone(merge)
            try:
                merging.undo(merge, _user(request))
            except ValueError as error:
                self.message_user(request, f"{name}: {error}", messages.ERROR)
            else:
                log(request, [merge], "Undone.")
                self.message_user(request, f"{name} is a contact of their own again.", messages.SUCCESS)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return may_merge(request)


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
