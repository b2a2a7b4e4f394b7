"""`GET stats`."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.schema import ERRORS
from enrichment import statistics
from enrichment.api import representations, serializers


class StatsViewSet(ViewSet):
    """Figures of the whole."""

    @extend_schema(operation_id="stats", responses={200: serializers.StatsResponse, **ERRORS})
    def list(self, request: Request) -> Response:
        """Count contacts, addresses and jobs. A contact is verified when one of its addresses has proof."""
        stats = {
            "contacts": representations.share(statistics.contacts()),
            "emails": representations.share(statistics.addresses()),
            "jobs": statistics.jobs(),
        }
        return Response({"success": True, "stats": stats})
