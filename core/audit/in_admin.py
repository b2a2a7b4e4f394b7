"""What is added, changed and deleted in Django's admin is in the audit trail, whichever admin class does it.

The admin's site mixes `Audited` into every class that is registered with it (enrichment_project/admin_site.py). What a
function of ours has written of the same thing meanwhile is not written twice. Values are kept where they may be: a
person's under the person's key, others in clear, unless the class is one that names nobody; secrets never.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse

from core.fields import BlindIndexField, EncryptedTextField
from core.names_nobody import NamesNobody

from . import subjects
from .acting import current
from .recording import Act, record, record_many

if TYPE_CHECKING:  # the stubs' classes take type arguments, Django's own do not
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

# What the trail calls the rows of a model where that is not the name of its class.
NAMES = {
    "enrichment.enrichedcontact": "contact",
    "crm.contact": "crm_contact",
    "core.apitoken": "token",
}
SECRET = re.compile(r"password|secret|token|hash|fingerprint|hint|(^|_)key$|_index$")
LONGEST = 300
SAYS_THE_SAME = {"added", "changed", "created", "deleted", "edited", "imported", "made", "removed", "renamed"}


class Audited(ModelAdmin):
    """Mixed into every admin class, which may have `audit_hides`: fields of which it is only kept that they changed."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        before = type(obj)._base_manager.filter(pk=obj.pk).first() if change else None
        cast(Any, obj).as_it_was = before
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        row = form.instance
        related = _related(row, form) if change else {}
        super().save_related(request, form, formsets, change)
        acts = [] if row._state.adding else list(self._saved(row, related, _related(row, form)))
        acts += [act for formset in formsets for act in _of_formset(formset)]
        record_many(act for act in acts if not _known(act))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with transaction.atomic():
            act = _deleted(obj)
            super().delete_model(request, obj)
            if not _known(act):
                record_many([act])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        with transaction.atomic():
            acts = [_deleted(row) for row in queryset]
            super().delete_queryset(request, queryset)
            record_many(act for act in acts if not _known(act))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show a list; of people, that is in the trail."""
        recorded = current().recorded
        answer = super().changelist_view(request, extra_context)
        shown = (getattr(answer, "context_data", None) or {}).get("cl")
        if isinstance(self, NamesNobody) and shown is not None and current().recorded == recorded:
            ids = [row.pk for row in shown.result_list]
            filters = sorted(set(request.GET) - {"p", "o", "all", "_changelist_filters"})
            if ids:
                record(f"{name_of(self.model)}s.listed", ids=ids, count=len(ids), filters=filters)
        return answer

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show or save a row; that a person's was shown is in the trail."""
        recorded = current().recorded
        answer = super().changeform_view(request, object_id, form_url, extra_context)
        shown = (getattr(answer, "context_data", None) or {}).get("original")
        if isinstance(self, NamesNobody) and shown is not None and current().recorded == recorded:
            record(f"{name_of(self.model)}.viewed", of=shown, subject=subjects.of(shown))
        return answer

    def _saved(self, row: Any, before: dict[str, Any], after: dict[str, Any]) -> Iterable[Act]:
        """Yield the act of adding the row, or of changing it if it did change."""
        old, action = row.as_it_was, "created" if row.as_it_was is None else "changed"
        now = type(row)._base_manager.get(pk=row.pk)
        changed = [
            field
            for field in _fields(row)
            if old is not None and _to_the_second(old, field) != _to_the_second(now, field)
        ]
        fields = (
            [field for field in _fields(row) if field.value_from_object(now) not in (None, "")]
            if old is None
            else changed
        )
        subject = subjects.of(row)
        hidden: Sequence[str] = getattr(self, "audit_hides", ())
        kept = [field for field in fields if field.name not in hidden and _is_kept(self, field, subject)]
        names = [field.name for field in fields] + [name for name in after if before.get(name, []) != after[name]]
        if not names and old is not None:
            return
        was = {field.name: _shown(old, field) for field in kept} if old is not None else {}
        now_is = {field.name: _shown(now, field) for field in kept}
        for name in names[len(fields) :]:
            was |= {name: before[name]} if name in before else {}
            now_is[name] = after[name]
        yield Act(f"{name_of(type(row))}.{action}", row, subject, was, now_is, {"fields": names})


def name_of(model: type[models.Model]) -> str:
    """Return what the trail calls a row of a model, such as `subject_request`."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()
    return NAMES.get(model._meta.label_lower, name)


def _known(act: Act) -> bool:
    """Whether something of ours wrote the same act a moment ago, in this request."""
    of = act.of
    what = (of._meta.label_lower, str(of.pk)) if isinstance(of, models.Model) else (of or ("", ""))
    return any(
        (kind, key) == what and action.rpartition(".")[2] in SAYS_THE_SAME for action, kind, key in current().acts
    )


def _deleted(row: models.Model) -> Act:
    """Return the act of deleting a row, made while it is there."""
    return Act(f"{name_of(type(row))}.deleted", (row._meta.label_lower, str(row.pk)), subjects.of(row))


def _of_formset(formset: Any) -> Iterable[Act]:
    """Yield what was done to the rows of an inline."""
    done: list[tuple[str, Any, list[str]]] = [("created", row, []) for row in getattr(formset, "new_objects", [])]
    done += [("changed", row, names) for row, names in getattr(formset, "changed_objects", [])]
    for verb, row, names in done:
        yield Act(f"{name_of(type(row))}.{verb}", row, subjects.of(row), details={"fields": names} if names else {})
    for row in getattr(formset, "deleted_objects", []):
        yield _deleted(row)


def _fields(row: models.Model) -> list[Any]:
    """Return the columns that people change: not the key, nor what the database or a save fills in."""
    return [
        field
        for field in row._meta.concrete_fields
        if not (field.primary_key or getattr(field, "auto_now", False) or isinstance(field, BlindIndexField))
    ]


def _is_kept(model_admin: Any, field: Any, subject: str) -> bool:
    """Whether the trail may hold a column's value, in clear where there is no `subject`."""
    if SECRET.search(field.name):
        return False
    if subject:
        return True
    if isinstance(field, EncryptedTextField | models.JSONField | models.EmailField | models.BinaryField):
        return False
    text = isinstance(field, models.CharField | models.TextField) and not field.choices
    return not (text and isinstance(model_admin, NamesNobody))


def _to_the_second(row: models.Model, field: Any) -> Any:
    """Return a column's value; of a moment as much as a form shows."""
    value = field.value_from_object(row)
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _shown(row: models.Model, field: Any) -> Any:
    value = field.value_from_object(row)
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{len(value)} characters, of which the first are: {value[:80]}"
    return value


def _related(row: models.Model, form: Any) -> dict[str, list[str]]:
    """Return what the row has of its many-to-many fields that the form edits, by their names in words."""
    names = [field.name for field in row._meta.many_to_many if field.name in getattr(form, "cleaned_data", {})]
    return {name: sorted(_word(other) for other in getattr(row, name).all()) for name in names}


def _word(row: models.Model) -> str:
    return row.codename if isinstance(row, Permission) else str(row)
