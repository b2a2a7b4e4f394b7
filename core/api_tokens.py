"""Making, checking and revoking personal API tokens: `Authorization: Bearer enr_…`.

A token is 256 random bits, so that a plain SHA-256 is hash enough: there is nothing to guess. Its fixed beginning
tells it apart from a JWT, and lets secret scanners find one that leaked.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.models import ApiToken

PREFIX = "enr_"
HINT_LENGTH = 8
# `last_used_at` is written at most this often, not with every request.
USE_NOTED_EVERY = timedelta(minutes=1)


def generate() -> str:
    """Return a new token; nobody but the caller ever sees it again."""
    return PREFIX + secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """Return the hash under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(user: User, name: str, **fields: Any) -> tuple[ApiToken, str]:
    """Return a new token's row and the token itself, which is not kept."""
    token = generate()
    row = ApiToken(user=user, name=name, **fields)
    stamp(row, token)
    row.save()
    return row, token


def stamp(row: ApiToken, token: str) -> None:
    """Make `row` the row of `token`; the caller saves."""
    row.token_hash, row.hint = fingerprint(token), token[:HINT_LENGTH]


def revoke(row: ApiToken) -> None:
    """Close the API to a token, at once and for good."""
    ApiToken.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


class ApiTokenAuthentication(BaseAuthentication):
    """Signs in the user of a personal token; leaves other bearer tokens to the JWT authentication."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token.startswith(PREFIX):
            return None
        row = ApiToken.valid().select_related("user").filter(token_hash=fingerprint(token)).first()
        if row is None or not row.user.is_active:
            raise AuthenticationFailed("This API token is unknown, revoked or expired: create another in the admin.")
        now = timezone.now()
        if row.last_used_at is None or row.last_used_at < now - USE_NOTED_EVERY:
            ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
        return row.user, row

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
