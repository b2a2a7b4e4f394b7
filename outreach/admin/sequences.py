"""Sequences: who sends them, when, and whether; their steps are edited on the pages of outreach."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.safestring import SafeString

from core.admin_lists import HasPage
from core.badges import link
from core.read_only import Kept, ReadOnly
from outreach import audited, enrolments, sequences
from outreach.models import Enrolment, Sequence, SequenceVersion, Step

from .common import user_of
from .display import to_page

EDITED = ("name", "active", "paused", "mailbox", "weekdays")


class SequenceForm(forms.ModelForm):
    weekdays = forms.TypedMultipleChoiceField(
        label="Allowed days",
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: every day on which the recipient's country works.",
    )

    def clean_active(self) -> bool:
        active: bool = self.cleaned_data["active"]
        if active and not sequences.current(self.instance).steps.exists():
            raise forms.ValidationError("The sequence has no steps yet: add one, then switch it on.")
        return active


class StepInline(ReadOnly, admin.TabularInline):
    model = Step
    fields = ["position", "channel", "delay_days", "template"]
    ordering = ["position"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        return super().get_queryset(request).select_related("template", "version__sequence")


class VersionInline(ReadOnly, admin.TabularInline):
    model = SequenceVersion
    fields = ["number", "steps", "created_by", "created_at"]
    readonly_fields = ["steps", "created_by", "created_at"]
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[SequenceVersion]:
        rows = super().get_queryset(request).select_related("created_by", "sequence")
        return rows.annotate(number_of_steps=Count("steps"))

    @admin.display
    def steps(self, version: Any) -> Any:
        return version.number_of_steps


@admin.register(SequenceVersion)
class SequenceVersionAdmin(Kept, HasPage):
    """The steps as they were; they are edited on the pages of outreach, which makes new versions."""

    page = "outreach:sequence"
    page_of = "sequence_id"
    list_display = ["sequence", "number", "created_by", "created_at", "open"]
    list_filter = ["sequence", "created_at"]
    list_select_related = ["sequence", "created_by"]
    search_fields = ["sequence__name"]
    search_help_text = "The name of the sequence."
    fields = ["sequence", "number", "editor", "created_by", "created_at"]
    readonly_fields = ["editor", "created_by", "created_at"]
    inlines = [StepInline]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # reached from its sequence

    @admin.display(description="steps")
    def editor(self, version: SequenceVersion) -> SafeString:
        return _editor(version.sequence)


@admin.register(Sequence)
class SequenceAdmin(HasPage):
    form = SequenceForm
    page = "outreach:sequence"
    list_display = ["name", "active", "paused", "mailbox", "open_enrolments", "steps", "created_at"]
    list_filter = ["active", "paused", ("mailbox", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["mailbox"]
    list_per_page = 50
    search_fields = ["name"]
    autocomplete_fields = ["mailbox"]
    readonly_fields = ["steps", "enrolments", "created_at", "updated_at"]
    inlines = [VersionInline]

    def get_fields(self, request: HttpRequest, obj: Sequence | None = None) -> list[Any]:
        if obj is None:
            return ["name", "mailbox", "weekdays"]
        return [
            *("name", ("active", "paused"), "mailbox", "weekdays", "steps", "enrolments"),
            ("created_at", "updated_at"),
        ]

    def get_inlines(self, request: HttpRequest, obj: Sequence | None) -> list[Any]:
        return [VersionInline] if obj else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sequence]:
        still_open = Q(enrolments__state__in=Enrolment.OPEN)
        return super().get_queryset(request).annotate(still_open=Count("enrolments", filter=still_open))

    def save_model(self, request: HttpRequest, obj: Sequence, form: Any, change: bool) -> None:
        """Save it; a new one is switched off until it has steps, one that goes on gets new dates first."""
        before = audited.stored(obj, EDITED)
        resumed = change and "paused" in form.changed_data and not obj.paused
        if not change:
            obj.active = False
        obj.paused = obj.paused or resumed
        super().save_model(request, obj, form, change)
        audited.changed(obj, "sequence", before, user_of(request))
        if resumed:
            enrolments.resume_sequence(obj, user_of(request))
        if not change:
            SequenceVersion.objects.create(sequence=obj, number=1, created_by=user_of(request))

    def response_add(self, request: HttpRequest, obj: Sequence, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to where its steps are made."""
        self.message_user(request, "The sequence is made. Add its steps, then switch it on.")
        return HttpResponseRedirect(reverse("outreach:sequence", args=[obj.pk]))

    @admin.display
    def steps(self, sequence: Sequence) -> SafeString:
        return _editor(sequence)

    @admin.display
    def enrolments(self, sequence: Sequence) -> SafeString:
        return link("Enrolments", "outreach_enrolment_changelist", sequence__id__exact=sequence.pk)

    @admin.display(description="open enrolments", ordering="still_open")
    def open_enrolments(self, sequence: Any) -> SafeString:
        number = cast(int, sequence.still_open)
        return link(number, "outreach_enrolment_changelist", sequence__id__exact=sequence.pk)


def _editor(sequence: Sequence) -> SafeString:
    return to_page("sequence", "Edit the steps", sequence.pk)
