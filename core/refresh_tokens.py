"""Refresh tokens of the API: each opens once, and is exchanged for the next of its family.

A family begins with a sign-in. A token that comes a second time was copied: whoever has the copy, the family ends, and
with it the access tokens that were made by it (OAuth 2.0 Security Best Current Practice, RFC 9700, section 4.14.2).
A client whose answer got lost may send the same token again for GRACE, as long as nobody has used what it was
exchanged for: it is answered with the same next token, so that no second branch begins.

A new password ends all tokens of the old one by itself (`CHECK_REVOKE_TOKEN`); `end_all` does when a role or an
account is taken away. The database has the SHA-256 of each token's id, never a token.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import RefreshToken as Jwt
from rest_framework_simplejwt.tokens import Token

from core import audit
from core.models import RefreshToken

GRACE = timedelta(seconds=10)
FAMILY = "family"  # the claim by which access tokens say where they come from

ENDED = "This sign-in was ended: sign in again."
NO_STAFF = "This user may not use the API any more, so all tokens were ended."


def issue(user: User) -> Jwt:
    """Return the first refresh token of a new family; its `access_token` belongs to that family too."""
    return _make(user, uuid4(), uuid4().hex, _whole_seconds(timezone.now()) + Jwt.lifetime)


def exchange(text: str) -> Jwt:
    """Return the next refresh token in place of this one.

    Raises TokenError for what is no refresh token of ours, or has expired, AuthenticationFailed for a user who may
    not sign in any more, and InvalidToken for one that was used or revoked; one that was used ends its family.
    """
    token = Jwt(text)  # type: ignore[arg-type] # it takes the text
    user = _user_of(token)
    if not user.is_staff:
        end_all(user)
        raise InvalidToken(NO_STAFF)
    with transaction.atomic():
        _lock(user)
        row, now = _row(token, user), timezone.now()
        if row.revoked_at is None and row.used_at is None:
            row.used_at = now
            row.save(update_fields=["used_at"])
            return _make(user, row.family, _next_id(token), _whole_seconds(now) + Jwt.lifetime)
        if row.revoked_at is None and row.used_at is not None:
            again = _answered_before(token, row, user) if now - row.used_at <= GRACE else None
            if again is not None:
                return again
            _end(RefreshToken.objects.filter(family=row.family))
            audit.record("token.used_refused", of=("core.refreshtoken", row.family), actor=user, reason="used before")
    raise InvalidToken(ENDED)


def revoke(text: str) -> None:
    """End the family of a refresh token. What is none, is unknown, or has ended is no error (RFC 7009, section 2.2)."""
    try:
        token = Jwt(text)  # type: ignore[arg-type]
        user = _user_of(token)
        with transaction.atomic():
            _lock(user)
            row = _row(token, user)
            if _end(RefreshToken.objects.filter(family=row.family)):
                audit.record("token.revoked", of=("core.refreshtoken", row.family), actor=user)
    except (TokenError, AuthenticationFailed):
        return


def end_all(user: User) -> int:
    """End all families of a user, who loses a role or may not sign in any more; return how many tokens that were."""
    with transaction.atomic():
        _lock(user)
        ended = _end(RefreshToken.objects.filter(user=user))
        if ended:
            audit.record("token.revoked", of=user, all_of_user=True)
    return ended


def purge(now: datetime) -> int:
    """Forget tokens that have expired; return how many."""
    return RefreshToken.objects.filter(expires_at__lt=now).delete()[0]


class JwtAuthentication(JWTAuthentication):
    """Signs in the user of an access token, unless the sign-in that it comes from was ended."""

    def get_user(self, validated_token: Token) -> Any:
        # SimpleJWT's own checks, of a user who is read together with whether the sign-in was ended: one query for both.
        ended = RefreshToken.objects.filter(family=validated_token.get(FAMILY), revoked_at__isnull=False)
        users = User.objects.annotate(signed_out=models.Exists(ended))
        self.user_model = SimpleNamespace(objects=users, DoesNotExist=User.DoesNotExist)  # type: ignore[assignment]
        user: Any = super().get_user(validated_token)
        if user.signed_out:
            raise AuthenticationFailed(ENDED)
        return user


def _user_of(token: Token) -> User:
    """Return the user. Raises AuthenticationFailed for one who is gone or inactive, or has another password by now."""
    return cast(User, JWTAuthentication().get_user(token))


def _make(user: User, family: UUID, token_id: str, expires_at: datetime) -> Jwt:
    token = _jwt(user, family, token_id, expires_at)
    RefreshToken.objects.create(fingerprint=_fingerprint(token), family=family, user=user, expires_at=expires_at)
    return token


def _jwt(user: User, family: UUID, token_id: str, expires_at: datetime) -> Jwt:
    token = Jwt.for_user(user)
    token["jti"], token["exp"], token[FAMILY] = token_id, int(expires_at.timestamp()), str(family)
    return token


def _answered_before(token: Token, row: RefreshToken, user: User) -> Jwt | None:
    """Return what the token was exchanged for; None when that was used or revoked."""
    rows = RefreshToken.objects.filter(used_at__isnull=True, revoked_at__isnull=True)
    following = rows.filter(pk=_digest(_next_id(token))).first()
    return _jwt(user, row.family, _next_id(token), following.expires_at) if following is not None else None


def _row(token: Token, user: User) -> RefreshToken:
    """Return the token's row. One of no family was given out before there were any: it gets a row, and a family.

    Raises InvalidToken for one that says it has a family, and has no row: it was made by somebody else, or the
    database is an older copy.
    """
    if FAMILY in token:
        row = RefreshToken.objects.filter(pk=_fingerprint(token)).first()
        if row is None:
            raise InvalidToken(ENDED)
        return row
    expires_at = datetime.fromtimestamp(token["exp"], UTC)
    new = {"family": uuid4(), "user": user, "expires_at": expires_at}
    return RefreshToken.objects.get_or_create(fingerprint=_fingerprint(token), defaults=new)[0]


def _end(rows: "models.QuerySet[RefreshToken]") -> int:
    return rows.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())


def _lock(user: User) -> None:
    """Let the tokens of a user be exchanged and ended one at a time."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))


def _fingerprint(token: Token) -> str:
    return _digest(str(token["jti"]))


def _digest(token_id: str) -> str:
    return hashlib.sha256(token_id.encode()).hexdigest()


def _next_id(token: Token) -> str:
    """Return the id of the token that this one is exchanged for: always the same, and nobody else can work it out."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"next refresh token", "sha256")
    return hmac.new(key, str(token["jti"]).encode(), "sha256").hexdigest()


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)  # as JWT has them
