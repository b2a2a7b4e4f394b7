"""Adding to the suppression list: what is planned for those who come onto it stops."""

from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.rows import refusing
from core.api.schema import ERRORS
from crm import suppression
from crm.api.serializers import SuppressRequest
from crm.api.views import SuppressionViewSet as ListedViewSet
from outreach import enrolments
from outreach.api import serializers


class SuppressionViewSet(ListedViewSet):
    """Who is never written to."""

    @extend_schema(
        operation_id="suppress", request=SuppressRequest, responses={200: serializers.SuppressedAnswer, **ERRORS}
    )
    def create(self, request: Request) -> Response:
        """Put addresses and domains on the list; one that is there keeps its reason. Open enrolments stop."""
        query = SuppressRequest(data=request.data)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        with refusing("invalid_input"):
            added = suppression.add(asked["values"], asked["reason"], cast(User, request.user))
        stopped = enrolments.stop_suppressed()
        return Response({"success": True, "added": added.added, "known": added.known, "stopped": stopped})
