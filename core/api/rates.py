"""`API_RATE`: how many requests to the API one personal token, or one user by other ways, may make.

It keeps a script gone wild from taking the server for itself, so it is no bound to rely on: without Redis, which
counts, everybody is let through.
"""

import structlog
from django.conf import settings
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import counts
from core.api_tokens import token_of
from core.refusals import Refusal

LIMIT = "requests"

log = structlog.get_logger(__name__)


class TooMany(Refusal):
    """More requests than `API_RATE` lets through: 429, with the time until the next are."""

    status = 429
    limit = LIMIT
    counted = (counts.LIMIT_HIT, LIMIT)

    def __init__(self, most: int, seconds: int) -> None:
        super().__init__(
            "throttled",
            f"More than {most} requests came at once. Try again in {seconds} second{'' if seconds == 1 else 's'}.",
        )
        self.headers = {
            "Retry-After": str(seconds),
            "RateLimit-Policy": f'"{LIMIT}";q={most}',
            "RateLimit": f'"{LIMIT}";r=0;t={seconds}',
        }


class ApiRate(BaseThrottle):
    """Counts a request; those that nobody is signed in with have limits of their own (core/sign_in.py)."""

    def allow_request(self, request: Request, view: object) -> bool:
        """Return True. Raises TooMany."""
        if not settings.API_RATE or not request.user.is_authenticated:
            return True
        token = token_of(request)
        who = f"token:{token.pk}" if token is not None else f"user:{request.user.pk}"
        try:
            usage = get_usage(
                request._request, group="api", key=lambda _group, _request: who, rate=settings.API_RATE, increment=True
            )
        except RedisError as error:
            log.warning("requests are not counted", error=type(error).__name__)
            return True
        if usage and usage["should_limit"]:
            raise TooMany(usage["limit"], max(1, usage["time_left"]))
        return True
