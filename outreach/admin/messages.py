"""Messages: planned, held or sent, with text and receipt; held ones are released, waiting ones cancelled."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from core.admin_lists import HasPage, OfPeople
from core.badges import link
from core.read_only import ReadOnly
from outreach import judging
from outreach.models import Channel, Message

from . import display
from .common import OF_A_CONTACT, act_on_each, user_of

# All that a message's text is made of.
FOR_TEXT = [
    *("step__template", "template", "experiment__variant", "mailbox"),
    *("enrolment__contact__brand", "enrolment__enrolled_by", "enrolment__mailbox"),
]
FOR_LIST = ["step__template", "enrolment__contact__brand", "enrolment__sequence"]
NOT_LISTED = ["email", "subject", "body", *(f"enrolment__contact__{field}" for field in OF_A_CONTACT)]


class MessageDisplay(ReadOnly):
    """Columns that a list of messages and the page of an enrolment share."""

    @admin.display(description="state", ordering="state")
    def status(self, message: Message) -> SafeString:
        return display.state(message)

    @admin.display(ordering="step__channel")
    def channel(self, message: Message) -> str:
        return Channel(message.step.channel).label

    @admin.display(description="reasons")
    def why(self, message: Message) -> SafeString | str:
        return display.reasons(message)


class MessageInline(MessageDisplay, admin.TabularInline):
    model = Message
    fields = ["step", "channel", "due_at", "status", "why", "text"]
    readonly_fields = ["channel", "status", "why", "text"]
    ordering = ["step__position"]
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related(*FOR_TEXT)

    @admin.display
    def text(self, message: Message) -> SafeString:
        return display.text(message)


@admin.register(Message)
class MessageAdmin(MessageDisplay, OfPeople, HasPage):
    page = "outreach:message"
    list_display = ["due_at", "contact", "step", "channel", "status", "first_reason", "sent_at", "open"]
    list_filter = [
        *("state", "step__channel", "enrolment__sequence", ("mailbox", admin.RelatedOnlyFieldListFilter)),
        *(("experiment", admin.RelatedOnlyFieldListFilter), "due_at", "sent_at"),
    ]
    search_fields = [
        *("enrolment__contact__first_name", "enrolment__contact__last_name", "enrolment__contact__brand__name"),
    ]
    addresses = ("email_index", "enrolment__address__email_index")
    date_hierarchy = "due_at"
    actions = ["release", "cancel"]
    readonly_fields = ["contact", "enrolment_link", "channel", "status", "why", "text", "receipt_lines", "came_back"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *(("contact", "enrolment_link"), ("step", "channel"), ("due_at", "status"), "why", "text"),
                    *("receipt_lines", "came_back"),
                ]
            },
        ),
        (
            "How it went",
            {
                "fields": [
                    *(("released_by", "released_at"), ("mailbox", "email"), ("experiment", "arm"), "template"),
                    *(("attempts", "claimed_at", "sent_at"), ("message_id", "provider_id"), "error"),
                    ("created_at", "updated_at"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related(*FOR_LIST).defer(*NOT_LISTED)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Message | None:
        """Return a message with all that its page shows."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            return None
        return Message.objects.select_related(*FOR_TEXT, "enrolment__address", "enrolment__sequence__mailbox").get(
            pk=found.pk
        )

    @admin.action(description="Release selected messages", permissions=["decide"])
    def release(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        user = user_of(request)
        act_on_each(self, request, queryset, lambda message: judging.release(message, user), "released")

    @admin.action(description="Cancel selected messages", permissions=["decide"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        user = user_of(request)
        act_on_each(self, request, queryset, lambda message: judging.cancel(message, user), "cancelled")

    @admin.display(description="held because")
    def first_reason(self, message: Message) -> SafeString | str:
        if message.state != Message.State.HELD or not message.reasons:
            return "-"
        short = Truncator(message.reasons[0]).chars(90)
        return format_html('<span title="{}">{}</span>', "\n".join(message.reasons), short)

    @admin.display(ordering="enrolment__contact__last_name")
    def contact(self, message: Message) -> SafeString:
        return link(message.enrolment.contact, "crm_contact_change", message.enrolment.contact_id)

    @admin.display(description="enrolment")
    def enrolment_link(self, message: Message) -> SafeString:
        return link(message.enrolment.sequence, "outreach_enrolment_change", message.enrolment_id)

    @admin.display
    def text(self, message: Message) -> SafeString:
        return display.whole_text(message)

    @admin.display(description="what the gate looked at")
    def receipt_lines(self, message: Message) -> SafeString | str:
        return display.receipt(message)

    @admin.display(description="what came back")
    def came_back(self, message: Message) -> SafeString:
        return link("Bounces and replies", "outreach_event_changelist", message__id__exact=message.pk)
