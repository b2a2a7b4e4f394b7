"""What people do with contacts: views they keep, notes they write, and decisions about many, which can be undone."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField
from core.ids import new_id

from .choices import one_of
from .contacts import EnrichedContact


class BatchKind(models.TextChoices):
    APPROVE = "approve", "Approve for outreach"
    REJECT = "reject", "Reject"
    DELETE = "delete", "Delete"


class BatchState(models.TextChoices):
    DRAFT = "draft", "To be confirmed"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    UNDONE = "undone", "Undone"


class Outcome(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"
    UNDONE = "undone", "Undone"


class SavedView(EncryptedModel):
    """A list of contacts that somebody wants to come back to: the query string of its address.

    It is encrypted since it may hold an address that was searched for.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = EncryptedTextField()
    is_default = models.BooleanField(default=False, db_default=False)  # shown when the list is opened without filters
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "enrichment_saved_view"
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


class ContactNote(EncryptedModel):
    """What somebody wrote down about a contact."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(EnrichedContact, on_delete=models.CASCADE, related_name="notes")
    text = EncryptedTextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "enrichment_contact_note"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"Note of {self.created_at:%Y-%m-%d}"


class ContactMerge(EncryptedModel):
    """Two contacts made one, with all that undoing it takes. Written by merging.py alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kept = models.ForeignKey(EnrichedContact, on_delete=models.CASCADE, related_name="merges")
    gone_id = models.UUIDField(editable=False)  # the contact that was merged into the other, and deleted
    snapshot = EncryptedJSONField(editable=False)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField("merged", auto_now_add=True, db_default=Now())
    undone_at = models.DateTimeField("undone", null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        db_table = "enrichment_contact_merge"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"Merge of {self.created_at:%Y-%m-%d}{', undone' if self.undone_at else ''}"


class ReviewBatch(EncryptedModel):
    """One decision about one or many contacts, whose ids are frozen in its items. Written by batches.py alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=BatchKind)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.DRAFT, db_default=BatchState.DRAFT)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    total = models.PositiveIntegerField(default=0, db_default=0)
    filters = EncryptedTextField(null=True, blank=True)  # the list's query string, where all that matched were chosen
    reason = models.CharField(max_length=200, blank=True)  # of a rejection, for all of them
    sequence = models.ForeignKey(
        "outreach.Sequence", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    templates = models.JSONField(default=dict, blank=True)  # {step's position: template's id}, where another was chosen
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "enrichment_review_batch"
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "review batches"
        indexes = [models.Index(fields=["state", "created_at"], name="idx_review_batch_state")]
        constraints = [
            one_of("kind", BatchKind, "review_batch_kind"),
            one_of("state", BatchState, "review_batch_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.total}"


class ReviewItem(EncryptedModel):
    """One contact of a batch: what came of it, and all that undoing it takes."""

    batch = models.ForeignKey(ReviewBatch, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    contact = models.ForeignKey(EnrichedContact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING, db_default=Outcome.WAITING)
    reason = models.CharField(max_length=40, blank=True)  # a code, where it was skipped or could not be undone
    crm_contact = models.ForeignKey("crm.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    enrolment = models.ForeignKey(
        "outreach.Enrolment", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    before = EncryptedJSONField(default=dict, blank=True)  # what undoing puts back

    class Meta:
        db_table = "enrichment_review_item"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="review_item_position"),
            one_of("outcome", Outcome, "review_item_outcome"),
        ]
        indexes = [models.Index(fields=["batch", "outcome"], name="idx_review_item_outcome")]

    def __str__(self) -> str:
        return f"item {self.position} of {self.batch_id}"
