"""The form of a sequence, and its steps as a row of small forms that can be moved without JavaScript."""

from collections.abc import Mapping
from typing import Any

from django import forms

from core.pages import NoColons
from outreach.models import Channel, Mailbox, Sequence, SequenceVersion, Template
from outreach.sequences import LONGEST_DELAY, MOST_STEPS, NAME_LENGTH, StepData

WEEKDAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


class NameForm(NoColons, forms.Form):
    name = forms.CharField(max_length=NAME_LENGTH, help_text="For yourselves; recipients never see it.")


class SequenceForm(NameForm):
    active = forms.BooleanField(
        required=False, label="Active", help_text="Approval and you may enrol in it; approval takes the oldest active."
    )
    mailbox = forms.ModelChoiceField(
        Mailbox.objects.filter(active=True), required=False, label="Sender", empty_label="The first sender"
    )
    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
        help_text="None ticked: every day on which the recipient's country works.",
    )


class StepForm(NoColons, forms.Form):
    channel = forms.ChoiceField(choices=Channel.choices, initial=Channel.EMAIL)
    delay_days = forms.IntegerField(label="Business days later", min_value=0, max_value=LONGEST_DELAY, initial=3)
    template = forms.ModelChoiceField(Template.objects.all(), label="Text")


class _Steps(forms.BaseFormSet):
    """Steps in their order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One query for the texts of all steps.
        self.texts = [("", "Choose a text"), *((t.pk, t.name) for t in Template.objects.only("name"))]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.empty_permitted, form.use_required_attribute = False, False
        form.fields["template"].choices = self.texts

    def data_of_steps(self) -> list[StepData]:
        """Return the steps as sequences.py takes them; is_valid() comes first."""
        rows = (form.cleaned_data for form in self.forms)
        return [StepData(row["channel"], row["delay_days"], row["template"].pk) for row in rows]


Steps = forms.formset_factory(
    StepForm, formset=_Steps, extra=0, max_num=MOST_STEPS, validate_max=True, absolute_max=MOST_STEPS + 1
)


def filled(sequence: Sequence) -> dict[str, Any]:
    """Return what the form shows of a sequence as it stands."""
    return {name: getattr(sequence, name) for name in ("name", "active", "mailbox", "weekdays")}


def steps_of(version: SequenceVersion) -> Any:
    """Return the steps of a version as forms."""
    rows = version.steps.order_by("position").values("channel", "delay_days", "template")
    return Steps(initial=list(rows), prefix="steps")


def steps_from(data: Mapping[str, Any]) -> Any:
    """Return the steps as somebody sent them."""
    return Steps(data, prefix="steps")


def changed(steps: Any, do: str) -> Any:
    """Return the steps after `add`, `up-2`, `down-2` or `remove-2` (counted from 0); as they were for anything else."""
    rows = [{name: form[name].value() for name in ("channel", "delay_days", "template")} for form in steps.forms]
    verb, _, number = do.partition("-")
    index = int(number) if number.isdecimal() else -1
    if verb == "add" and len(rows) < MOST_STEPS:
        rows.append({})
    elif verb == "remove" and 0 <= index < len(rows):
        del rows[index]
    elif verb in ("up", "down"):
        other = index - 1 if verb == "up" else index + 1
        if 0 <= index < len(rows) and 0 <= other < len(rows):
            rows[index], rows[other] = rows[other], rows[index]
    return Steps(initial=rows, prefix="steps")
