"""Personal API tokens: for scripts that cannot sign in with a password. Only a hash is kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from core.ids import new_id


class ApiToken(models.Model):
    """A token that stands for its user until it is revoked or expires. api_tokens.py makes and checks them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, help_text="What it is for, such as the script's name.")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256
    hint = models.CharField("token", max_length=12, editable=False)  # its first characters, to tell tokens apart
    expires_at = models.DateTimeField("expires", null=True, blank=True, help_text="Empty: never.")
    revoked_at = models.DateTimeField("revoked", null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    # Besides the user's own limits (enrichment/limits.py).
    discoveries_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="Discoveries in any 24 hours; empty: as many as its user may."
    )
    addresses_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="Addresses in any 24 hours; empty: as many as its user may."
    )
    created_at = models.DateTimeField("created", auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "api_token"
        ordering = ["-created_at", "-id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def valid(cls) -> "models.QuerySet[ApiToken]":
        """Return the tokens that open the API now."""
        now = timezone.now()
        return cls.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True)


class RefreshToken(models.Model):
    """A refresh token that was given out: it opens once. refresh_tokens.py makes, changes and revokes them.

    Each is exchanged for the next of its family; one that comes a second time was stolen, and ends the family.
    """

    fingerprint = models.CharField(primary_key=True, max_length=64)  # SHA-256 of the token's id (jti)
    family = models.UUIDField(db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "core_refresh_token"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"refresh token of {self.user_id}"
