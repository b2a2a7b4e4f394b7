"""The texts and their variants."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import audit
from core.admin_lists import HasPage
from core.badges import link
from outreach import audited, rendering
from outreach.models import Experiment, Template, Variant

from .common import user_of
from .display import to_page

WRITTEN = ("name", "subject", "body")
VARIABLES_HELP = format_html(
    "Variables: {}. What follows the bar stands in where there is no value, as in {}; without it, the message is held.",
    format_html_join(", ", "<code>{}</code> ({})", rendering.VARIABLES.items()),
    format_html("<code>{}</code>", "{{ first_name | there }}"),
)
COMPARED = "An experiment compares this text: end it before you change the wording."


class TextForm(forms.ModelForm):
    """Subject and body that can be rendered, and stay as they are while an experiment compares them.

    The row has an attribute `compared`; a new one has none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if getattr(self.instance, "compared", False):
            for name in ("subject", "body"):
                if name in self.fields:
                    self.fields[name].disabled = True
                    self.fields[name].help_text = COMPARED

    def clean_subject(self) -> str:
        return _renderable(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return _renderable(self.cleaned_data["body"])


def _renderable(text: str) -> str:
    if found := rendering.problems(text):
        raise forms.ValidationError(found)
    return text


def _compared(**which: Any) -> Exists:
    """Return whether an experiment is running on a text."""
    return Exists(Experiment.objects.filter(state=Experiment.State.RUNNING, **which))


class VariantInline(admin.StackedInline):
    model = Variant
    form = TextForm
    fields = ["name", "subject", "body"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).annotate(compared=_compared(variant=OuterRef("pk")))


@admin.register(Template)
class TemplateAdmin(HasPage):
    form = TextForm
    page = "outreach:template"
    inlines = [VariantInline]
    list_display = ["name", "subject", "used", "variants", "updated_at", "open"]
    list_filter = ["updated_at"]
    list_per_page = 50
    search_fields = ["name", "subject"]  # also those of the autocomplete fields that ask for a template
    readonly_fields = ["preview", "experiments", "created_at", "updated_at"]

    def get_fields(self, request: HttpRequest, obj: Template | None = None) -> list[Any]:
        background = ["preview", "experiments", ("created_at", "updated_at")]
        return ["name", "subject", "body", *(background if obj else [])]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, help_texts={"body": VARIABLES_HELP}, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                compared=_compared(template=OuterRef("pk")),
                sequences=Count("steps__version__sequence", distinct=True),
                wordings=Count("variants", distinct=True),
            )
        )

    def save_model(self, request: HttpRequest, obj: Template, form: Any, change: bool) -> None:
        audited.save(obj, "template", WRITTEN, user_of(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the variants that were edited; those taken out leave an entry too."""
        for row in formset.save(commit=False):
            audited.save(row, "variant", WRITTEN, user_of(request))
        for row in formset.deleted_objects:
            audit.record("variant.deleted", of=row, actor=user_of(request), name=row.name)
            row.delete()
        formset.save_m2m()

    @admin.display(description="sequences", ordering="sequences")
    def used(self, template: Any) -> Any:
        return template.sequences

    @admin.display(ordering="wordings")
    def variants(self, template: Any) -> Any:
        return template.wordings

    @admin.display
    def preview(self, template: Template) -> SafeString:
        return to_page("template", "See how it reads for a contact", template.pk)

    @admin.display
    def experiments(self, template: Template) -> SafeString:
        return link("Experiments", "outreach_experiment_changelist", template__id__exact=template.pk)
