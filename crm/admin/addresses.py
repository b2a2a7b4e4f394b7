"""A contact's addresses, on the contact's page. An address is never edited: a change is a new row."""

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet

from core import audit
from core.fields import blind_index, normalise_email
from crm import audited, contacts
from crm.models import ContactAddress


class AddressForm(forms.ModelForm):
    email = forms.CharField(label="E-mail", max_length=320, widget=forms.EmailInput)
    # Not the model's field: which one is primary is a matter of all rows together, and the formset's.
    primary = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["primary"] = self.instance.is_primary
        if not self.instance._state.adding:
            self.fields["email"].disabled = self.fields["origin"].disabled = True

    def clean_email(self) -> str:
        try:
            return contacts.clean_email(self.cleaned_data["email"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class AddressFormSet(BaseInlineFormSet):
    """All addresses of a contact: none twice, and one of them the primary, the first where none is ticked."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        forms_left = [f for f in self.forms if f.cleaned_data.get("email") and not f.cleaned_data.get("DELETE")]
        self._refuse_duplicates(forms_left)
        ticked = [f for f in forms_left if f.cleaned_data.get("primary")]
        if len(ticked) > 1:
            raise forms.ValidationError("Only one address can be the primary one: tick one.")
        self.primary = next(iter(ticked or forms_left), None)

    def _refuse_duplicates(self, forms_left: list[Any]) -> None:
        there: set[str] = set()
        if not self.instance._state.adding:
            contacts.lock(self.instance)
            # Read anew: another window may have added some since this page was opened.
            shown = [form.instance.pk for form in self.initial_forms]
            there = set(self.instance.addresses.exclude(pk__in=shown).values_list("email_index", flat=True))
        for form in forms_left:
            index = blind_index(normalise_email(form.cleaned_data["email"]))
            if index in there:
                form.add_error("email", "The contact has this address already.")
            there.add(index)

    def save(self, commit: bool = True) -> Any:
        """Write the rows, none of them primary, and then the one that is: at no moment are there two."""
        for form in self.forms:
            form.instance.is_primary = False
        rows = super().save(commit)
        contacts.make_primary(self.instance, self.primary.instance if self.primary else None)
        after = {"addresses": [row.email for row in self.instance.addresses.all()]}
        if self.new_objects or self.changed_objects or self.deleted_objects:
            what = audited.act("crm_contact.changed", self.instance, after=after, fields=["addresses"], by_hand=True)
            audit.record_many([what])
        return rows


class AddressInline(admin.TabularInline):
    model = ContactAddress
    form = AddressForm
    formset = AddressFormSet
    fields = ["email", "primary", "origin", "chance", "verification"]
    readonly_fields = ["chance", "verification"]

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    @admin.display(boolean=True)
    def primary(self, address: ContactAddress) -> bool:
        """Stand in for the form's field where a user may only look."""
        return address.is_primary

    @admin.display(description="chance that it is right")
    def chance(self, address: ContactAddress) -> str:
        return "-" if address.probability is None else f"{address.probability:.0%}"

    @admin.display
    def verification(self, address: ContactAddress) -> str:
        if address.verification_score is None:
            return "-"
        return f"{address.verification_score} · {address.verification_status}"
