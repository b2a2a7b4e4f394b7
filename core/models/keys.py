"""By what it is seen, before anything else is read, whether the keys are those that the database was written with."""

from django.db import models
from django.db.models.functions import Now

from core.fields import EncryptedModel, EncryptedTextField


class KeyCheck(EncryptedModel):
    """One row: a word that the encryption keys must be able to read, and its blind index. Written by key_check.py."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    word = EncryptedTextField()
    word_index = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "core_key_check"

    def __str__(self) -> str:
        return "key check"
