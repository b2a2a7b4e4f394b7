"""Checking passwords and codes, slowed down for those who guess: one count for the page and for the API's tokens.

`TOKEN_ATTEMPTS_RATE` attempts are let through for each client address and user name, whatever comes of them. After
`AXES_FAILURE_LIMIT` failures in a row the name is locked for that address (django-axes, which also keeps the record
of who signed in, failed to, and signed out).
"""

import unicodedata
from datetime import datetime
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User, update_last_login
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_otp.models import Device
from django_ratelimit.core import get_usage

from core import audit, counts, second_factor
from core.encryption import blind_index
from core.refusals import Refusal

MAX_NAME = 150  # of Django's User.username
MINUTE = 60


class Refused(Refusal):
    """No attempt is let through now: 429, with `Retry-After`. `seconds` says when it is worth another try."""

    status = 429
    limit = "sign_in"
    counted = (counts.LIMIT_HIT, "sign_in")

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__("throttled", f"{sentence} Try again in {_in_words(seconds)}.")
        self.seconds = seconds
        self.headers = {"Retry-After": str(seconds)}


def authenticated(request: HttpRequest, username: str, password: str) -> User | None:
    """Return the active user with this name and password, None where there is none.

    Raises Refused without looking at the password when attempts are not let through, and after the failure that
    locks the name. Raises RedisError when attempts cannot be counted: then nobody may try, for a guesser would be
    free to.
    """
    let_through(request, username)
    user = authenticate(request, username=username, password=password)
    if user is None:
        _failed(request, username, "password")
    return user


def verified(request: HttpRequest, user: User, code: str) -> Device | None:
    """Return the device of a user's that gives this code, None where the code is wrong, which counts as a failure.

    Whoever calls this has had the attempt let through. Raises Refused after the failure that locks the name, and
    while the device takes no codes after wrong ones.
    """
    username = user.get_username()
    if seconds := second_factor.wait(user):
        raise Refused("The last codes were wrong.", seconds)
    device = second_factor.match(user, code)
    if device is None:
        user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)
        _failed(request, username, "code")
    return device


def note_token(request: HttpRequest, user: User) -> None:
    """Record that a user was given API tokens, as a sign-in is recorded that makes a session."""
    audit.record("sign_in.succeeded", of=user, actor=user, by="token")
    bare = HttpRequest()  # axes would make a session for the request itself
    bare.META = request.META
    AxesProxyHandler.update_request(bare)
    AxesProxyHandler.user_logged_in(sender=User, request=bare, user=user)
    update_last_login(User, user)


def let_through(request: HttpRequest, username: object) -> None:
    """Count an attempt; raise Refused when it may not be made."""
    slowed = count_attempt(request, username) or 0
    locked = locked_for(request, username)
    if locked and locked >= slowed:
        raise Refused(_LOCKED, locked)
    if slowed:
        raise Refused("Too many attempts to sign in under this name.", slowed)


_LOCKED = "Too many attempts to sign in under this name have failed: it is locked for your address."


def _failed(request: HttpRequest, username: object, what: str) -> None:
    """Write a failure to the audit trail; raise Refused where it was the one that locks the name.

    What was typed as a name may be a password or an address: the trail has it where it is the name of a user.
    """
    user = User.objects.filter(username=username).first()
    audit.record("sign_in.failed", of=user, actor=user, wrong=what, known=user is not None)
    if seconds := locked_for(request, username):
        audit.record("sign_in.locked", of=user, actor=user, seconds=seconds, known=user is not None)
        raise Refused(_LOCKED, seconds)


def count_attempt(request: HttpRequest, username: object, group: str = "sign-in") -> int | None:
    """Count an attempt to sign in; return None when it may be made, else the seconds until it is worth another try.

    `username` is what the client sent, of any type. Raises RedisError when attempts cannot be counted.
    """
    key = f"{request.META.get('REMOTE_ADDR', '')}:{folded(username)}"
    usage = get_usage(
        request, group=group, key=lambda _group, _request: key, rate=settings.TOKEN_ATTEMPTS_RATE, increment=True
    )
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else None


def locked_for(request: HttpRequest, username: object) -> int:
    """Return for how many more seconds, at most, a name is locked for this client; 0 when it is not."""
    if not settings.AXES_LOCK_OUT_AT_FAILURE:
        return 0
    now = timezone.now()
    attempts = AccessAttempt.objects.filter(
        username=folded(username),
        ip_address=request.META.get("REMOTE_ADDR"),
        attempt_time__gte=now - settings.AXES_COOLOFF_TIME,
    ).aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    if (attempts["failures"] or 0) < settings.AXES_FAILURE_LIMIT:
        return 0
    ends: datetime = attempts["last"] + settings.AXES_COOLOFF_TIME
    return max(1, round((ends - now).total_seconds()))


def folded(username: object) -> str:
    """Return the form under which a name is counted: spellings that open one account must not have counts of their own.

    Forms and serializers trim a name and read a number as text; forms take it in NFKC. An address that is no user's
    name is somebody's whom the record need not tell of: its fingerprint stands for it.
    """
    if not isinstance(username, str | int | float):
        return ""
    text = str(username).strip()[:MAX_NAME].replace("\0", "")
    name = unicodedata.normalize("NFKC", text).casefold()[:MAX_NAME]
    if "@" in name and not User.objects.filter(username__iexact=name).exists():
        return f"address {blind_index(name)[:12]}…"
    return name


def name_to_count(_request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the name under which axes counts (`AXES_USERNAME_CALLABLE`)."""
    return folded((credentials or {}).get("username"))


def as_answered(_request: HttpRequest, response: HttpResponse, _credentials: object) -> HttpResponse:
    """Leave the answer to a locked client as it is (`AXES_LOCKOUT_CALLABLE`): whoever raised Refused has made it."""
    return response


def _in_words(seconds: int) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"{-(-seconds // MINUTE)} minutes"
