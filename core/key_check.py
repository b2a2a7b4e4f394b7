"""Whether the keys are those that the database was written with. Asked at every start, before anything is read.

One row, KeyCheck, holds a random word and its blind index. The first start writes it, having tried the keys on what
there is; from then on a process whose keys do not fit it refuses to start. Rotating the keys rotates it, last of all.
"""

import secrets
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, models, transaction

from core.encryption import DecryptionError, blind_index, decrypt, signers
from core.fields import BlindIndexField, raw
from core.models import KeyCheck
from core.rotation import encrypted

WRONG_KEY = (
    "FIELD_ENCRYPTION_KEYS does not hold the key that this database was written with, so that no address could be "
    "read. Put that key back into the list; a new one is added in front of it, and the old one goes when manage.py "
    "rotate_field_keys says so (docs/operations.md, “Keys”)."
)
WRONG_INDEX = (
    "BLIND_INDEX_KEY is not the one that this database was written with: nothing would be found by its address, and "
    "nobody on the suppression list recognised. Put the old value back; it cannot be changed while there is data "
    "(docs/operations.md, “Keys”)."
)


class WrongKeys(ImproperlyConfigured):
    """The keys in the settings are not those of the database; the sentence says which, and what to do."""


def require() -> None:
    """Make sure that the keys fit, and note them if this is the first start. Raises WrongKeys.

    A database that does not answer, or has no tables yet, says nothing about the keys: others tell of it.
    """
    sentence = problem()
    if sentence:
        raise WrongKeys(sentence)
    word = secrets.token_urlsafe(24)
    row = KeyCheck(pk=1, word=word, word_index=blind_index(word))
    try:
        with transaction.atomic():
            if not KeyCheck.objects.exists():
                KeyCheck.objects.bulk_create([row], ignore_conflicts=True)  # another process may start just now
    except DatabaseError:
        return


def problem() -> str | None:
    """Return which key does not fit what is stored, in a sentence; None where they do, or where nothing is stored.

    Raises ImproperlyConfigured for keys that are none.
    """
    signers([])  # reads the keys
    try:
        with transaction.atomic():
            row = KeyCheck.objects.values_list(raw("word"), "word_index").first()
            return _stored_otherwise() if row is None else _fits(*row)
    except DatabaseError:
        return None


def _fits(token: str, index: str) -> str | None:
    try:
        word = decrypt(token)
    except DecryptionError:
        return WRONG_KEY
    return None if blind_index(word) == index else WRONG_INDEX


def _stored_otherwise() -> str | None:
    """Return what is wrong by the first value of each table: how the keys are tried where they were not noted yet."""
    for model, names in encrypted():
        for name in names:
            first = _first(model, [name], raw(name))
            if first is not None and signers(first) == [None]:
                return WRONG_KEY
        if any(not _index_fits(model, field) for field in _indexes(model)):
            return WRONG_INDEX
    return None


def _indexes(model: type[models.Model]) -> list[BlindIndexField]:
    return [field for field in model._meta.local_concrete_fields if isinstance(field, BlindIndexField)]


def _index_fits(model: type[models.Model], field: BlindIndexField) -> bool:
    stored = _first(model, [field.source, field.attname], raw(field.source), field.attname)
    return stored is None or field.index(decrypt(stored[0])) == stored[1]


def _first(model: type[models.Model], there: list[str], *columns: Any) -> Any:
    """Return `columns` of the first row in which the fields `there` have values; None without one."""
    rows = model._base_manager.filter(**{f"{name}__isnull": False for name in there})
    return rows.order_by("pk").values_list(*columns).first()


def check(**_options: object) -> list[CheckMessage]:
    """Return an error where the keys do not fit. manage.py registers it, for `check` and every command that checks.

    Celery, which runs all checks wherever its app is imported, does not get it: a worker asks by `require`.
    """
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return []  # asking would make the file
    try:
        sentence = problem()
    except ImproperlyConfigured:
        return []  # enrichment_project/checks.py says it
    return [Error(sentence, id="core.E001")] if sentence else []
