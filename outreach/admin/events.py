"""What came back: bounces, replies and what else needs a person; read here, and marked as handled."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin_lists import HasPage, OfPeople
from core.badges import AMBER, BLUE, GREEN, GREY, RED, badge, link
from outreach import handling
from outreach.models import Event

from .common import OF_A_CONTACT, act_on_each, user_of

Kind = Event.Kind

COLOURS: dict[str, str] = {
    Kind.DELIVERED: GREEN,
    Kind.HARD: RED,
    Kind.SOFT: AMBER,
    Kind.BLOCKED: RED,
    Kind.COMPLAINT: RED,
    Kind.AUTO_REPLY: GREY,
    Kind.REPLY: BLUE,
    Kind.UNSUBSCRIBED: AMBER,
    Kind.UNCERTAIN: RED,
    Kind.UNKNOWN: GREY,
}
NOT_LISTED = ["email", "subject", "text", *(f"contact__{field}" for field in OF_A_CONTACT)]


@admin.register(Event)
class EventAdmin(OfPeople, HasPage):
    page = "outreach:event"
    list_display = [
        *("happened_at", "kind_shown", "contact_link", "sentiment", "needs_human", "handled_at", "mailbox", "open"),
    ]
    list_filter = [
        *("needs_human", ("handled_at", admin.EmptyFieldListFilter), "kind", "source", "sentiment", "matched"),
        *(("mailbox", admin.RelatedOnlyFieldListFilter), "happened_at"),
    ]
    search_fields = ["contact__first_name", "contact__last_name", "contact__brand__name"]
    addresses = ("email_index",)
    date_hierarchy = "happened_at"
    actions = ["mark_handled"]
    readonly_fields = ["kind_shown", "contact_link", "message_link", "enrolment_link", "whole_text"]
    fields = [
        *(("happened_at", "kind_shown", "source"), ("contact_link", "brand", "matched"), "advice"),
        *(("message_link", "enrolment_link", "mailbox"), ("reason", "status"), "email", "subject", "whole_text"),
        *(("sentiment", "needs_human"), ("handled_at", "handled_by"), "created_at"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).select_related("contact", "mailbox").defer(*NOT_LISTED)

    @admin.action(description="Mark selected events as handled", permissions=["decide"])
    def mark_handled(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        user, rows = user_of(request), queryset.filter(handled_at=None)
        act_on_each(self, request, rows, lambda event: handling.mark_handled(event, user), "marked as handled")

    @admin.display(description="what", ordering="kind")
    def kind_shown(self, event: Event) -> SafeString:
        return badge(event.get_kind_display(), COLOURS[event.kind])

    @admin.display(description="contact", ordering="contact__last_name", empty_value="-")
    def contact_link(self, event: Event) -> SafeString | None:
        return link(event.contact, "crm_contact_change", event.contact_id) if event.contact else None

    @admin.display(description="message", empty_value="-")
    def message_link(self, event: Event) -> SafeString | None:
        return link("The message", "outreach_message_change", event.message_id) if event.message_id else None

    @admin.display(description="enrolment", empty_value="-")
    def enrolment_link(self, event: Event) -> SafeString | None:
        return link("The enrolment", "outreach_enrolment_change", event.enrolment_id) if event.enrolment_id else None

    @admin.display(description="text")
    def whole_text(self, event: Event) -> SafeString:
        return format_html('<div class="as-written breaks">{}</div>', event.text or "")
