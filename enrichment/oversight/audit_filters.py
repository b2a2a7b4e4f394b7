"""What the audit trail is filtered by, and all under which it may speak of one person."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.utils import timezone

from core import audit
from core.audit.acting import ADMIN, API, COMMAND, PAGE, PUBLIC, WEBHOOK, WORKER
from core.audit.searching import Wanted, present
from core.encryption import DecryptionError, decrypt
from core.pages import NoColons
from crm.models import Contact
from enrichment import subject
from enrichment.models import EnrichedContact

WAYS = {
    PAGE: "A page",
    API: "The API",
    ADMIN: "The administration",
    PUBLIC: "A public page",
    WEBHOOK: "A mail service",
    COMMAND: "A command",
    WORKER: "The product itself",
}


class Unknown(Exception):
    """The token of a person is none of ours."""


class Filters(NoColons, forms.Form):
    """What was done, who did it, by which way, when, to what; `person` is an encrypted address."""

    action = forms.ChoiceField(label="What", required=False)
    who = forms.CharField(label="Who (user name)", required=False, max_length=150)
    via = forms.ChoiceField(label="By way of", required=False, choices=[("", "Any"), *WAYS.items()])
    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))
    kind = forms.ChoiceField(label="On what", required=False)
    key = forms.CharField(label="Its id", required=False, max_length=64)
    token = ""
    person = ""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.token = data.get("person", "")
        actions, kinds = present("action"), present("object_type")
        self.fields["action"].choices = [("", "Anything"), *((name, name) for name in actions)]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", "Anything"), *((kind, kind_in_words(kind)) for kind in kinds)]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """Return what is looked for; fields with mistakes are left out, and say so. Raises Unknown."""
        self.full_clean()
        given = self.cleaned_data
        if self.token:
            try:
                self.person = decrypt(self.token)
            except DecryptionError as error:
                raise Unknown from error
        subjects, rows = subjects_of(self.person) if self.person else (None, [])
        until = given.get("until")
        return Wanted(
            action=given.get("action", ""),
            who=given.get("who", ""),
            via=given.get("via", ""),
            since=_midnight(given.get("since")),
            until=_midnight(until + timedelta(days=1) if until else None),
            object_type=given.get("kind", ""),
            object_id=given.get("key", ""),
            subjects=subjects,
            rows=rows,
        )


def subjects_of(address: str) -> tuple[set[str], list[tuple[str, str]]]:
    """Return under which subjects the trail speaks of whoever has an address, and which rows are that person."""
    who = subject.find(address)
    people = [EnrichedContact(pk=key) for key in who.found] + [Contact(pk=key) for key in who.crm.contacts]
    subjects = {audit.address(one) for one in {address, *who.crm.addresses}}
    return subjects | {audit.person(row) for row in people}, [(row._meta.label_lower, str(row.pk)) for row in people]


def kind_in_words(kind: str) -> str:
    """Return what a type of rows is called, such as `enriched contact (enrichment)`."""
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return kind
    return f"{model._meta.verbose_name} ({model._meta.app_label})"


def _midnight(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
