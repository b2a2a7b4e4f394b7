"""Text and JSON columns that only this application can read, and the blind indexes of such columns.

core/encryption.py has the encryption; a wrong key raises. See docs/adr/0004-encryption.md.
"""

import unicodedata
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import lookups

from core.encryption import DecryptionError, blind_index, decrypt, encrypt
from core.hosts import host_name

__all__ = [
    "BlindIndexField",
    "DecryptionError",
    "EncryptedJSONField",
    "EncryptedModel",
    "EncryptedQuerySet",
    "EncryptedTextField",
    "blind_index",
    "decrypt",
    "encrypt",
    "normalise_email",
    "raw",
]

if TYPE_CHECKING:  # the stubs' fields take type arguments, Django's own do not
    TextField = models.TextField[Any, Any]
    CharField = models.CharField[Any, Any]
else:
    TextField, CharField = models.TextField, models.CharField


def raw(name: str) -> models.Expression:
    """Return an encrypted column as it is stored, for `values()`; encryption.decrypt_many reads many at once."""
    return models.ExpressionWrapper(models.F(name), output_field=models.TextField())


def normalise_email(address: str) -> str:
    """Return the one form under which an address is compared: trimmed, NFC, lower case, domain as the DNS knows it.

    The local part is lower-cased too: RFC 5321 lets it matter, no mail operator does.
    """
    text = unicodedata.normalize("NFC", address.strip()).lower()
    local, at, domain = text.rpartition("@")
    try:
        domain = host_name(domain)
    except ValueError:
        pass  # not a host name: compared as written
    return f"{local}{at}{domain}"


class EncryptedTextField(TextField):
    """Text that the database holds encrypted. None stays NULL. It cannot be filtered or sorted on."""

    def get_internal_type(self) -> str:
        return "TextField"

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else encrypt(self.dump(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.load(decrypt(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return lookups.IsNull
        raise FieldError(f"{self.name} is encrypted: look it up by its blind index.")

    @staticmethod
    def dump(value: Any) -> str:
        return str(value)

    @staticmethod
    def load(text: str) -> Any:
        return text


class EncryptedJSONField(EncryptedTextField):
    """JSON that the database holds encrypted."""

    if TYPE_CHECKING:  # what the stubs' plugin takes for the attribute's type
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    @staticmethod
    def dump(value: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def load(text: str) -> Any:
        return orjson.loads(text)

    def value_to_string(self, obj: models.Model) -> str:
        return self.dump(self.value_from_object(obj))


class BlindIndexField(CharField):
    """The blind index of another field, kept in step with it on every save and bulk insert.

    `source` names the encrypted field, `normalise` brings its value to the form compared.
    """

    def __init__(self, *args: Any, source: str = "", normalise: Callable[[str], str] = str, **kwargs: Any) -> None:
        self.source = source
        self.normalise = normalise
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        # The column is a plain string; how it is filled is no part of the schema.
        return name, "django.db.models.CharField", args, kwargs

    def index(self, value: str) -> str:
        """Return what this field holds for `value` of its source field."""
        return blind_index(self.normalise(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        source = getattr(model_instance, self.source)
        value = self.index(source) if source else None
        setattr(model_instance, self.attname, value)
        return value


class EncryptedQuerySet(models.QuerySet[Any]):
    """Refuses the bulk writes that would leave a blind index stale."""

    def update(self, **kwargs: Any) -> int:
        self._refuse(kwargs)
        return super().update(**kwargs)

    def bulk_update(self, objs: Iterable[Any], fields: Any, batch_size: int | None = None) -> int:
        self._refuse(fields)
        return super().bulk_update(objs, fields, batch_size)

    def _refuse(self, names: Iterable[str]) -> None:
        for name in names:
            if isinstance(self.model._meta.get_field(name), EncryptedTextField | BlindIndexField):
                raise FieldError(
                    f"{name} is encrypted or indexed blindly: save() the row, or upsert with bulk_create()."
                )


class EncryptedModel(models.Model):
    """Base of models with encrypted columns: a partial save takes the blind indexes along."""

    objects = EncryptedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            names = set(update_fields)
            fields = self._meta.concrete_fields
            indexes = {field.name for field in fields if isinstance(field, BlindIndexField) and field.source in names}
            update_fields = names | indexes
        super().save(update_fields=update_fields, **kwargs)
