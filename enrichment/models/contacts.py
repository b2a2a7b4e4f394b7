"""Contacts and their addresses."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Concat, Lower, Now
from django.utils import timezone

from core.fields import BlindIndexField, EncryptedJSONField, EncryptedModel, EncryptedTextField, normalise_email
from core.ids import new_id
from crm.models import LawfulBasis
from enrichment.discovery import titles

from .choices import (
    EMPTY_LIST,
    ApiSource,
    ContactSource,
    GenerationMethod,
    ReviewStatus,
    VerificationMethod,
    VerificationStatus,
    one_of,
    percentage,
)


class EnrichedContact(EncryptedModel):
    """A person found at a brand, with the evidence for each claim.

    Written by store.py (what a job found), editing.py (by hand), merging.py and approval.py.
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
    region_basis = EncryptedJSONField(null=True, blank=True, editable=False)  # how we know it: {how, evidence, url, at}
    # What the newest job that found them says (`complianceMode`); False: the gate only warns of their country's rules.
    region_rules_apply = models.BooleanField("region's rules apply", default=True, db_default=True, editable=False)
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

    # What lists filter and sort by. Three are copies from the likeliest address (store.note_best); "" and 0 say that
    # there is none. The other two the database works out.
    best_status = models.CharField(
        max_length=10, choices=VerificationStatus, blank=True, default="", db_default="", editable=False
    )
    best_score = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    best_probability = models.FloatField(default=0.0, db_default=0.0, editable=False)
    search_text = models.GeneratedField(
        expression=Lower(
            Concat(
                *(F("name_key"), Value(" "), F("first_name"), Value(" "), F("last_name"), Value(" ")),
                *(Coalesce(F("job_title"), Value("")), Value(" "), Coalesce(F("company"), Value(""))),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    seniority_rank = models.GeneratedField(
        expression=models.Case(
            *(models.When(seniority=word, then=Value(rank)) for rank, word in enumerate(titles.SENIORITIES)),
            default=Value(len(titles.SENIORITIES)),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        db_table = "enriched_contact"
        permissions = [
            ("reject_enrichedcontact", "Can reject contacts, and take it back"),
            ("export_enrichedcontact", "Can take contacts away as a file"),
        ]
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
            models.Index(fields=["company", "id"], name="idx_contact_company_page"),
            models.Index(fields=["job_title", "id"], name="idx_contact_title_page"),
            models.Index(fields=["seniority_rank", "id"], name="idx_contact_seniority_page"),
            models.Index(fields=["best_score", "id"], name="idx_contact_score_page"),
            models.Index(fields=["best_probability", "id"], name="idx_contact_chance_page"),
            models.Index(fields=["discovered_at", "id"], name="idx_contact_found_page"),
            models.Index(fields=["verified_at"], name="idx_contact_verified"),
            # Counted by reading this alone.
            models.Index(
                fields=[
                    *("review_status", "best_status", "source", "seniority", "department"),
                    *("region_code", "decision_maker", "confidence_score", "linked_brand"),
                    *("linked_contact", "best_probability", "discovered_at", "id"),
                ],
                name="idx_contact_filters",
            ),
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
        verbose_name = "contact e-mail"
        ordering = [F("probability").desc(nulls_last=True), "-verification_score", "id"]
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
