"""The suppression list: it says whether a value that one has in hand is on it, and nothing more.

Adding is left to whoever stops what is planned for those who come onto it (outreach/api/views/suppressions.py).
"""

from typing import Any, cast

import structlog
from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api import cursors
from core.api.rows import page, refusing
from core.api.schema import ERRORS
from crm import suppression
from crm.api import representations, serializers
from crm.models import Suppression

log = structlog.get_logger(__name__)

SUPPRESSIONS = cursors.Listing("suppressions", {"createdAt": "created_at"}, default="-createdAt")


class SuppressionViewSet(ViewSet):
    """Who is never written to."""

    @extend_schema(
        operation_id="list_suppressions",
        parameters=[serializers.SuppressionQuery],
        responses={200: serializers.SuppressionsAnswer, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List the entries, newest first. Their addresses are not known, only their fingerprints."""
        query = serializers.SuppressionQuery(data=request.query_params).cleaned()
        chosen = {name: query[name] for name in ("kind", "reason") if name in query}
        rows = Suppression.objects.filter(**chosen)
        return Response(page("suppressions", SUPPRESSIONS, rows, query, representations.suppression))

    @extend_schema(
        operation_id="check_suppression",
        request=serializers.ValuesRequest,
        responses={200: serializers.CheckedAnswer, **ERRORS},
    )
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """Say of addresses and domains whether they may not be written to, in the order given."""
        values = _values(request)
        with refusing("invalid_input"):
            asked = {value: _as_address(value) for value in values}
        listed = suppression.suppressed(asked.values())
        results = [{"value": value, "suppressed": asked[value] in listed} for value in values]
        return Response({"success": True, "results": results})

    @extend_schema(
        operation_id="remove_suppressions",
        request=serializers.ValuesRequest,
        responses={200: serializers.Removed, **ERRORS},
    )
    @action(detail=False, methods=["post"])
    def remove(self, request: Request) -> Response:
        """Take addresses and domains off the list: they may be written to again."""
        with refusing("invalid_input"):
            removed = suppression.remove(_values(request), cast(User, request.user))
        log.info("taken off the suppression list", number=removed, by=cast(User, request.user).pk)
        return Response({"success": True, "removed": removed})


def _values(request: Request) -> list[str]:
    query: Any = serializers.ValuesRequest(data=request.data)
    query.is_valid(raise_exception=True)
    values: list[str] = query.validated_data["values"]
    return values


def _as_address(value: str) -> str:
    """Return a value as an address, `@acme.example` for a domain. Raises ValueError for what is neither."""
    suppression.entry(value)
    text = value.strip()
    return text if "@" in text else f"@{text}"
