"""The people whom someone decided to keep, their addresses, and what is written down about them."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core.fields import BlindIndexField, EncryptedJSONField, EncryptedModel, EncryptedTextField, normalise_email
from core.ids import new_id
from core.names import name_key

from .brands import Brand


class LawfulBasis(models.TextChoices):
    """Why we may process a person's data (spec, "GDPR Compliance")."""

    B2B_LEGITIMATE_INTEREST = "b2b_legitimate_interest", "Business-to-business contact discovery"
    CONTACT_REQUEST = "contact_request", "Contact requested outreach"
    MANUAL = "manual", "Manually entered by admin"


class Contact(EncryptedModel):
    """A person of a brand whom someone decided to keep. Approval copies here what a later decision to write needs."""

    class Relationship(models.TextChoices):
        NEW = "New"
        CONTACTED = "Contacted"
        REPLIED = "Replied"
        CUSTOMER = "Customer"
        CLOSED = "Closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="contacts")
    first_name = models.CharField(max_length=200)
    last_name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=400, default="", db_index=True, editable=False)  # the name, folded
    job_title = models.CharField(max_length=300, blank=True)
    seniority = models.CharField(max_length=20, default="unknown", db_default="unknown")
    department = models.CharField(max_length=20, default="other", db_default="other")
    linkedin_url = EncryptedTextField("LinkedIn URL", null=True, blank=True)
    relationship_status = models.CharField(
        max_length=20, choices=Relationship, default=Relationship.NEW, db_default=Relationship.NEW
    )
    region_code = models.CharField("region", max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    region_basis = EncryptedJSONField(null=True, blank=True, editable=False)  # {how, evidence, url, at}
    # False: an admin started the discovery with its country's rules as warnings only (`complianceMode`).
    region_rules_apply = models.BooleanField("region's rules apply", default=True, db_default=True, editable=False)
    lawful_basis = models.CharField(max_length=40, null=True, blank=True, choices=LawfulBasis)
    evidence = EncryptedJSONField(default=list, blank=True)  # [{field, value, url, snippet, source, seenAt}]
    # When we first had the person's data from elsewhere than themselves: from then on they must be told (GDPR art. 14).
    obtained_at = models.DateTimeField(null=True, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_contacts"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "crm_contact"
        ordering = ["last_name", "first_name", "id"]
        indexes = [models.Index(fields=["last_name", "first_name", "id"], name="idx_crm_contact_page")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(relationship_status__in=["New", "Contacted", "Replied", "Customer", "Closed"]),
                name="crm_contact_relationship",
            ),
            models.CheckConstraint(
                condition=models.Q(lawful_basis__isnull=True) | models.Q(lawful_basis__in=LawfulBasis.values),
                name="crm_contact_lawful_basis",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.name_key = name_key(self.first_name, self.last_name)
        if update_fields is not None and {"first_name", "last_name"} & set(update_fields):
            update_fields = {*update_fields, "name_key"}
        super().save(update_fields=update_fields, **kwargs)


class ContactAddress(EncryptedModel):
    """A work address of a CRM contact, with how it came to us. One of them is the primary one."""

    class Origin(models.TextChoices):
        PUBLISHED = "published", "Published by the company"
        GUESSED = "guessed", "Formed from the name"
        PROVIDER = "provider", "From a data provider"
        MANUAL = "manual", "Entered by hand"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="addresses")
    email = EncryptedTextField()
    email_index = BlindIndexField(source="email", normalise=normalise_email, db_index=True)
    is_primary = models.BooleanField("primary", default=False, db_default=False)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.MANUAL)
    # As they stood when the address was linked; nulls for one entered by hand.
    probability = models.FloatField(null=True, blank=True)
    model_probability = models.FloatField(null=True, blank=True, editable=False)  # before outcomes corrected it
    verification_status = models.CharField(max_length=10, blank=True)
    verification_score = models.PositiveSmallIntegerField(null=True, blank=True)
    verification_method = models.CharField(max_length=12, blank=True, editable=False)
    mail_operator = models.CharField(max_length=253, blank=True, editable=False)  # who runs the domain's mail servers
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "crm_contact_address"
        ordering = ["-is_primary", "-probability", "id"]
        verbose_name_plural = "contact addresses"
        constraints = [
            models.UniqueConstraint(fields=["contact", "email_index"], name="crm_address_once_per_contact"),
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(is_primary=True), name="crm_one_primary_address"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=["published", "guessed", "provider", "manual"]),
                name="crm_address_origin",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Note(EncryptedModel):
    """What somebody wrote down about a contact."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notes")
    text = EncryptedTextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "crm_note"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"Note of {self.created_at:%Y-%m-%d}"


class HistoryEntry(EncryptedModel):
    """One line of a contact's history, written by history.py alone. `kind` is a snake_case word, such as `sent`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="history")
    kind = models.CharField(max_length=40)
    sentence = EncryptedTextField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "crm_history"
        ordering = ["-happened_at", "-id"]
        verbose_name_plural = "history entries"
        indexes = [models.Index(fields=["contact", "-happened_at"], name="idx_crm_history")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.happened_at:%Y-%m-%d}"


class Merge(EncryptedModel):
    """Two contacts made one, with all that undoing it takes. Written by merging.py alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kept = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
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
        db_table = "crm_merge"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"Merge of {self.created_at:%Y-%m-%d}{', undone' if self.undone_at else ''}"
