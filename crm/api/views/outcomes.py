"""What came of messages, in figures."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.schema import ERRORS
from crm import outcomes
from crm.api import serializers


class OutcomeViewSet(ViewSet):
    """Outcomes of messages to addresses."""

    @extend_schema(operation_id="get_outcomes", responses={200: serializers.OutcomesAnswer, **ERRORS})
    def list(self, request: Request) -> Response:
        """Count the outcomes that are known, by kind."""
        return Response({"success": True, "outcomes": outcomes.counts()})
