"""The record of signing in, in the admin: looked at, never edited. What locks a name can be lifted."""

from typing import TYPE_CHECKING, Any, cast

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import audit
from core.read_only import ReadOnly

if TYPE_CHECKING:  # the stubs' classes take type arguments, Django's own do not
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

apps.get_app_config("axes").verbose_name = "Sign-in attempts"
for model in (AccessAttempt, AccessFailureLog, AccessLog, TOTPDevice, StaticDevice):
    if admin.site.is_registered(model):  # the packages' own pages; keys of second factors are nobody's to read
        admin.site.unregister(model)


class Recorded(ReadOnly, ModelAdmin):
    """Rows that axes writes and the purge deletes."""

    date_hierarchy = "attempt_time"
    ordering = ["-attempt_time"]
    search_fields = ["username", "ip_address", "user_agent"]
    list_per_page = 50
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessLog)
class SignInAdmin(Recorded):
    """Who signed in and out. A row without a page was a token for the API."""

    list_display = ["attempt_time", "username", "ip_address", "path_info", "logout_time", "user_agent"]
    list_filter = ["attempt_time", "logout_time", "path_info"]
    fields = ["username", "attempt_time", "logout_time", "ip_address", "path_info", "user_agent"]


@admin.register(AccessFailureLog)
class FailureAdmin(Recorded):
    """Who failed to sign in: the name as it was typed, in small letters."""

    list_display = ["attempt_time", "username", "ip_address", "path_info", "locked_out", "user_agent"]
    list_filter = ["attempt_time", "locked_out", "path_info"]
    fields = ["username", "attempt_time", "locked_out", "ip_address", "path_info", "user_agent"]


@admin.register(AccessAttempt)
class AttemptAdmin(Recorded):
    """The failures that count towards a lock-out now."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start", "user_agent"]
    list_filter = ["attempt_time"]
    fields = ["username", "attempt_time", "failures_since_start", "ip_address", "path_info", "user_agent"]
    actions = ["unlock"]

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")

    @admin.action(description="Let these sign in again at once", permissions=["unlock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[AccessAttempt]) -> None:
        rows = list(queryset)
        LogEntry.objects.log_actions(cast(int, request.user.pk), rows, DELETION, "Lock-out lifted.")
        with transaction.atomic():
            queryset.delete()
            audit.record("sign_in.unlocked", count=len(rows))
        self.message_user(request, "Their failures are forgotten: they may try again.", messages.SUCCESS)
