"""`GET regions`: where a first message may go, under which conditions, and on what law that rests."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.errors import NotFound
from core.api.schema import ERRORS, MISSING
from core.refusals import InputError
from crm import regions
from crm.models import RegionRule
from enrichment.api import representations, serializers
from enrichment.intake import clean_region

CODE = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="ISO 3166-1 alpha-2, such as DE.")


class RegionViewSet(ViewSet):
    """The law's answer by country. Not legal advice."""

    @extend_schema(operation_id="list_regions", responses={200: serializers.RegionListResponse, **ERRORS})
    def list(self, request: Request) -> Response:
        """List the policy of every country we know; ZZ stands for the others."""
        changed = {row.code: row for row in RegionRule.objects.select_related("changed_by")}
        shown = [representations.changed_region(code, changed.get(code)) for code in regions.known()]
        return Response({"success": True, "regions": shown})

    @extend_schema(
        operation_id="get_region", parameters=[CODE], responses={200: serializers.RegionResponse, **ERRORS, **MISSING}
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Explain a country's policy; one that we have not looked at gets the cautious answer for others."""
        try:
            code = "ZZ" if pk.upper() == "ZZ" else clean_region(pk)
        except InputError as error:
            raise NotFound("region") from error
        if code is None:
            raise NotFound("region")
        changed = RegionRule.objects.select_related("changed_by").filter(pk=code).first()
        return Response({"success": True, "region": representations.changed_region(code, changed)})
