"""The audit trail: who did what to what, when and from where. core/audit/ writes and reads it.

Rows are only ever added. Triggers in the database refuse to change or delete them (migration core 0003), and the chain
of `link`s shows it when somebody did it all the same.
"""

import json
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from core.fields import EncryptedModel, EncryptedTextField
from core.ids import new_id


class AuditEntry(models.Model):
    """One act. People appear as `subject`, a blind index; what changed of them is readable with their key alone.

    `digest` authenticates the entry from the moment it is written; `number` and `link` chain it to those before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=60, db_index=True)  # such as contact.approved
    actor_id = models.BigIntegerField(null=True, blank=True)  # no foreign key: the trail outlives its users
    actor = models.CharField(max_length=150, blank=True)  # the user name at that time
    via = models.CharField(max_length=10)  # page, api, admin, public, webhook, command, worker
    client = models.GenericIPAddressField("address", null=True, blank=True)
    token_id = models.UUIDField(null=True, blank=True)  # the personal API token that was used
    object_type = models.CharField(max_length=60, blank=True)  # such as enrichment.enrichedcontact
    object_id = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=64, blank=True)
    details = models.TextField(default="{}")  # JSON with sorted keys, without personal data
    values = models.TextField(blank=True)  # JSON {before, after}, a Fernet token under the subject's key
    digest = models.CharField(max_length=64)
    number = models.PositiveBigIntegerField(null=True, blank=True, unique=True)
    link = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "core_audit_entry"
        ordering = ["-id"]
        verbose_name_plural = "audit trail"
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="idx_audit_object"),
            models.Index(fields=["subject"], name="idx_audit_subject"),
            models.Index(fields=["action", "id"], name="idx_audit_action"),  # with the id: as the page lists them
            models.Index(fields=["actor", "id"], name="idx_audit_actor_id"),
        ]

    def __str__(self) -> str:
        return f"{self.action} on {self.at:%Y-%m-%d %H:%M}"

    @property
    def facts(self) -> dict[str, Any]:
        """Return `details`, read."""
        facts: dict[str, Any] = json.loads(self.details)
        return facts


class AuditHead(models.Model):
    """One row: the end of the chain, and up to where it was forgotten. Its lock makes sealing one at a time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0, db_default=0)
    link = models.CharField(max_length=64, blank=True, default="", db_default="")
    purged_through = models.PositiveBigIntegerField(default=0, db_default=0)
    purged_link = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        db_table = "core_audit_head"

    def __str__(self) -> str:
        return f"audit trail up to {self.number}"


class SubjectKey(EncryptedModel):
    """The key to what the audit trail says of one person. Whoever is erased, or purged, loses it: nobody reads on."""

    subject = models.CharField(primary_key=True, max_length=64)
    key = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "core_subject_key"

    def __str__(self) -> str:
        return f"key of {self.subject[:12]}…"
