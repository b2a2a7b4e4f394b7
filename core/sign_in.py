"""Signing in with a password, slowed down for those who guess: one count for the API's tokens and both sign-in pages.

`TOKEN_ATTEMPTS_RATE` attempts are let through for each client address and user name, whatever comes of them.
"""

import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponseBase
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

MAX_NAME = 150  # of Django's User.username
UNAVAILABLE_SECONDS = 5


def count_attempt(request: HttpRequest, username: object) -> int | None:
    """Count an attempt to sign in; return None when it may be made, else the seconds until it is worth another try.

    `username` is what the client sent, of any type. Raises RedisError when attempts cannot be counted: then nobody
    may try, for a guesser would be free to.
    """
    key = f"{request.META.get('REMOTE_ADDR', '')}:{_folded(username)}"
    usage = get_usage(
        request, group="sign-in", key=lambda _group, _request: key, rate=settings.TOKEN_ATTEMPTS_RATE, increment=True
    )
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else None


def _folded(username: object) -> str:
    """Return the form under which a name is counted: spellings that open one account must not have counts of their own.

    Forms and serializers trim a name and read a number as text; forms take it in NFKC.
    """
    if not isinstance(username, str | int | float):
        return ""
    return unicodedata.normalize("NFKC", str(username).strip()[:MAX_NAME]).casefold()


class _SlowedForm(AuthenticationForm):
    """Checks no password of an attempt that is refused. `refusal` is its status and `Retry-After`, None otherwise."""

    request: HttpRequest
    refusal: tuple[int, int] | None = None

    def clean(self) -> dict[str, Any]:
        try:
            seconds = count_attempt(self.request, self.cleaned_data.get("username"))
        except RedisError as error:
            self.refusal = (503, UNAVAILABLE_SECONDS)
            raise forms.ValidationError(
                "Nobody can sign in at the moment: Redis, which counts the attempts, does not answer. "
                "Try again in a moment."
            ) from error
        if seconds is not None:
            self.refusal = (429, seconds)
            raise forms.ValidationError(
                f"Too many attempts to sign in under this name. Try again in {seconds} "
                f"{'second' if seconds == 1 else 'seconds'}."
            )
        return super().clean()


class SignInForm(_SlowedForm):
    """The form of a page on which any active user may sign in."""


class AdminSignInForm(_SlowedForm, AdminAuthenticationForm):
    """The form of the admin's page: staff only."""


def slowed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give the answers of a sign-in page that has one of these forms the status of the form's refusal."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        refusal = getattr((getattr(response, "context_data", None) or {}).get("form"), "refusal", None)
        if refusal is not None:
            response.status_code, seconds = refusal
            response["Retry-After"] = str(seconds)
        return response

    return page
