"""The header `Idempotency-Key`, for views whose work must not be done twice (enrichment/idempotency.py)."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from enrichment import idempotency

# For `extend_schema(parameters=[...])`: what a client may send, and what it then gets.
IDEMPOTENCY = [
    OpenApiParameter(
        "Idempotency-Key",
        str,
        OpenApiParameter.HEADER,
        description="A text of your own (1 to 255 printable ASCII characters), such as a UUID. A request that repeats "
        "it within 24 hours does nothing again and gets the first one's result.",
    ),
    OpenApiParameter(
        "Idempotency-Replayed",
        str,
        OpenApiParameter.HEADER,
        response=[200, 202],
        description="`true` when the key was used before.",
    ),
]


def once(
    request: Request, operation: str, action: Callable[[], idempotency.Json]
) -> tuple[idempotency.Json, dict[str, str]]:
    """Return what `action` returned, now or for an earlier request with the same key, and the headers to answer with.

    Raises InputError for a key that cannot be used.
    """
    key = request.headers.get("Idempotency-Key")
    result, replayed = idempotency.run(cast(User, request.user), operation, key, request.data, action)
    return result, {"Idempotency-Replayed": "true"} if replayed else {}
