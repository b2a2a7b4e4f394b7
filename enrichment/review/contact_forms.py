"""The forms of a found contact: a note, and correcting it by hand."""

from typing import Any

from django import forms

from core.pages import NoColons
from core.refusals import InputError
from crm import lawful_basis
from crm.models import LawfulBasis
from enrichment import editing, notes
from enrichment.discovery import titles
from enrichment.models import EnrichedContact
from enrichment.templatetags.review import department_word, seniority_word

FROM_TITLE = "A new title sets it anew, unless you choose here."
API_NAMES = {field: name for name, field in editing.FIELDS.items()} | {"email": "email"}


class NoteForm(NoColons, forms.Form):
    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}), max_length=notes.LONGEST)


class EditForm(NoColons, forms.Form):
    """A contact's fields. `changes` are those that somebody changed since the form was shown to them."""

    first_name = forms.CharField()
    last_name = forms.CharField()
    job_title = forms.CharField(label="Title", required=False)
    company = forms.CharField(required=False)
    seniority = forms.ChoiceField(
        choices=[(code, seniority_word(code)) for code in titles.SENIORITIES], help_text=FROM_TITLE
    )
    department = forms.ChoiceField(
        choices=[(code, department_word(code)) for code in titles.DEPARTMENTS], help_text=FROM_TITLE
    )
    decision_maker = forms.BooleanField(label="Decision-maker", required=False)
    linkedin_url = forms.CharField(
        label="LinkedIn profile", required=False, help_text="Such as https://www.linkedin.com/in/jane."
    )
    region_code = forms.CharField(
        label="Region", required=False, help_text="Their country, two letters such as DE. Its law decides."
    )
    lawful_basis = forms.ChoiceField(
        label="Lawful basis",
        choices=[("", "None recorded"), *LawfulBasis.choices],
        required=False,
        help_text=lawful_basis.HELP,
    )
    email = forms.CharField(
        label="Add an address",
        required=False,
        help_text="One that you know is right: it counts as proven. The others stay.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, contact: EnrichedContact, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={name: getattr(contact, name) for name in editing.FIELDS.values()}, **kwargs)
        for field in self.fields.values():
            # What was on the page is posted along, so that nothing is undone that somebody else changed meanwhile.
            field.show_hidden_initial = True

    @property
    def changes(self) -> dict[str, Any]:
        """Return what was changed, by the names of editing.EDITABLE."""
        return {
            API_NAMES[name]: value if value != "" else None
            for name, value in self.cleaned_data.items()
            if name in self.changed_data
        }

    def clean(self) -> None:
        for api_name, value in self.changes.items():
            name = editing.FIELDS.get(api_name, api_name)
            try:
                editing.clean({api_name: value})
            except InputError as error:
                self.add_error(name, self.worded(name, error))

    def worded(self, name: str, error: InputError) -> str:
        """Return what a rule says of a field, by the name that the page has for it."""
        field = self[name]
        return error.message.replace(API_NAMES[name], str(field.label), 1)
