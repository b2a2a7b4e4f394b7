"""What is documented of the limits in an answer's headers (limits.headers)."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from core.api.schema import Error

LIMITED = {429: OpenApiResponse(Error, "A limit is used up; `limit` says which, `Retry-After` when to come back.")}
ANSWERED = [200, 202, 429]


def _header(name: str, kind: type, description: str, response: list[int]) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=response)


LIMIT_HEADERS = [
    _header("RateLimit-Policy", str, 'Your limits, and the token\'s: `"discoveries";q=100;w=86400, …`.', ANSWERED),
    _header("RateLimit", str, 'What is left of them: `"discoveries";r=97;t=3600, …`.', ANSWERED),
    _header("X-RateLimit-Limit", int, "Discoveries in any 24 hours, yours or the token's.", ANSWERED),
    _header("X-RateLimit-Remaining", int, "Discoveries left.", ANSWERED),
    _header("X-RateLimit-Reset", int, "Seconds until the next of those used is free again.", ANSWERED),
    _header("Retry-After", int, "Seconds until it is worth another try.", [429]),
]
