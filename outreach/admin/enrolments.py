"""Enrolments: read here with their messages, paused, resumed and stopped."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin_lists import HasPage, OfPeople
from core.badges import link
from core.names_nobody import log
from outreach import enrolments
from outreach.models import Enrolment, Message

from .common import OF_A_CONTACT, count, user_of
from .display import state
from .messages import MessageInline

State = Enrolment.State


@admin.register(Enrolment)
class EnrolmentAdmin(OfPeople, HasPage):
    page = "outreach:enrolment"
    list_display = ["contact", "sequence_link", "status", "address", "next_due", "created_at", "open"]
    ordering = ["-id"]  # as they were made
    list_filter = ["state", "sequence", ("mailbox", admin.RelatedOnlyFieldListFilter), "created_at"]
    search_fields = ["contact__first_name", "contact__last_name", "contact__brand__name"]
    addresses = ("address__email_index",)
    date_hierarchy = "created_at"
    actions = ["pause", "resume", "stop"]
    inlines = [MessageInline]
    fields = [
        ("contact_link", "found"),
        ("address", "zone"),
        ("sequence_link", "version", "mailbox"),
        ("status", "pause_reason", "stop_reason"),
        "came_back",
        ("enrolled_by", "created_at", "updated_at"),
    ]
    readonly_fields = ["contact_link", "found", "sequence_link", "status", "came_back"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        planned = Message.objects.filter(enrolment=OuterRef("pk"), state=Message.State.PLANNED).order_by("due_at")
        return (
            super()
            .get_queryset(request)
            .select_related("contact", "sequence", "address", "version__sequence", "mailbox")
            .defer(*(f"contact__{field}" for field in OF_A_CONTACT))  # no need to decrypt them for a list
            .annotate(next_due=Subquery(planned.values("due_at")[:1]))
        )

    @admin.action(description="Pause selected enrolments", permissions=["decide"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        rows = list(queryset.filter(state=State.ACTIVE))
        done = enrolments.pause(_these(rows), f"Paused by {request.user.get_username()}.", user_of(request))
        self._say(request, rows, done, "paused", "nothing of them is sent until they are resumed")

    @admin.action(description="Resume selected enrolments", permissions=["decide"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        rows = list(queryset.filter(state=State.PAUSED))
        done = enrolments.resume(_these(rows), user_of(request))
        self._say(request, rows, done, "resumed", "what was overdue has new dates")

    @admin.action(description="Stop selected enrolments", permissions=["decide"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        rows = list(queryset.filter(state__in=Enrolment.OPEN))
        done = enrolments.stop_these([row.pk for row in rows], "by hand", user_of(request))
        self._say(request, rows, done, "stopped", "their messages cancelled")

    def _say(self, request: HttpRequest, rows: list[Enrolment], done: int, word: str, what: str) -> None:
        log(request, rows, f"{word.capitalize()}.")
        self.message_user(request, f"{count(done, 'enrolment')} {word}, {what}.", messages.SUCCESS)

    @admin.display(description="contact", ordering="contact__last_name")
    def contact_link(self, enrolment: Enrolment) -> SafeString:
        return link(enrolment.contact, "crm_contact_change", enrolment.contact_id)

    @admin.display(description="sequence", ordering="sequence__name")
    def sequence_link(self, enrolment: Enrolment) -> SafeString:
        return link(enrolment.sequence, "outreach_sequence_change", enrolment.sequence_id)

    @admin.display(description="state", ordering="state")
    def status(self, enrolment: Enrolment) -> SafeString:
        return state(enrolment)

    @admin.display(description="next message", ordering="next_due")
    def next_due(self, enrolment: Any) -> Any:
        return enrolment.next_due

    @admin.display(description="found as")
    def found(self, enrolment: Enrolment) -> SafeString:
        page = "enrichment_enrichedcontact_changelist"
        return link("Discovered contacts", page, linked_contact__id__exact=enrolment.contact_id)

    @admin.display(description="what came back")
    def came_back(self, enrolment: Enrolment) -> SafeString:
        return link("Bounces and replies", "outreach_event_changelist", enrolment__id__exact=enrolment.pk)


def _these(rows: list[Enrolment]) -> Q:
    return Q(pk__in=[row.pk for row in rows])
