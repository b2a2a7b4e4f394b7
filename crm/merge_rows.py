"""Rows that point to other rows, whatever their model: found, moved and brought back, also those of apps above.

merging.py decides what moves. What moved is told as JSON: `{"model": "app.model", "field": name, "pks": [...]}`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from core.fields import EncryptedTextField

Moved = dict[str, Any]


class Conflict(ValueError):
    """Both have a row of which there may be only one; the message says what to do."""


def relations(model: type[models.Model]) -> Iterator[tuple[type[models.Model], Any]]:
    """Yield every foreign key to a model with the model that has it, many-to-many tables and hidden ones too."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and isinstance(relation.field, models.ForeignKey):
            yield relation.related_model, relation.field


def lock_independent(model: type[models.Model], keys: Iterable[Any]) -> None:
    """Lock the rows that point to these rows and live without them. Call it before the rows themselves are locked.

    Whoever changes such a row locks it first, and then what it points to: another order would be a deadlock.
    """
    for pointing, field in relations(model):
        if field.remote_field.on_delete is models.SET_NULL:
            rows = pointing._base_manager.select_for_update(no_key=True).filter(**{f"{field.name}__in": list(keys)})
            list(rows.order_by("pk").values_list("pk", flat=True))


def move(old: models.Model, new: models.Model) -> list[Moved]:
    """Point to `new` whatever points to `old`; return what moved.

    Raises Conflict where the database allows one row only. Call in a transaction.
    """
    moved = []
    for model, field in relations(type(old)):
        rows = model._base_manager.filter(**{field.name: old})
        # In the order of their ids, as everybody locks them.
        pks = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        if pks:
            _point(model, field.name, pks, new)
            moved.append({"model": model._meta.label, "field": field.name, "pks": [str(pk) for pk in pks]})
    return moved


def move_back(moved: Iterable[Moved], new: models.Model, old: models.Model) -> None:
    """Point to `old` again what `move` pointed to `new`: of the rows those that are there and still point to `new`."""
    for entry in moved:
        model, name = _model(entry), entry["field"]
        rows = model._base_manager.filter(**{"pk__in": entry["pks"], name: new})
        pks = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        _point(model, name, pks, old)


def detach(model: type[models.Model], keys: Iterable[Any], *, owned_by: models.Model, through: str) -> None:
    """Let rows of one owner point no more to rows that are another's now; `through` names the field of the owner.

    Only rows that may point to nothing: the others stay.
    """
    for pointing, field in relations(model):
        names = {other.name for other in pointing._meta.get_fields()}
        if field.null and through in names:
            pointing._base_manager.filter(**{f"{field.name}__in": list(keys), through: owned_by}).update(
                **{field.name: None}
            )


def dump(row: models.Model) -> dict[str, Any]:
    """Return all columns of a row, fit for an EncryptedJSONField."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def restore(model: type[models.Model], columns: dict[str, Any], **changed: Any) -> Any:
    """Insert a row again as `dump` found it, but for what is `changed`; what it points to may be gone by now.

    A column that may be empty is then empty. Raises ValueError where it may not. Call in a transaction.
    """
    row = model()
    for field in model._meta.concrete_fields:
        if field.attname in columns:
            value = load(field, (columns | changed)[field.attname])
            if isinstance(field, models.ForeignKey) and value is not None:
                value = _existing(field, value)
            setattr(row, field.attname, value)
    row.save_base(raw=True, force_insert=True)  # raw: with its own time of creation
    return row


def put_back(row: models.Model, changed: Mapping[str, list[Any]]) -> list[str]:
    """Give a row the old values of columns, `{name: [before, after]}`, and return which: not those changed since.

    What a foreign key pointed to may be gone by now: then it is empty. The caller saves.
    """
    fields = {field.attname: field for field in row._meta.concrete_fields}
    restored = []
    for name, (before, after) in changed.items():
        field = fields.get(name)
        if field is not None and getattr(row, name) == load(field, after):
            value = load(field, before)
            if isinstance(field, models.ForeignKey) and value is not None:
                value = _existing(field, value)
            setattr(row, name, value)
            restored.append(name)
    return restored


def load(field: Any, value: Any) -> Any:
    """Return a column's value out of JSON. A foreign key gives the key."""
    return value if isinstance(field, EncryptedTextField) else field.to_python(value)


def _existing(field: Any, key: Any) -> Any:
    related: type[models.Model] = field.remote_field.model
    if related._base_manager.filter(pk=key).exists():
        return key
    if field.null:
        return None
    raise ValueError(f"The {related._meta.verbose_name} that it belonged to was deleted since: nothing was changed.")


def _model(entry: Moved) -> type[models.Model]:
    return apps.get_model(entry["model"])


def _point(model: type[models.Model], name: str, pks: Iterable[Any], target: models.Model) -> None:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=list(pks)).update(**{name: target})
    except IntegrityError as error:
        plural = model._meta.verbose_name_plural
        raise Conflict(
            f"Both contacts have {plural} of which there may be only one: end or delete one of them first."
        ) from error
