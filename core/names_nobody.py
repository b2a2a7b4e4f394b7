"""The admin's log, which is not encrypted and outlives the people whom rows are about: it names rows by their ids."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.db.models import Model
from django.http import HttpRequest

if TYPE_CHECKING:  # the stubs' classes take type arguments, Django's own do not
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


def log(request: HttpRequest, rows: Iterable[Model], sentence: Any, flag: int = CHANGE) -> None:
    """Write into the admin's log what was done to rows, such as `Released.`."""
    user_id = int(request.user.pk or 0)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=user_id,
            content_type_id=get_content_type_for_model(row).pk,
            object_id=str(row.pk),
            object_repr=f"{row._meta.verbose_name} {row.pk}",
            action_flag=flag,
            change_message=sentence,
        )
        for row in rows
    )


class NamesNobody(ModelAdmin):
    """Rows that are logged without what they are called, such as a name or an address."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        log(request, [obj], message, ADDITION)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        log(request, [obj], message, CHANGE)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        log(request, queryset, "", DELETION)
