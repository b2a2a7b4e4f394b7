"""Jobs, and what each has to look at."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from core.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField
from core.ids import new_id

from .choices import ItemState, JobStatus, JobType, one_of
from .contacts import EnrichedContact


class EnrichmentJob(models.Model):
    """One run of discovery or enrichment. Its life is in jobs.py, which alone writes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job_type = models.CharField(max_length=30, choices=JobType)
    status = models.CharField(max_length=12, choices=JobStatus, default=JobStatus.PENDING, db_default=JobStatus.PENDING)

    brand = models.ForeignKey(
        "crm.Brand", null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs", db_index=False
    )
    brand_name = models.CharField(max_length=200, null=True, blank=True)
    brand_website = models.CharField(max_length=500, null=True, blank=True)
    linkedin_company_url = models.CharField("LinkedIn company URL", max_length=500, null=True, blank=True)

    contacts_discovered = models.PositiveIntegerField(default=0, db_default=0)
    contacts_enriched = models.PositiveIntegerField(default=0, db_default=0)

    error_message = models.TextField(null=True, blank=True)
    retry_count = models.PositiveSmallIntegerField(default=0, db_default=0)  # attempts that failed in this round
    max_retries = models.PositiveSmallIntegerField(default=3, db_default=3)

    region_code = models.CharField(max_length=2, null=True, blank=True)
    compliance_mode = models.BooleanField(default=True, db_default=True)
    volume_limited = models.BooleanField(default=False, db_default=False)

    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, null=True)

    # Ours. How many addresses or contacts an e-mail enrichment has to look at, how many are done, and by which means.
    items_total = models.PositiveIntegerField(default=0, db_default=0)
    items_processed = models.PositiveIntegerField(default=0, db_default=0)
    options = models.JSONField(default=dict, blank=True)  # {smtp, providers, fresh}: true or false

    # A worker holds a job by `claim_token` until `lease_expires_at`; every write repeats the token.
    diagnostics = models.JSONField(default=list, blank=True)  # [{code, sentence, source}]
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_attempt_at = models.DateTimeField(null=True, blank=True, editable=False)
    woken_at = models.DateTimeField(null=True, blank=True, editable=False)  # when the workers were last told
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    contacts = models.ManyToManyField(EnrichedContact, through="JobContact", related_name="jobs")

    class Meta:
        db_table = "enrichment_job"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["brand"], name="idx_enrichment_job_brand"),
            models.Index(fields=["status"], name="idx_enrichment_job_status"),
            models.Index(fields=["created_at", "id"], name="idx_enrichment_job_created"),
            models.Index(fields=["created_by", "status"], name="idx_enrichment_job_owner"),
        ]
        constraints = [
            one_of("status", JobStatus, "enrichment_job_status"),
            one_of("job_type", JobType, "enrichment_job_type"),
        ]

    def __str__(self) -> str:
        return f"{self.brand_name or self.get_job_type_display()} ({self.status})"


class JobContact(models.Model):
    """Which job found which contact."""

    job = models.ForeignKey(EnrichmentJob, on_delete=models.CASCADE)
    contact = models.ForeignKey(EnrichedContact, on_delete=models.CASCADE)

    class Meta:
        db_table = "enrichment_job_contact"
        constraints = [models.UniqueConstraint(fields=["job", "contact"], name="contact_once_per_job")]

    def __str__(self) -> str:
        return f"{self.contact_id} by {self.job_id}"


class JobItem(EncryptedModel):
    """One thing that an e-mail enrichment looks at: an address as given, or a contact. Written by bulk.py.

    `result` is the verdict on an address as the API shows it; what was found of a contact stands with the contact.
    """

    job = models.ForeignKey(EnrichmentJob, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    contact = models.ForeignKey(EnrichedContact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    email = EncryptedTextField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.WAITING, db_default=ItemState.WAITING)
    result = EncryptedJSONField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # a server asked for patience: not before

    class Meta:
        db_table = "enrichment_job_item"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="job_item_position"),
            one_of("state", ItemState, "job_item_state"),
        ]
        indexes = [models.Index(fields=["job", "state", "due_at"], name="idx_job_item_state")]

    def __str__(self) -> str:
        return f"item {self.position} of {self.job_id}"


class JobProgress(EncryptedModel):
    """How far a discovery is, for those who watch it. Written by progress.py, and of no account for the job itself."""

    job = models.OneToOneField(EnrichmentJob, primary_key=True, on_delete=models.CASCADE, related_name="progress")
    steps = models.JSONField(default=list, blank=True)  # [{name, state, startedAt, endedAt, note}]
    sources = models.JSONField(default=list, blank=True)  # [{name, state, people, seconds, note}]
    found = EncryptedJSONField(default=list, blank=True)  # [{name, title, source}], until the job has ended
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "enrichment_job_progress"

    def __str__(self) -> str:
        return f"progress of {self.job_id}"
