"""The audit trail in the admin: looked at, never changed. The page that searches it is outside of the admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from core.audit import searching
from core.models import AuditEntry, AuditHead, SubjectKey
from core.read_only import Kept

if TYPE_CHECKING:  # the stubs' class takes a type argument, Django's own does not
    Pages = Paginator[AuditEntry]
else:
    Pages = Paginator

COUNTED = 10_000


class Latest(Pages):
    """Pages of the latest entries: nobody waits for all of them to be counted."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:COUNTED].count())


class ActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in searching.present("action")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(Kept):
    list_display = ["at", "action", "actor", "via", "client", "object_type", "object_id", "number"]
    list_filter = [ActionFilter, "via"]
    search_fields = ["actor__exact", "object_id__exact", "action__exact"]
    search_help_text = "A user name, the id of a row, or an action such as sign_in.failed."
    paginator = Latest
    ordering = ["-id"]
    fields = [
        *("number", "at", "action", "actor", "actor_id", "via", "client", "token_id"),
        *("object_type", "object_id", "details", "digest", "link"),
    ]


@admin.register(AuditHead)
class AuditHeadAdmin(Kept):
    list_display = ["__str__", "number", "purged_through"]
    fields = ["number", "link", "purged_through", "purged_link"]


@admin.register(SubjectKey)
class SubjectKeyAdmin(Kept):
    """That there are keys, and since when; nobody reads one."""

    list_display = ["__str__", "created_at"]
    ordering = ["-created_at"]
    fields = ["created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubjectKey]:
        return super().get_queryset(request).defer("key")
