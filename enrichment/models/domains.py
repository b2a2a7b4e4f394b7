"""What is known of mail domains and their operators, and kept answers of sites and services."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from core.fields import BlindIndexField, EncryptedJSONField, EncryptedModel, EncryptedTextField
from core.ids import new_id

from .choices import MxStatus, one_of


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
