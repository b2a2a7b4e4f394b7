"""Tasks: steps that a person does, with the text to copy; done or skipped here."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin_lists import HasPage, OfPeople
from core.badges import link
from outreach import linkedin, manual_steps
from outreach.models import Channel, Task

from . import display
from .common import OF_A_CONTACT, act_on_each, user_of

CONTACT = "message__enrolment__contact"
NOT_LISTED = [
    *(f"message__{field}" for field in ("email", "subject", "body")),
    *(f"{CONTACT}__{field}" for field in OF_A_CONTACT),
]


@admin.register(Task)
class TaskAdmin(OfPeople, HasPage):
    page = "outreach:message"
    page_of = "message_id"
    list_display = ["expires_at", "contact", "step", "channel", "status", "owner", "open"]
    list_filter = ["state", "message__step__channel", ("owner", admin.RelatedOnlyFieldListFilter), "expires_at"]
    search_fields = [f"{CONTACT}__{field}" for field in ("first_name", "last_name", "brand__name")]
    addresses = ("message__email_index", "message__enrolment__address__email_index")
    date_hierarchy = "expires_at"
    actions = ["done", "skip"]
    fields = [
        *(("contact", "profile"), ("step", "channel"), "status", "text", ("owner", "expires_at")),
        *(("closed_by", "closed_at"), "created_at"),
    ]
    readonly_fields = ["contact", "profile", "step", "channel", "status", "text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        related = f"{CONTACT}__brand", "message__step__template", "owner"
        return super().get_queryset(request).select_related(*related).defer(*NOT_LISTED)

    @admin.action(description="Mark selected tasks as done", permissions=["decide"])
    def done(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        user = user_of(request)
        act_on_each(self, request, queryset, lambda task: manual_steps.done(task, user), "done")

    @admin.action(description="Skip selected tasks", permissions=["decide"])
    def skip(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        user = user_of(request)
        act_on_each(self, request, queryset, lambda task: manual_steps.skip(task, user), "skipped")

    @admin.display(ordering=f"{CONTACT}__last_name")
    def contact(self, task: Task) -> SafeString:
        contact = task.message.enrolment.contact
        return link(contact, "crm_contact_change", contact.pk)

    @admin.display(description="on LinkedIn")
    def profile(self, task: Task) -> SafeString | str:
        if task.message.step.channel != Channel.LINKEDIN:
            return "-"
        address = linkedin.link_for(task.message.enrolment.contact)
        return format_html('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', address, "Open LinkedIn")

    @admin.display(ordering="message__step__position")
    def step(self, task: Task) -> SafeString:
        return link(task.message.step, "outreach_message_change", task.message_id)

    @admin.display(ordering="message__step__channel")
    def channel(self, task: Task) -> str:
        return Channel(task.message.step.channel).label

    @admin.display(description="state", ordering="state")
    def status(self, task: Task) -> SafeString:
        return display.state(task)

    @admin.display
    def text(self, task: Task) -> SafeString:
        return display.text(task.message)
