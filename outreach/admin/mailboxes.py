"""The senders: edited here, checked, paused and resumed; and how far the mailbox with the answers was read."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.admin_lists import HasPage
from core.badges import AMBER, GREEN, GREY, RED, badge, link
from core.names_nobody import NamesNobody
from core.read_only import Kept
from outreach import health, preflight
from outreach import mailboxes as senders
from outreach.models import Mailbox, MailboxPosition

from .common import act_on_each, user_of

RESULTS = {True: ("In order", GREEN), False: ("Not in order", RED), None: ("Not known", AMBER)}


class MailboxForm(forms.ModelForm):
    privacy_url = forms.URLField(label="Privacy notice", max_length=500, required=False, assume_scheme="https")

    def clean_address(self) -> str:
        try:
            return senders.clean_address(self.cleaned_data["address"], self.instance)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Mailbox)
class MailboxAdmin(NamesNobody, HasPage):
    form = MailboxForm
    page = "outreach:sender"
    list_display = ["address", "sender_name", "status", "daily_cap", "preflight_at", "sent", "open"]
    list_filter = ["active", ("paused_at", admin.EmptyFieldListFilter)]
    search_fields = ["address", "sender_name"]  # also those of the autocomplete fields that ask for a sender
    actions = ["check_now", "pause", "resume"]
    readonly_fields = [
        *("status", "paused_at", "pause_reason", "resumed_at", "checks", "preflight_at", "last_week", "sent"),
        *("created_at", "updated_at"),
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *(("address", "sender_name"), "company", "postal_address", "privacy_url", "signature"),
                    ("daily_cap", "dkim_selector"),
                    "active",
                ]
            },
        ),
    ]
    background = [
        (
            "State",
            {
                "fields": [
                    *("status", ("paused_at", "pause_reason"), "resumed_at", "checks", "preflight_at"),
                    *("last_week", "sent", ("created_at", "updated_at")),
                ]
            },
        ),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Mailbox | None = None) -> Any:
        return self.fieldsets + (self.background if obj else [])

    def save_model(self, request: HttpRequest, obj: Mailbox, form: Any, change: bool) -> None:
        senders.save(obj, user_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Mailbox | None = None) -> bool:
        """One that wrote to somebody stays, switched off: its people are not to hear from another one unasked."""
        used = obj is not None and (obj.messages.exists() or obj.enrolments.exists())
        return not used and super().has_delete_permission(request, obj)

    @admin.action(description="Check selected mailboxes now", permissions=["change"])
    def check_now(self, request: HttpRequest, queryset: QuerySet[Mailbox]) -> None:
        act_on_each(self, request, queryset, preflight.run, "checked")
        for mailbox in queryset:
            if found := preflight.problems(mailbox):
                self.message_user(request, f"{mailbox}: {' '.join(found)}", messages.WARNING)

    @admin.action(description="Pause selected mailboxes", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Mailbox]) -> None:
        reason, user = f"Paused by {request.user.get_username()}.", user_of(request)
        running = queryset.filter(paused_at=None)
        act_on_each(self, request, running, lambda row: senders.pause(row, reason, user), "paused")

    @admin.action(description="Resume selected mailboxes", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Mailbox]) -> None:
        user = user_of(request)
        paused = queryset.exclude(paused_at=None)
        act_on_each(self, request, paused, lambda row: senders.resume(row, user), "resumed")

    @admin.display
    def status(self, mailbox: Mailbox) -> SafeString:
        if not mailbox.active:
            return badge("Switched off", GREY)
        if mailbox.paused_at:
            return badge("Paused", RED)
        if preflight.problems(mailbox):
            return badge("Its domain is not in order", RED)
        if not (mailbox.company and mailbox.postal_address):
            return badge("Company or postal address missing", AMBER)
        return badge("Ready", GREEN) if mailbox.preflight else badge("Not checked yet", AMBER)

    @admin.display(description="domain")
    def checks(self, mailbox: Mailbox) -> SafeString | str:
        found = mailbox.preflight.values()
        lines = ((badge(*RESULTS[check["result"]]), check["sentence"]) for check in found)
        return format_html_join("", "<p>{} {}</p>", lines) or "Not checked yet: choose “Check now” in the list."

    @admin.display(description="last seven days")
    def last_week(self, mailbox: Mailbox) -> str:
        found = health.check(mailbox, timezone.now())
        counts = f"{found.sent} sent, {found.bounced} bounced, {found.complained} complained."
        return " ".join([counts, *found.problems])

    @admin.display(description="messages")
    def sent(self, mailbox: Mailbox) -> SafeString:
        return link("Messages", "outreach_message_changelist", mailbox__id__exact=mailbox.pk)


@admin.register(MailboxPosition)
class MailboxPositionAdmin(Kept):
    list_display = ["account", "last_uid", "polled_at", "error"]
    fields = ["account", "uid_validity", "last_uid", "polled_at", "error"]
