"""What the endpoints of every app document alike: errors, ids in paths, and a page's place in its list."""

import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from core.ids import parse_id

from .errors import NotFound

# A list action answers with one object, not with an array of them.
whole = extend_schema_serializer(many=False)


class Error(serializers.Serializer[Any]):
    error = serializers.CharField(help_text="A code, or the specification's sentence.")
    message = serializers.CharField(help_text="What to do.")
    limit = serializers.CharField(required=False, help_text="With 429: which limit is used up.")


class Pagination(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="With a cursor: as counted for the first page.")
    limit = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="Rows before this page.")
    nextCursor = serializers.CharField(allow_null=True, help_text="Give it back as `cursor`; null: the last page.")


ERRORS = {
    400: OpenApiResponse(Error, "The request is malformed."),
    401: OpenApiResponse(Error, "No valid token or session."),
    403: OpenApiResponse(Error, "Not an admin."),
    429: OpenApiResponse(Error, "Too many requests; `Retry-After` says when to come back."),
    503: OpenApiResponse(Error, "The database or Redis does not answer."),
}
ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
MISSING = {404: OpenApiResponse(Error, "Unknown id.")}


def path_id(text: str, what: str) -> uuid.UUID:
    """Return an id from a path. One of another shape is as unknown as any other: 404."""
    parsed = parse_id(text)
    if parsed is None:
        raise NotFound(what)
    return parsed
