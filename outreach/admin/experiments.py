"""Experiments: planned, started and ended here, with what is known of each."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.admin_lists import HasPage
from core.badges import link
from outreach import experiments
from outreach.models import Experiment, Variant

from .common import act_on_each, user_of
from .display import state


class VariantChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.template}: {obj}"


class ExperimentForm(forms.ModelForm):
    variant = VariantChoice(
        Variant.objects.select_related("template"), help_text="Arm B. It is compared with its template, arm A."
    )
    planned_per_arm = forms.IntegerField(
        label="Companies in each arm",
        min_value=experiments.SMALLEST,
        max_value=experiments.LARGEST,
        help_text="The one test is made when so many companies of each arm were written to 14 days ago.",
    )

    def clean_variant(self) -> Variant:
        variant: Variant = self.cleaned_data["variant"]
        self.instance.template = variant.template
        return variant


@admin.register(Experiment)
class ExperimentAdmin(HasPage):
    """A draft can be changed and deleted; what was started says what came out, and stays."""

    page = "outreach:experiment"
    form = ExperimentForm
    list_display = [
        *("name", "template_link", "variant", "status", "companies", "planned_per_arm", "started_at", "open"),
    ]
    list_filter = ["state", "template", "created_at"]
    list_select_related = ["template", "variant"]
    list_per_page = 50
    date_hierarchy = "created_at"
    search_fields = ["name", "template__name", "variant__name"]
    actions = ["start", "end"]
    audit = [
        *("template_link", "status", "verdict", "sent", "started_at", "ended_at", "created_by", "created_at"),
    ]

    def get_fields(self, request: HttpRequest, obj: Experiment | None = None) -> list[Any]:
        return ["name", "variant", "planned_per_arm", *(self.audit if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Experiment | None = None) -> list[str]:
        begun = obj is not None and obj.state != Experiment.State.DRAFT
        return [*(["variant", "planned_per_arm"] if begun else []), *self.audit]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        sent = Q(messages__sent_at__isnull=False)
        brands = Count("messages__enrolment__contact__brand", distinct=True, filter=sent)
        return super().get_queryset(request).annotate(reached=brands)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        begun = obj is not None and obj.state != Experiment.State.DRAFT
        return not begun and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = user_of(request)
        super().save_model(request, obj, form, change)

    @admin.action(description="Start selected experiments", permissions=["change"])
    def start(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        act_on_each(self, request, queryset, experiments.start, "started")

    @admin.action(description="End selected experiments", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        act_on_each(self, request, queryset, experiments.end, "ended")

    @admin.display(description="template", ordering="template__name")
    def template_link(self, experiment: Experiment) -> SafeString:
        return link(experiment.template, "outreach_template_change", experiment.template_id)

    @admin.display(description="state", ordering="state")
    def status(self, experiment: Experiment) -> SafeString:
        return state(experiment)

    @admin.display(description="companies so far", ordering="reached")
    def companies(self, experiment: Any) -> Any:
        return experiment.reached

    @admin.display(description="what is known")
    def verdict(self, experiment: Experiment) -> SafeString:
        found = experiments.verdict(experiment)
        return format_html_join("", "<p>{}</p>", ((line,) for line in (found.sentence, *found.warnings)))

    @admin.display(description="messages")
    def sent(self, experiment: Experiment) -> SafeString:
        return link("Messages", "outreach_message_changelist", experiment__id__exact=experiment.pk)
