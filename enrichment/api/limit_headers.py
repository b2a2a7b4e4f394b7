"""The limits in an answer's headers: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), and
the widespread `X-RateLimit-*`, which know one limit: that of discoveries."""

from collections.abc import Sequence

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from enrichment.limits import Budget

from .serializers import Error

LIMITED = {429: OpenApiResponse(Error, "A limit is used up; `message` says which, and when to come back.")}


ANSWERED = [200, 202, 429]


def _header(name: str, kind: type, description: str, response: list[int]) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=response)


LIMIT_HEADERS = [
    _header("RateLimit-Policy", str, 'Your limits: `"discoveries";q=100;w=86400, …`.', ANSWERED),
    _header("RateLimit", str, 'What is left of them: `"discoveries";r=97;t=3600, …`.', ANSWERED),
    _header("X-RateLimit-Limit", int, "Discoveries in any 24 hours.", ANSWERED),
    _header("X-RateLimit-Remaining", int, "Discoveries left.", ANSWERED),
    _header("X-RateLimit-Reset", int, "Seconds until the next of those used is free again.", ANSWERED),
    _header("Retry-After", int, "Seconds until it is worth another try.", [429]),
]


def limit_headers(budgets: Sequence[Budget]) -> dict[str, str]:
    """Return the headers for a user's limits, discoveries first (limits.budgets)."""
    discoveries = budgets[0]
    return {
        "RateLimit-Policy": ", ".join(_item(budget, "q", budget.limit, "w", budget.window) for budget in budgets),
        "RateLimit": ", ".join(_item(budget, "r", budget.remaining, "t", budget.reset_seconds) for budget in budgets),
        "X-RateLimit-Limit": str(discoveries.limit),
        "X-RateLimit-Remaining": str(discoveries.remaining),
        "X-RateLimit-Reset": str(discoveries.reset_seconds),
    }


def _item(budget: Budget, key: str, value: int, optional: str, seconds: int | None) -> str:
    """Return an item with parameters, as structured fields write it (RFC 9651)."""
    return f'"{budget.name}";{key}={value}' + (f";{optional}={seconds}" if seconds else "")
