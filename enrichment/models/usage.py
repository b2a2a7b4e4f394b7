"""What was used of limits and budgets, and which requests were answered before."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from .choices import UsageKind, one_of


class Usage(models.Model):
    """What a user or brand has used of its limits, by the moment. Written by limits.py; old entries are purged."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    brand = models.ForeignKey(
        "crm.Brand", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    token = models.ForeignKey(  # the personal API token that was used, if one was
        "core.ApiToken", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=UsageKind)
    amount = models.PositiveIntegerField(default=1, db_default=1)
    at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        db_table = "enrichment_usage"
        verbose_name_plural = "usage"
        indexes = [
            models.Index(fields=["user", "kind", "at"], name="idx_enrichment_usage_user"),
            models.Index(fields=["brand", "kind", "at"], name="idx_enrichment_usage_brand"),
            models.Index(fields=["token", "kind", "at"], name="idx_enrichment_usage_token"),
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


class ProviderUsage(models.Model):
    """How often a provider was asked on a day, and what it cost. Written by provider_budget.py."""

    provider = models.CharField(max_length=20)
    operation = models.CharField(max_length=20)  # find, verify, domain
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "enrichment_provider_usage"
        verbose_name_plural = "provider usage"
        constraints = [
            models.UniqueConstraint(fields=["provider", "operation", "day"], name="provider_usage_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.calls} × {self.provider} {self.operation} on {self.day}"
