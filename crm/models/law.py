"""What the law asks for: consents, the suppression list, rules of countries, assessments."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core.fields import EncryptedModel, EncryptedTextField
from core.ids import new_id

from .contacts import Contact


class Consent(EncryptedModel):
    """A person's consent to be written to: when it was given, how we know, and whether it was withdrawn."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents")
    given_at = models.DateTimeField("given")
    source = EncryptedTextField(help_text="Where and how it was given, such as a form or a conversation.")
    # What they agreed to, word for word: GDPR art. 7(1) asks us to be able to show it.
    wording = EncryptedTextField(null=True, blank=True, help_text="What they were told and agreed to, word for word.")
    withdrawn_at = models.DateTimeField("withdrawn", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "crm_consent"
        ordering = ["-given_at", "-id"]

    def __str__(self) -> str:
        return f"Consent of {self.given_at:%Y-%m-%d}{', withdrawn' if self.withdrawn_at else ''}"


class Suppression(models.Model):
    """An address or domain never to be written to. Only its HMAC is kept, so that it outlives a person's erasure."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "Address"
        DOMAIN = "domain", "Domain"

    class Reason(models.TextChoices):
        OBJECTION = "objection", "Objected"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "Bounced"
        COMPLAINT = "complaint", "Complained"
        ERASURE = "erasure", "Asked to be erased"
        RESTRICTION = "restriction", "Asked that their data be left alone"
        MANUAL = "manual", "Entered by hand"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    value_index = models.CharField("fingerprint", max_length=64, editable=False)
    reason = models.CharField(max_length=20, choices=Reason, default=Reason.MANUAL)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        db_table = "crm_suppression"
        ordering = ["-created_at", "-id"]
        verbose_name = "suppressed address or domain"
        verbose_name_plural = "suppressed addresses and domains"
        constraints = [
            models.UniqueConstraint(fields=["kind", "value_index"], name="crm_suppressed_once"),
            models.CheckConstraint(condition=models.Q(kind__in=["address", "domain"]), name="crm_suppression_kind"),
            models.CheckConstraint(
                condition=models.Q(
                    reason__in=[
                        *("objection", "unsubscribed", "bounced", "complaint", "erasure"),
                        *("restriction", "manual"),
                    ]
                ),
                name="crm_suppression_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value_index[:12]}… ({self.get_reason_display()})"


class RegionRule(models.Model):
    """A country's rule as an admin knows it better than regions.csv, whose columns these are (regions.py).

    Written by region_rules.py alone; without a row the file's counts.
    """

    code = models.CharField("country", primary_key=True, max_length=2)  # ISO 3166-1 alpha-2, or ZZ for all others
    policy = models.CharField(max_length=20)
    default_action = models.CharField(max_length=10)
    need_published_address = models.BooleanField()
    need_role_relevance = models.BooleanField()
    automated_send_ok = models.BooleanField("may be sent automatically")
    generated_address = models.CharField("addresses formed from the name", max_length=10)
    direct_messages_too = models.BooleanField("direct messages fall under the same rule")
    optout_deadline_days = models.PositiveSmallIntegerField("days to honour an opt-out", null=True, blank=True)
    label_required = models.CharField(max_length=300, blank=True)
    registry_to_check = models.CharField(max_length=300, blank=True)
    conditions = models.TextField(max_length=2000)
    source_law = models.CharField("law", max_length=300)
    source_url = models.URLField("where it was read", max_length=500, blank=True)
    evidence = models.CharField(max_length=30)
    confidence = models.CharField(max_length=10)
    checked_on = models.DateField()
    reason = models.CharField(max_length=500)  # why it differs from the file
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "crm_region_rule"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Assessment(models.Model):
    """A legitimate-interest assessment (GDPR art. 6(1)(f)) of one purpose. Never edited: a change is a new version."""

    class Purpose(models.TextChoices):
        DISCOVERY = "discovery", "Finding the decision-makers of a company and their work addresses"
        OUTREACH = "outreach", "Writing to decision-makers about business matters of their role"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose)
    version = models.PositiveIntegerField()
    interest = models.TextField(max_length=5000)  # the purpose test: what we want, and that it is legitimate
    necessity = models.TextField(max_length=5000)  # the necessity test: whether less would do
    balance = models.TextField(max_length=5000)  # the balancing test: what it means for the people
    safeguards = models.TextField(max_length=5000)
    holds = models.BooleanField()  # the outcome: our interest outweighs
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    assessed_by_name = models.CharField(max_length=150)
    review_on = models.DateField(null=True, blank=True)  # when it is to be looked at again
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "crm_assessment"
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="crm_assessment_version_once"),
            models.CheckConstraint(condition=models.Q(purpose__in=["discovery", "outreach"]), name="crm_assessment_of"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, version {self.version}"
