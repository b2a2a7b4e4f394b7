"""Every page of the product with something on it: its addresses, found by the URLconf, and one row of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import SlugConverter, StringConverter, UUIDConverter

from core.models import AuditEntry
from crm import models as crm
from enrichment import models as found
from outreach import models as outreach
from outreach import notices, unsubscribing
from tests.project.admin_rows import ROWS

ADDRESS = "ada@acme.example"
# The row that an id stands for, by the beginning of the address.
KINDS: dict[str, type[Model]] = {
    "jobs/": found.EnrichmentJob,
    "contacts/views/": found.SavedView,
    "contacts/": found.EnrichedContact,
    "merges/": found.ContactMerge,
    "decisions/": found.ReviewBatch,
    "crm/contacts/": crm.Contact,
    "crm/consents/": crm.Consent,
    "crm/merges/": crm.Merge,
    "crm/brands/": crm.Brand,
    "outreach/sequences/": outreach.Sequence,
    "outreach/templates/": outreach.Template,
    "outreach/enrolments/": outreach.Enrolment,
    "outreach/contacts/": crm.Contact,
    "outreach/companies/": crm.Brand,
    "outreach/tasks/": outreach.Task,
    "outreach/messages/": outreach.Message,
    "outreach/events/": outreach.Event,
    "outreach/experiments/": outreach.Experiment,
    "outreach/senders/": outreach.Mailbox,
    "compliance/audit/": AuditEntry,
    "compliance/notices/": crm.Contact,
    "compliance/requests/": found.SubjectRequest,
}
WORDS = {"purpose": "outreach", "version": 1, "code": "DE", "uidb64": "MQ"}
NOT_PAGES = ("api/", "admin/", "webhooks/", "healthz", "readyz", "metrics", "manifest", "service-worker")


@dataclass
class Everything:
    """A row of every kind; `second` has another of each, where two are needed."""

    rows: dict[type[Model], Model] = field(default_factory=dict)
    second: dict[type[Model], Model] = field(default_factory=dict)

    @classmethod
    def make(cls, boss: User) -> "Everything":
        self = cls({model: make() for model, make in ROWS.items()})
        for model in (found.EnrichedContact, crm.Contact):
            self.second[model] = ROWS[model]()
        found.SavedView.objects.filter(pk=self.rows[found.SavedView].pk).update(user=boss)
        task = outreach.Task.objects.get(
            pk=self.rows[outreach.Task].pk
        )  # what a person does is never an e-mail of ours
        outreach.Step.objects.filter(pk=task.message.step_id).update(channel="linkedin")
        template = self.rows[outreach.Template]
        self.rows[outreach.Variant] = outreach.Variant.objects.create(template=template, name="B", body="Hi.")
        return self

    def argument(self, route: str, name: str, converter: Any) -> Any:
        """Return what stands in a place of an address. Raises KeyError for a kind of address that is not known here."""
        if isinstance(converter, UUIDConverter):
            kind = KINDS[max((start for start in KINDS if route.startswith(start)), key=len)]
            if name == "variant_pk":
                return self.rows[outreach.Variant].pk
            return (self.second if name == "gone_pk" else self.rows)[kind].pk
        if name == "token":
            return unsubscribing.token(ADDRESS) if "unsubscribe" in route else notices.token(ADDRESS)
        return WORDS[name]


def routes(patterns: Any = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the route, the name and the converters of every address that is a page or a form's."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(one.pattern)
        if route.startswith(NOT_PAGES):
            continue
        if isinstance(one, URLResolver):
            name = f"{one.namespace}:" if one.namespace else ""
            yield from routes(one.url_patterns, route, space + name)
        elif isinstance(one, URLPattern) and one.name:
            yield route, f"{space}{one.name}", one.pattern.converters


def pages(everything: Everything) -> dict[str, str]:
    """Return the address of each page by its name; those of single verbs (`…/pause/`) are the forms' own."""
    found_pages = {}
    for route, name, converters in routes():
        verbs = [key for key, converter in converters.items() if key == "do" and isinstance(converter, SlugConverter)]
        if not verbs and all(
            isinstance(one, StringConverter | UUIDConverter) or key in WORDS for key, one in converters.items()
        ):
            arguments = {key: everything.argument(route, key, one) for key, one in converters.items()}
            found_pages[name] = reverse(name, kwargs=arguments)
    return found_pages


def admin_pages(everything: Everything) -> dict[str, str]:
    """Return the addresses of the admin's lists and of one row in each."""
    listed = {"admin": reverse("admin:index")}
    for model in admin.site._registry:
        meta = model._meta
        place = f"admin:{meta.app_label}_{meta.model_name}"
        listed[f"{place}_changelist"] = reverse(f"{place}_changelist")
        row = everything.rows.get(model) or model._default_manager.first()
        if row is not None:
            listed[f"{place}_change"] = reverse(f"{place}_change", args=[row.pk])
    return listed


def body_of(answer: HttpResponseBase) -> bytes:
    """Return what an answer holds, streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def some_id() -> UUID:
    return UUID(int=1)
