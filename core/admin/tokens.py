"""API tokens in the admin: made (shown once), looked at, revoked, deleted."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import api_tokens, audit, badges
from core.models import ApiToken

if TYPE_CHECKING:  # the stubs' classes take type arguments, Django's own do not
    ModelAdmin = admin.ModelAdmin[ApiToken]
    ModelForm = forms.ModelForm[ApiToken]
else:
    ModelAdmin, ModelForm = admin.ModelAdmin, forms.ModelForm

COLOURS: dict[api_tokens.State, str] = {"active": badges.GREEN, "expired": badges.AMBER, "revoked": badges.RED}


LIMITS = ("discoveries_per_day", "addresses_per_day")


class ApiTokenForm(ModelForm):
    class Meta:
        model = ApiToken
        fields = ["user", "name", "expires_at", *LIMITS]

    def clean_expires_at(self) -> Any:
        moment = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise forms.ValidationError("This moment has passed: give a later one, or none.")
        return moment


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Superusers see everybody's tokens and make them for others; other staff only their own."""

    form = ApiTokenForm
    list_display = ["name", "user", "beginning", "last_used_at", "expires_at", *LIMITS, "state", "revoke_button"]
    list_filter = ["created_at", "expires_at"]
    list_select_related = ["user"]
    search_fields = ["name", "hint", "user__username"]
    autocomplete_fields = ["user"]
    actions = ["revoke_selected"]
    change_form_template = "admin/core/apitoken/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request)
        user = cast(User, request.user)
        return tokens if user.is_superuser else tokens.filter(user=user)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        if obj is not None:
            what_it_is = (
                "name",
                "user",
                "beginning",
                "created_at",
                "last_used_at",
                "expires_at",
                "state",
                "revoked_at",
            )
            return (*what_it_is, *LIMITS)
        fields = ("name", "expires_at", *LIMITS)
        return ("user", *fields) if cast(User, request.user).is_superuser else fields

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        """Let the name be changed, and by superusers the limits: whoever has a token must not raise its own."""
        changeable = {"name", *LIMITS} if cast(User, request.user).is_superuser else {"name"}
        return () if obj is None else tuple(field for field in self.get_fields(request, obj) if field not in changeable)

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(self.revoke_view)
        return [path("<uuid:object_id>/revoke/", revoke, name="core_apitoken_revoke"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        one_way = {"show_save_and_add_another": False, "show_save_and_continue": False}  # on to the token's page
        return super().add_view(request, form_url, {**(extra_context or {}), **one_way})

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if not change:
            if not cast(User, request.user).is_superuser:
                obj.user = cast(User, request.user)
            cast(Any, obj).token = api_tokens.stamp(obj)  # for response_add, in memory alone
        super().save_model(request, obj, form, change)
        if not change:
            limits = {name: getattr(obj, name) for name in LIMITS}
            audit.record("token.created", of=obj, owner=obj.user_id, name=obj.name, expires_at=obj.expires_at, **limits)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the token, once, in the answer itself: a message could end up in a cookie, a URL in a log.

        As every page of the admin it comes with `Cache-Control: no-store`.
        """
        context = {
            **self.admin_site.each_context(request),
            "title": "API token created",
            "opts": self.opts,
            "row": obj,
            "token": cast(Any, obj).token,
        }
        return TemplateResponse(request, "admin/core/apitoken/created.html", context)

    def revoke_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Revoke one token; POST only. Of several times, the later ones change nothing."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        done = self._revoke(request, self.get_queryset(request).filter(pk=row.pk))
        message = f"“{row}” is revoked." if done else f"“{row}” was revoked already."
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:core_apitoken_changelist"))

    @admin.action(description="Revoke selected API tokens", permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        done = self._revoke(request, queryset)
        self.message_user(request, f"{done} token{'' if done == 1 else 's'} revoked.", messages.SUCCESS)

    def _revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> int:
        rows = list(tokens.filter(revoked_at__isnull=True))
        with transaction.atomic():
            LogEntry.objects.log_actions(cast(int, request.user.pk), rows, CHANGE, "Revoked.")
            audit.record_many(audit.Act("token.revoked", row, details={"owner": row.user_id}) for row in rows)
            return api_tokens.revoke(rows)

    @admin.display(description="token", ordering="hint")
    def beginning(self, row: ApiToken) -> SafeString:
        return format_html("<code>{}…</code>", row.hint)

    @admin.display(description="state")
    def state(self, row: ApiToken) -> SafeString:
        word = api_tokens.state(row)
        return badges.badge(word, COLOURS[word])

    @admin.display(description="")
    def revoke_button(self, row: ApiToken) -> SafeString | str:
        """Post the list's own form, with its CSRF token, to the token's address."""
        if row.revoked_at is not None:
            return ""
        url = reverse("admin:core_apitoken_revoke", args=[row.pk])
        label = f"Revoke {row}"
        return format_html('<button class="button" formaction="{}" aria-label="{}">Revoke</button>', url, label)
