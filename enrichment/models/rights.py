"""What people ask of us about their own data, and what became of data that was not kept."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from core.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField
from core.ids import new_id

from .choices import one_of


class RequestKind(models.TextChoices):
    ACCESS = "access", "See what is known of them (GDPR art. 15)"
    RECTIFICATION = "correction", "Have it corrected (art. 16)"
    ERASURE = "erasure", "Have it erased (art. 17)"
    RESTRICTION = "restriction", "Have it left alone (art. 18)"
    OBJECTION = "objection", "Object to it (art. 21)"


class RequestState(models.TextChoices):
    UNPROVED = "unproved", "Waits for the mailed link"
    OPEN = "open", "To be done"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    LAPSED = "lapsed", "The link was not opened in time"


class RequestOrigin(models.TextChoices):
    LINK = "link", "The link in a mail"
    PAGE = "page", "The public page"
    ADMIN = "admin", "Entered by an admin"
    COMMAND = "command", "A command"


class SubjectRequest(EncryptedModel):
    """A person's wish about their own data. Written by requests.py alone.

    `email` is emptied with an erasure; `email_index` stays, as the proof of what was done.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=RequestKind)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.UNPROVED)
    origin = models.CharField(max_length=10, choices=RequestOrigin)
    email = EncryptedTextField(null=True, blank=True)
    # Kept by hand in step, since it outlives the address.
    email_index = models.CharField(max_length=64, db_index=True, editable=False)
    text = EncryptedTextField(null=True, blank=True)  # what the person wrote, such as what to correct
    answer = EncryptedTextField(null=True, blank=True)  # what they were told
    result = EncryptedJSONField(null=True, blank=True)  # how much of what was touched: {"contacts": 1, …}
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    proved_at = models.DateTimeField("identity proved", null=True, blank=True)
    due_at = models.DateTimeField("answer due")  # a month from when it came (art. 12(3))
    handled_at = models.DateTimeField("handled", null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField("received", default=timezone.now, db_default=Now())

    class Meta:
        db_table = "enrichment_subject_request"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["state", "due_at"], name="idx_subject_request_due")]
        constraints = [
            one_of("kind", RequestKind, "subject_request_kind"),
            one_of("state", RequestState, "subject_request_state"),
            one_of("origin", RequestOrigin, "subject_request_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.created_at:%Y-%m-%d}"


class PurgeReport(models.Model):
    """What one run of the purge deleted, and why. Written by retention.py; no personal data."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    rows = models.JSONField(default=list)  # [{what, number, reason}], those of which something went
    total = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "enrichment_purge_report"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.total} rows on {self.at:%Y-%m-%d %H:%M}"
