"""Sequences and texts, made and edited here; enrolments and messages, read here, and stopped."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from core.badges import AMBER, BLUE, GREEN, GREY, RED, badge, link
from core.read_only import ReadOnly
from crm.models import Contact

from . import enrolments, rendering, texts
from .models import Channel, Enrolment, Message, Sequence, SequenceVersion, Step, Template

COLOURS = {
    Enrolment.State.ACTIVE: GREEN,
    Enrolment.State.STOPPED: RED,
    Enrolment.State.FINISHED: GREY,
    Enrolment.State.PAUSED: AMBER,
    Message.State.PLANNED: BLUE,
    Message.State.HELD: AMBER,
    Message.State.SENDING: BLUE,
    Message.State.SENT: GREEN,
    Message.State.UNKNOWN: RED,
    Message.State.FAILED: RED,
    Message.State.CANCELLED: GREY,
}

VARIABLES_HELP = format_html(
    "Variables: {}. What follows the bar stands in where there is no value, as in {}; without it, the message is held.",
    format_html_join(", ", "<code>{}</code> ({})", rendering.VARIABLES.items()),
    format_html("<code>{}</code>", "{{ first_name | there }}"),
)


class TemplateForm(forms.ModelForm):
    """A text that can be rendered."""

    class Meta:
        model = Template
        fields = ["name", "subject", "body"]
        help_texts = {"body": VARIABLES_HELP}

    def clean_subject(self) -> str:
        return _renderable(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return _renderable(self.cleaned_data["body"])


def _renderable(text: str) -> str:
    if found := rendering.problems(text):
        raise forms.ValidationError(found)
    return text


@admin.register(Template)
class TemplateAdmin(admin.ModelAdmin):
    form = TemplateForm
    list_display = ["name", "subject", "updated_at"]
    search_fields = ["name", "subject"]


class StepInline(ReadOnly, admin.TabularInline):
    model = Step
    fields = ["position", "channel", "delay_days", "template"]
    ordering = ["position"]
    extra = 0
    can_delete = False


class VersionInline(ReadOnly, admin.TabularInline):
    model = SequenceVersion
    fields = ["number", "created_by", "created_at"]
    extra = 0
    can_delete = False
    show_change_link = True


@admin.register(SequenceVersion)
class SequenceVersionAdmin(ReadOnly, admin.ModelAdmin):
    """The steps as they were; they are edited on the pages of outreach, which makes new versions."""

    list_display = ["sequence", "number", "created_at"]
    list_select_related = ["sequence"]
    inlines = [StepInline]


@admin.register(Sequence)
class SequenceAdmin(admin.ModelAdmin):
    list_display = ["name", "active", "paused", "created_at"]
    list_filter = ["active", "paused"]
    search_fields = ["name"]
    inlines = [VersionInline]


class MessageDisplay(ReadOnly):
    """Columns that a list of messages and the page of an enrolment share."""

    @admin.display(ordering="state")
    def status(self, message: Message) -> SafeString:
        return _state(message)

    @admin.display(ordering="step__channel")
    def channel(self, message: Message) -> str:
        return Channel(message.step.channel).label

    @admin.display(description="reasons")
    def why(self, message: Message) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((reason,) for reason in message.reasons))

    @admin.display
    def text(self, message: Message) -> SafeString:
        """Show the text as it would read today, ready to be copied."""
        enrolment = message.enrolment
        text = texts.write(message.step, texts.values(enrolment.contact, enrolment.enrolled_by))
        return format_html(
            '<b>{}</b><div style="white-space:pre-wrap">{}</div>', text.subject, text.body or text.problem
        )


class MessageInline(MessageDisplay, admin.TabularInline):
    model = Message
    fields = ["step", "channel", "due_at", "status", "why", "text"]
    readonly_fields = ["channel", "status", "why", "text"]
    ordering = ["due_at", "step__position"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related(*_FOR_TEXT)


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["contact", "sequence", "status", "address", "next_due"]
    list_filter = ["state", "sequence", "created_at"]
    search_fields = ["contact__first_name", "contact__last_name"]
    search_help_text = "The contact's name."
    list_per_page = 50
    actions = ["stop"]
    inlines = [MessageInline]
    fields = [
        ("contact", "found"),
        "address",
        ("sequence", "status", "stop_reason"),
        ("enrolled_by", "created_at", "updated_at"),
    ]
    readonly_fields = ["found", "status"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        planned = Message.objects.filter(enrolment=OuterRef("pk"), state=Message.State.PLANNED).order_by("due_at")
        return (
            super()
            .get_queryset(request)
            .select_related("contact", "sequence", "address")
            .defer("contact__linkedin_url", "contact__evidence")  # no need to decrypt them for a list
            .annotate(next_due=Subquery(planned.values("due_at")[:1]))
        )

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outreach.change_enrolment")

    @admin.action(description="Stop selected enrolments", permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        active = list(queryset.filter(state=Enrolment.State.ACTIVE))
        stopped = enrolments.stop_these([enrolment.pk for enrolment in active], "by hand")
        LogEntry.objects.log_actions(int(request.user.pk or 0), active, CHANGE, "Stopped.")
        counted = f"{stopped} enrolment{'' if stopped == 1 else 's'}"
        self.message_user(request, f"{counted} stopped, their messages cancelled.", messages.SUCCESS)

    @admin.display(ordering="state")
    def status(self, enrolment: Enrolment) -> SafeString:
        return _state(enrolment)

    @admin.display(description="next message", ordering="next_due")
    def next_due(self, enrolment: Any) -> Any:
        return enrolment.next_due

    @admin.display(description="found as")
    def found(self, enrolment: Enrolment) -> SafeString:
        page = "enrichment_enrichedcontact_changelist"
        return link("Discovered contacts", page, linked_contact__id__exact=enrolment.contact_id)


@admin.register(Message)
class MessageAdmin(MessageDisplay, admin.ModelAdmin):
    list_display = ["due_at", "contact", "step", "channel", "status", "first_reason"]
    list_filter = ["state", "step__channel", "due_at"]
    search_fields = ["enrolment__contact__first_name", "enrolment__contact__last_name"]
    search_help_text = "The contact's name."
    list_per_page = 50
    date_hierarchy = "due_at"
    actions = None
    fields = ["contact", "enrolment", "step", "channel", "due_at", "status", "why", "text"]
    readonly_fields = ["contact", "channel", "status", "why", "text"]

    @admin.display(description="held because")
    def first_reason(self, message: Message) -> SafeString | str:
        if message.state != Message.State.HELD or not message.reasons:
            return "-"
        short = Truncator(message.reasons[0]).chars(90)
        return format_html('<span title="{}">{}</span>', "\n".join(message.reasons), short)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows = super().get_queryset(request).select_related(*_FOR_TEXT)
        return rows.defer("enrolment__contact__linkedin_url", "enrolment__contact__evidence")

    @admin.display(ordering="enrolment__contact__last_name")
    def contact(self, message: Message) -> SafeString:
        contact: Contact = message.enrolment.contact
        return link(contact, "crm_contact_change", contact.pk)


# All that a message's text is made of.
_FOR_TEXT = ["step__template", "enrolment__contact__brand", "enrolment__enrolled_by"]


def _state(row: Enrolment | Message) -> SafeString:
    return badge(row.get_state_display(), COLOURS[type(row).State(row.state)])
