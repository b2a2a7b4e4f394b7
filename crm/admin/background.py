"""What stands beside a contact on its page: notes, consent, and what happened. None of it is ever edited."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from core import audit
from core.read_only import ReadOnly
from crm import audited, consents, notes
from crm.models import Consent, HistoryEntry, Note


class NoteForm(forms.ModelForm):
    text = forms.CharField(max_length=notes.LONGEST, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].disabled = not self.instance._state.adding

    def clean_text(self) -> str:
        try:
            return notes.clean(self.cleaned_data["text"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class NoteInline(admin.TabularInline):
    model = Note
    form = NoteForm
    fields = ["text", "author", "created_at"]
    readonly_fields = ["author", "created_at"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        return super().get_queryset(request).select_related("author")


class ConsentForm(forms.ModelForm):
    source = forms.CharField(max_length=consents.LONGEST_SOURCE, help_text="Where and how it was given.")
    withdraw = forms.BooleanField(required=False, help_text="As of now.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new = self.instance._state.adding
        self.fields["given_at"].disabled = self.fields["source"].disabled = not new
        self.fields["withdraw"].disabled = new or self.instance.withdrawn_at is not None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance._state.adding:
            for name, clean in (("given_at", consents.clean_moment), ("source", consents.clean_source)):
                try:
                    cleaned[name] = clean(cleaned[name]) if name in cleaned else None
                except ValueError as error:
                    self.add_error(name, str(error))
        return cleaned


class ConsentInline(admin.TabularInline):
    model = Consent
    form = ConsentForm
    fields = ["given_at", "source", "withdraw", "withdrawn_at", "recorded_by"]
    readonly_fields = ["withdrawn_at", "recorded_by"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        return super().get_queryset(request).select_related("recorded_by")


class HistoryInline(ReadOnly, admin.TabularInline):
    model = HistoryEntry
    readonly_fields = ["happened_at", "sentence", "actor"]
    fields = [*readonly_fields]
    extra = 0
    can_delete = False
    verbose_name_plural = "history"
    classes = ["untitled"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[HistoryEntry]:
        return super().get_queryset(request).select_related("actor")


def save(formset: Any, user: User | None) -> None:
    """Save one of these formsets, with who wrote it."""
    if formset.model is Consent:
        for consent in formset.save(commit=False):
            if consent._state.adding:
                consents.record(consent.contact, consent.given_at, consent.source, user, consent.wording or "")
        for form in formset.initial_forms:
            if form.cleaned_data.get("withdraw"):
                consents.withdraw(form.instance, user)
        return
    for form in formset.forms:
        if formset.model is Note and form.instance._state.adding:
            form.instance.author = user
    formset.save()
    if formset.model is Note:
        told: list[tuple[Note, dict[str, Any]]] = [(note, {}) for note in formset.new_objects] + [
            (note, {"edited": True}) for note, _ in formset.changed_objects
        ]
        told += [(note, {"deleted": True}) for note in formset.deleted_objects]
        acts = [audited.act("crm_contact.noted", note.contact, note=note.pk, **what) for note, what in told]
        audit.record_many(acts, actor=user)
