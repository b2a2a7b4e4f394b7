"""What the views share: the errors they document, and ids in paths."""

import uuid

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from core.ids import parse_id
from enrichment.api import serializers
from enrichment.api.errors import NotFound

ERRORS = {
    400: OpenApiResponse(serializers.Error, "The request is malformed."),
    401: OpenApiResponse(serializers.Error, "No valid token or session."),
    403: OpenApiResponse(serializers.Error, "Not an admin."),
    503: OpenApiResponse(serializers.Error, "The database or Redis does not answer."),
}
ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
MISSING = {404: OpenApiResponse(serializers.Error, "Unknown id.")}


def path_id(text: str, what: str) -> uuid.UUID:
    """Return an id from a path. One of another shape is as unknown as any other: 404."""
    parsed = parse_id(text)
    if parsed is None:
        raise NotFound(what)
    return parsed
