"""Rows in the admin that only the product writes."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:  # the stubs' classes take type arguments, Django's own do not
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnly:
    """Mixed into an admin class or inline: shown, deleted perhaps, never added or edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Kept(ReadOnly, ModelAdmin):
    """Rows that go with what they belong to, never by themselves.

    They keep the permission to delete: without it, nobody could delete what they belong to. Whoever may change the
    model may use its actions (`permissions=["decide"]`).
    """

    list_per_page = 50
    show_full_result_count = False  # counting all that the filters leave out, for no more than a number

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise PermissionDenied

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        kept = {**(extra_context or {}), "show_delete": False}
        return super().changeform_view(request, object_id, form_url, kept)
