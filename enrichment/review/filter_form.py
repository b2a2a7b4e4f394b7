"""The form of filters above the list of found contacts; its names are those of the list's query string."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from core.pages import NoColons
from crm import csv_cells
from enrichment.discovery.titles import DEPARTMENTS, SENIORITIES
from enrichment.models import ContactSource, ReviewStatus, VerificationStatus
from enrichment.templatetags.review import department_word, seniority_word

NO_ADDRESS = "none"
YES, NO = "yes", "no"
LONGEST = 200  # characters of what is typed
EARLIEST, LATEST = date(1970, 1, 1), date(9998, 12, 31)  # that are days on every clock


class Several(forms.MultipleChoiceField):
    """Some of the choices; values that are none of them are left out."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> list[str]:
        choices: Any = self.choices
        return [str(code) for code, _ in choices if str(code) in (value or ())]


class Region(forms.CharField):
    """A country by its two-letter code or its English name."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return csv_cells.region(text) if text else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _either(label: str, yes: str, no: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", "Any"), (YES, yes), (NO, no)])


def _least(label: str, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=least, max_value=100)


class ContactFilters(NoColons, forms.Form):
    """The filters as the list's form shows them; their names are those of the query string."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=LONGEST,
        widget=forms.SearchInput(attrs={"placeholder": "Name, title, company or whole address", "autocomplete": "off"}),
    )
    brand = forms.CharField(
        label="Brand", required=False, max_length=LONGEST, widget=forms.TextInput(attrs={"list": "brands"})
    )
    job = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reviewed = forms.ChoiceField(label="Review", required=False, choices=[("", "Any"), *ReviewStatus.choices])
    status = Several(label="Address", required=False, choices=[*VerificationStatus.choices, (NO_ADDRESS, "No address")])
    seniority = Several(
        label="Seniority", required=False, choices=[(code, seniority_word(code)) for code in SENIORITIES]
    )
    department = Several(
        label="Department", required=False, choices=[(code, department_word(code)) for code in DEPARTMENTS]
    )
    source = Several(label="Source", required=False, choices=ContactSource.choices)
    confidence_min = _least("Confidence from")
    confidence_max = _least("Confidence to", 0)
    chance_min = _least("Chance from (%)")
    region = Region(
        label="Region", required=False, max_length=LONGEST, widget=forms.TextInput(attrs={"list": "regions"})
    )
    address = _either("Has an address", "With an address", "Without")
    decision_maker = _either("Decision-maker", "Decision-makers", "Others")
    crm = _either("CRM", "In the CRM", "Not in the CRM")
    since = forms.DateField(
        label="Found since",
        required=False,
        validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
