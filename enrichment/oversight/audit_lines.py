"""Entries of the audit trail as the page shows them: in words, with links to what there still is."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from core.admin_lists import HasPage
from core.models import AuditEntry

from .audit_filters import WAYS, kind_in_words

LONGEST = 400


@dataclass(frozen=True, slots=True)
class Line:
    """An entry: `page` is the address of what it was done to, `facts` its details, `values` what changed, if opened."""

    entry: AuditEntry
    page: str
    facts: list[tuple[str, str]]
    values: dict[str, Any] | None = None
    is_opened: bool = False

    @property
    def way(self) -> str:
        return WAYS.get(self.entry.via, self.entry.via)

    @property
    def kind(self) -> str:
        return kind_in_words(self.entry.object_type).partition(" (")[0]

    @property
    def is_erased(self) -> bool:
        """Whether the person was erased, so that nobody reads on."""
        return self.is_opened and self.values is None

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Return each column with its values before and after: a person's if they were opened, else those in clear."""
        facts = self.values or self.entry.facts
        before, after = facts.get("before", {}), facts.get("after", {})
        if not (isinstance(before, dict) and isinstance(after, dict)):
            return []
        return [(name, _words(before.get(name)), _words(after.get(name))) for name in sorted({*before, *after})]


def lines_of(entries: Sequence[AuditEntry]) -> list[Line]:
    """Return entries as lines. A query for each type of what they were done to."""
    pages = _pages(entries)
    return [Line(entry, pages.get((entry.object_type, entry.object_id), ""), _facts(entry)) for entry in entries]


def _facts(entry: AuditEntry) -> list[tuple[str, str]]:
    left_out = {"before", "after", "settings"}
    return [(name, _words(value)) for name, value in entry.facts.items() if name not in left_out]


def _words(value: Any) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        value = ", ".join(str(one) for one in value) or "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _pages(entries: Sequence[AuditEntry]) -> dict[tuple[str, str], str]:
    """Return the pages of what entries were done to, of what there still is."""
    wanted = defaultdict[str, set[str]](set)
    for entry in entries:
        if entry.object_id:
            wanted[entry.object_type].add(entry.object_id)
    return {(kind, key): page for kind, keys in wanted.items() for key, page in _pages_of(kind, keys)}


def _pages_of(kind: str, keys: set[str]) -> list[tuple[str, str]]:
    try:
        model: type[Model] = apps.get_model(kind)
        there = [str(key) for key in model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)]
    except (LookupError, ValueError, ValidationError):
        return []  # none of the models there are now, or ids of another form
    return [(key, page) for key in there if (page := _page(model, key))]


def _page(model: type[Model], key: str) -> str:
    """Return where a row is looked at: its page of the product, else that of the admin; "" where there is neither."""
    own = admin.site._registry.get(model)
    if own is None:
        return ""
    if isinstance(own, HasPage) and own.page_of == "pk":
        try:
            return reverse(own.page, args=[key])
        except NoReverseMatch:
            pass
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
