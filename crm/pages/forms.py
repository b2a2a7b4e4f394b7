"""The forms of the CRM's pages."""

from functools import lru_cache
from typing import Any

import pycountry
from anyascii import anyascii
from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from core.pages import NoColons
from crm import consents, regions, suppression
from crm.models import Contact, Suppression

ALL = ("", "All")


def staff() -> Any:
    """Return who may own a contact."""
    return User.objects.filter(is_active=True, is_staff=True).order_by("username")


@lru_cache
def countries() -> list[tuple[str, str]]:
    """Return every country's ISO 3166-1 alpha-2 code and name, in the order of the names."""
    named = [(country.alpha_2, regions.country_name(country.alpha_2)) for country in pycountry.countries]
    return sorted(named, key=lambda pair: anyascii(pair[1]).casefold())


class ContactFilters(NoColons, forms.Form):
    q = forms.CharField(label="Search", required=False, help_text="Name, title, company or a whole address")
    relationship = forms.ChoiceField(choices=[ALL, *Contact.Relationship.choices], required=False)
    owner = forms.ChoiceField(required=False)
    region = forms.CharField(max_length=2, required=False, help_text="Two letters, such as DE")
    brand = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(pk), name) for pk, name in staff().values_list("pk", "username")]
        self.fields["owner"].choices = [ALL, ("none", "Nobody"), *names]  # type: ignore[attr-defined]


class BrandFilters(NoColons, forms.Form):
    q = forms.CharField(label="Search", required=False, help_text="Name or domain")
    region = forms.CharField(max_length=2, required=False, help_text="Two letters, such as DE")


class RelationshipForm(NoColons, forms.Form):
    relationship = forms.ChoiceField(choices=Contact.Relationship.choices)
    owner = forms.ModelChoiceField(staff(), required=False, empty_label="Nobody")


class RegionForm(NoColons, forms.Form):
    """Where somebody works, or a company sits."""

    region = forms.ChoiceField(label="Country", required=False, choices=lambda: [("", "Not known"), *countries()])


class NoteForm(NoColons, forms.Form):
    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), max_length=10_000)


class ConsentForm(NoColons, forms.Form):
    given_on = forms.DateField(label="Given on", widget=forms.DateInput(attrs={"type": "date"}))
    source = forms.CharField(max_length=2000, help_text="Where and how, such as a form or a conversation.")
    wording = forms.CharField(
        required=False,
        max_length=consents.LONGEST_WORDING,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What they were told and agreed to, word for word. The law asks us to be able to show it.",
    )

    def clean_given_on(self) -> Any:
        day = self.cleaned_data["given_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("The consent lies in the future: write when it was given.")
        return day


class ValueForm(NoColons, forms.Form):
    """An address or domain, looked up in the suppression list."""

    value = forms.CharField(label="Address or domain", max_length=320, help_text="ada@acme.example or acme.example")

    def clean_value(self) -> str:
        try:
            suppression.entry(self.cleaned_data["value"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return str(self.cleaned_data["value"]).strip()


class RemoveForm(ValueForm):
    why = forms.CharField(
        label="Why it may be written to again", max_length=200, help_text="Kept in the log, without the value."
    )


class AddForm(NoColons, forms.Form):
    """Addresses and domains for the suppression list, one a line, with one reason."""

    values = forms.CharField(
        label="Addresses and domains",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line: ada@acme.example, or acme.example for everybody there.",
    )
    reason = forms.ChoiceField(choices=Suppression.Reason.choices, initial=Suppression.Reason.MANUAL)

    def clean_values(self) -> list[str]:
        values, mistakes = self.cleaned_data["values"].split(), []
        for value in values:
            try:
                suppression.entry(value)
            except ValueError as error:
                mistakes.append(str(error))
        if mistakes:
            raise forms.ValidationError(mistakes)
        return values
