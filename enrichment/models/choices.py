"""The words that columns hold, and what the models share."""

from django.contrib.auth.models import User
from django.db import models

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
