"""What discovery found: contacts, their addresses, the jobs that found them, and what is known of a domain.

Columns, defaults and indexes are the specification's ("Data Models"), in snake_case; the further ones are
explained where they stand. E-mail addresses, LinkedIn profiles and evidence are encrypted (core/fields.py).
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from core.fields import BlindIndexField, EncryptedJSONField, EncryptedModel, EncryptedTextField, normalise_email
from core.ids import new_id
from crm.models import LawfulBasis

EMPTY_LIST = models.Value([], output_field=models.JSONField())


class ContactSource(models.TextChoices):
    LINKEDIN = "linkedin", "LinkedIn"
    WEBSITE = "website", "Website"
    PUBLIC_INDEX = "public_index", "Public index"
    MANUAL = "manual", "Manual"


class GenerationMethod(models.TextChoices):
    PATTERN_DETECTION = "pattern_detection"
    API_ENRICHMENT = "api_enrichment", "API enrichment"
    MANUAL = "manual"
    PUBLISHED = "published"


class ApiSource(models.TextChoices):
    HUNTER = "hunter"
    CLEARBIT = "clearbit"
    SNOV = "snov"
    REACHER = "reacher"
    CUSTOM = "custom"


class VerificationMethod(models.TextChoices):
    PATTERN = "pattern"
    MX_CHECK = "mx_check", "MX check"
    SMTP_PING = "smtp_ping", "SMTP ping"
    API = "api", "API"
    MANUAL = "manual"
    PUBLISHED = "published"


class MxStatus(models.TextChoices):
    FOUND = "found"
    IMPLICIT = "implicit"  # no MX record, but an address (RFC 5321 section 5.1)
    NULL = "null"  # "accepts no mail" (RFC 7505)
    NONE = "none"  # the domain, or any mail host of it, does not exist
    UNKNOWN = "unknown"  # could not tell: SERVFAIL, REFUSED, time-out


class JobType(models.TextChoices):
    BRAND_CONTACT_DISCOVERY = "brand_contact_discovery", "Brand contact discovery"
    EMAIL_ENRICHMENT = "email_enrichment", "E-mail enrichment"


class VerificationStatus(models.TextChoices):
    VERIFIED = "verified", "Verified"
    RISKY = "risky", "Risky"
    UNKNOWN = "unknown", "Unknown"


class ReviewStatus(models.TextChoices):
    NEW = "new", "To review"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class ItemState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class UsageKind(models.TextChoices):
    DISCOVERY = "discovery"
    ADDRESSES = "addresses"  # worked out or verified


class JobStatus(models.TextChoices):
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    RETRYING = "retrying", "Retrying"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


def one_of(field: str, choices: type[models.TextChoices], name: str, nullable: bool = False) -> models.CheckConstraint:
    """Return the check that `field` holds one of `choices`."""
    condition = models.Q(**{f"{field}__in": choices.values})
    if nullable:
        condition |= models.Q(**{f"{field}__isnull": True})
    return models.CheckConstraint(condition=condition, name=name)


def percentage(field: str, name: str) -> models.CheckConstraint:
    """Return the check that `field` is 0-100."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__range": (0, 100)}), name=name)


def acting(user: User | None) -> str:
    """Return who did something, as `activity` names them."""
    return user.get_username() if user else "the system"


class EnrichedContact(EncryptedModel):
    """A person found at a brand, with the evidence for each claim.

    Written by store.py (what a job found), editing.py (by hand) and approval.py.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first_name = models.CharField(max_length=200)
    last_name = models.CharField(max_length=200)
    job_title = models.CharField(max_length=300, null=True, blank=True)
    company = models.CharField(max_length=200, null=True, blank=True)
    linkedin_url = EncryptedTextField("LinkedIn URL", null=True, blank=True)
    linkedin_id = EncryptedTextField("LinkedIn id", null=True, blank=True)

    confidence_score = models.PositiveSmallIntegerField(default=50, db_default=50)
    source = models.CharField(max_length=20, choices=ContactSource)
    discovery_method = models.CharField(max_length=60, null=True, blank=True)

    linked_brand = models.ForeignKey(
        "crm.Brand", null=True, blank=True, on_delete=models.SET_NULL, related_name="enriched_contacts", db_index=False
    )
    linked_contact = models.ForeignKey(
        "crm.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="enriched_contacts"
    )

    compliance_check_passed = models.BooleanField(default=False, db_default=False)
    lawful_basis = models.CharField(
        max_length=40, null=True, blank=True, choices=LawfulBasis, default=LawfulBasis.B2B_LEGITIMATE_INTEREST
    )

    discovered_at = models.DateTimeField(default=timezone.now, db_default=Now())
    verified_at = models.DateTimeField(null=True, blank=True)
    added_to_crm_at = models.DateTimeField(null=True, blank=True)
    activity = models.JSONField(default=list, db_default=EMPTY_LIST, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, null=True)

    # Ours. `name_key` is the folded name as it was found, by which a second discovery finds the same person; a
    # correction of the name by hand leaves it alone.
    name_key = models.CharField(max_length=400, editable=False)
    linkedin_id_index = BlindIndexField(source="linkedin_id", normalise=str.lower, null=True)
    seniority = models.CharField(max_length=20, default="unknown", db_default="unknown")
    department = models.CharField(max_length=20, default="other", db_default="other")
    decision_maker = models.BooleanField(default=False, db_default=False)
    evidence = EncryptedJSONField(default=list, blank=True)  # [{field, value, url, snippet, source, seenAt}]
    region_code = models.CharField("region", max_length=2, null=True, blank=True)  # ISO 3166-1 alpha-2
    review_status = models.CharField(
        "review", max_length=10, choices=ReviewStatus, default=ReviewStatus.NEW, db_default=ReviewStatus.NEW
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "enriched_contact"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["linked_brand"], name="idx_enriched_contact_brand"),
            models.Index(fields=["linkedin_id_index"], name="idx_enriched_contact_linkedin"),
            models.Index(fields=["company"], name="idx_enriched_contact_company"),
            models.Index(fields=["confidence_score"], name="idx_enriched_contact_conf"),
            # Those by which lists are sorted end with the id, so that a page anywhere is read off the index.
            models.Index(fields=["created_at", "id"], name="idx_enriched_contact_created"),
            models.Index(fields=["linked_brand", "created_at", "id"], name="idx_contact_brand_page"),
            models.Index(fields=["confidence_score", "id"], name="idx_contact_confidence_page"),
            models.Index(fields=["last_name", "id"], name="idx_contact_name_page"),
            models.Index(fields=["linked_brand", "name_key"], name="idx_enriched_contact_name"),
        ]
        constraints = [
            percentage("confidence_score", "enriched_contact_confidence"),
            one_of("source", ContactSource, "enriched_contact_source"),
            one_of("lawful_basis", LawfulBasis, "enriched_contact_lawful_basis", nullable=True),
            one_of("review_status", ReviewStatus, "enriched_contact_review"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def record(self, label: str, at: Any = None) -> None:
        """Append an entry to `activity`; the caller holds the row's lock and saves. No addresses in `label`."""
        moment = at or timezone.now()
        self.activity = [*self.activity, {"at": moment.isoformat().replace("+00:00", "Z"), "label": label}]


class ContactEmail(EncryptedModel):
    """A candidate address of a contact. The address of a row never changes: another one is another row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = EncryptedTextField()
    verification_status = models.CharField(
        max_length=10,
        choices=VerificationStatus,
        default=VerificationStatus.UNKNOWN,
        db_default=VerificationStatus.UNKNOWN,
    )
    verification_method = models.CharField(max_length=12, choices=VerificationMethod, null=True, blank=True)
    verification_score = models.PositiveSmallIntegerField(default=50, db_default=50)

    generation_method = models.CharField(max_length=20, choices=GenerationMethod, null=True, blank=True)
    name_permutations = models.JSONField(
        default=list, db_default=EMPTY_LIST, blank=True
    )  # patterns attempted, best first

    mx_check_passed = models.BooleanField(null=True, blank=True)
    smtp_check_passed = models.BooleanField(null=True, blank=True)
    api_source = models.CharField(max_length=10, choices=ApiSource, null=True, blank=True)

    enriched_contact = models.ForeignKey(
        EnrichedContact, on_delete=models.CASCADE, related_name="emails", db_index=False
    )
    last_checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, null=True)

    # Ours. `pattern` and `confidence` say how the address was formed, `probability` how likely it is right.
    email_index = BlindIndexField(source="email", normalise=normalise_email)
    domain = models.CharField(max_length=253, editable=False)
    pattern = models.CharField(max_length=30, null=True, blank=True)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    probability = models.FloatField(null=True, blank=True)
    model_probability = models.FloatField(null=True, blank=True)  # the same before outcomes corrected it
    score_breakdown = EncryptedJSONField(default=list, blank=True)  # [{label, points, evidence}], sums to the score
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)  # greylisted, or grown old in use

    class Meta:
        db_table = "contact_email"
        ordering = ["-probability", "-verification_score", "id"]
        constraints = [
            models.UniqueConstraint(fields=["enriched_contact", "email_index"], name="unique_email_per_contact"),
            percentage("verification_score", "contact_email_score"),
            percentage("confidence", "contact_email_confidence"),
            models.CheckConstraint(condition=models.Q(probability__range=(0, 1)), name="contact_email_probability"),
            one_of("verification_status", VerificationStatus, "contact_email_status"),
            one_of("verification_method", VerificationMethod, "contact_email_method", nullable=True),
            one_of("generation_method", GenerationMethod, "contact_email_generation", nullable=True),
            one_of("api_source", ApiSource, "contact_email_api_source", nullable=True),
        ]
        indexes = [
            models.Index(fields=["enriched_contact"], name="idx_contact_email_id"),
            models.Index(fields=["verification_status"], name="idx_contact_email_verification"),
            # Lists by status look for a contact's address of that status. SQLite, which knows no statistics unless
            # told to gather them, would else read every address of the status for each contact.
            models.Index(fields=["verification_status", "enriched_contact"], name="idx_contact_email_of_status"),
            models.Index(fields=["email_index"], name="idx_contact_email_index"),
        ]

    def __str__(self) -> str:
        return self.email


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


class DomainProfile(EncryptedModel):
    """What is known of a mail domain: its MX answer, kept for 24 hours, and addresses known to be right or wrong."""

    domain = models.CharField(primary_key=True, max_length=253)
    mx_status = models.CharField(max_length=10, choices=MxStatus, default=MxStatus.UNKNOWN, db_default=MxStatus.UNKNOWN)
    mx_hosts = models.JSONField(default=list, blank=True)
    mx_checked_at = models.DateTimeField(null=True, blank=True)
    known_addresses = EncryptedJSONField(default=list, blank=True)  # [{name, email, source, seenAt, right}]
    catch_all = models.BooleanField(null=True, blank=True)  # a random address was accepted; None: not known
    catch_all_checked_at = models.DateTimeField(null=True, blank=True)
    providers_asked_at = models.DateTimeField(null=True, blank=True)  # when one last said whom it knows there
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "domain_profile"
        constraints = [one_of("mx_status", MxStatus, "domain_profile_mx")]

    def __str__(self) -> str:
        return self.domain


class Usage(models.Model):
    """What a user or brand has used of its limits, by the moment. Written by limits.py; old entries are purged."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    brand = models.ForeignKey(
        "crm.Brand", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=UsageKind)
    amount = models.PositiveIntegerField(default=1, db_default=1)
    at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        db_table = "enrichment_usage"
        indexes = [
            models.Index(fields=["user", "kind", "at"], name="idx_enrichment_usage_user"),
            models.Index(fields=["brand", "kind", "at"], name="idx_enrichment_usage_brand"),
        ]
        constraints = [one_of("kind", UsageKind, "enrichment_usage_kind")]

    def __str__(self) -> str:
        return f"{self.amount} {self.kind} at {self.at:%Y-%m-%d %H:%M}"


class IdempotencyKey(models.Model):
    """A client's `Idempotency-Key` and what the first request with it did. Kept for a day; holds no personal data."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    operation = models.CharField(max_length=20)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)  # SHA-256 of the body: the same key with another body is an error
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), db_index=True)

    class Meta:
        db_table = "enrichment_idempotency_key"
        constraints = [models.UniqueConstraint(fields=["user", "operation", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.operation} by {self.user_id}"


class AddressCheck(EncryptedModel):
    """What mail servers and providers said of an address, kept so that nobody is asked twice (verifying.py).

    The address itself is not kept: `email_index` is its blind index.
    """

    email_index = models.CharField(primary_key=True, max_length=64)
    checks = EncryptedJSONField(default=list)  # emails/checks.py, without the address
    checked_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "enrichment_address_check"

    def __str__(self) -> str:
        return f"checks of {self.email_index[:12]}…"


class MailOperator(models.Model):
    """Who runs mail servers (Google, Microsoft, or a domain of its own), and until when we leave them alone."""

    name = models.CharField(primary_key=True, max_length=253)
    paused_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "enrichment_mail_operator"

    def __str__(self) -> str:
        return self.name


class ProviderUsage(models.Model):
    """How often a provider was asked on a day, and what it cost. Written by provider_budget.py."""

    provider = models.CharField(max_length=20)
    operation = models.CharField(max_length=20)  # find, verify, domain
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "enrichment_provider_usage"
        constraints = [
            models.UniqueConstraint(fields=["provider", "operation", "day"], name="provider_usage_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.calls} × {self.provider} {self.operation} on {self.day}"


class KeptAnswer(EncryptedModel):
    """An answer of a site or service about a brand, kept between runs (kept_answers.py)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    brand = models.ForeignKey("crm.Brand", on_delete=models.CASCADE, related_name="+")
    key = EncryptedTextField(help_text="What was asked, without secrets.")
    key_index = BlindIndexField(source="key")
    head = EncryptedJSONField(default=dict)  # url, status, media_type, charset, etag, last_modified, max_age
    body = EncryptedTextField(help_text="Compressed, in base64.")
    fetched_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "enrichment_kept_answer"
        constraints = [models.UniqueConstraint(fields=["brand", "key_index"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"an answer about {self.brand_id}"
