"""Making, checking and revoking personal API tokens: `Authorization: Bearer enr_…`.

A token is 256 random bits, so that a plain SHA-256 is hash enough: there is nothing to guess. Its fixed beginning
tells it apart from a JWT, and lets secret scanners find one that leaked. docs/adr/0005-api-tokens.md has the reasons.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Literal

import structlog
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core import patience
from core.models import ApiToken

PREFIX = "enr_"
HINT_LENGTH = 8
# `last_used_at` is written at most this often, not with every request.
USE_NOTED_EVERY = timedelta(minutes=1)
NOTE_SECONDS = 0.5  # how long it may wait for SQLite's lock: the request is worth more than the note

log = structlog.get_logger(__name__)

State = Literal["active", "expired", "revoked"]


def generate() -> str:
    """Return a new token; nobody but the caller ever sees it again."""
    return PREFIX + secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """Return the hash under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(user: User, name: str, **fields: Any) -> tuple[ApiToken, str]:
    """Return a new token's row and the token itself, which is not kept."""
    row = ApiToken(user=user, name=name, **fields)
    token = stamp(row)
    row.save()
    return row, token


def stamp(row: ApiToken) -> str:
    """Make `row` the row of a new token, and return the token; the caller saves the row and shows the token once."""
    token = generate()
    row.token_hash, row.hint = fingerprint(token), token[:HINT_LENGTH]
    return token


def revoke(rows: Iterable[ApiToken]) -> int:
    """Close the API to these tokens, at once and for good; return how many were still open to revocation."""
    keys = [row.pk for row in rows]
    return ApiToken.objects.filter(pk__in=keys, revoked_at__isnull=True).update(revoked_at=timezone.now())


def state(row: ApiToken) -> State:
    """Return whether the token opens the API (`active`; its user may still be inactive), or why it does not."""
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= timezone.now() else "active"


def token_of(request: Request) -> ApiToken | None:
    """Return the personal token that a request of the API came with, if it did."""
    return request.auth if isinstance(request.auth, ApiToken) else None


def note_use(row: ApiToken) -> None:
    """Write down that the token was used, at most once a minute however many requests come at once."""
    now = timezone.now()
    before = now - USE_NOTED_EVERY
    if row.last_used_at is None or row.last_used_at <= before:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
        try:
            with patience.at_most(NOTE_SECONDS):
                ApiToken.objects.filter(stale, pk=row.pk).update(last_used_at=now)
        except OperationalError:
            if connection.in_atomic_block:
                raise
            log.warning("the use of a token was not noted: the database is locked, or gone")


class ApiTokenAuthentication(BaseAuthentication):
    """Signs in the user of a personal token; leaves other bearer tokens to the JWT authentication."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token.startswith(PREFIX):
            return None
        row = ApiToken.valid().select_related("user").filter(token_hash=fingerprint(token)).first()
        if row is None or not row.user.is_active:
            raise AuthenticationFailed(
                "This API token is unknown, revoked or expired, or its user is inactive: create another in the admin."
            )
        note_use(row)
        request._request.api_token_id = row.pk  # type: ignore[attr-defined]  # for the audit trail
        return row.user, row

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
