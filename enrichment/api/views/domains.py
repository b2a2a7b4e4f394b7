"""`GET domains/:domain`."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.schema import ERRORS
from core.refusals import InputError
from enrichment.api import domain_facts, serializers
from enrichment.emails.verification import syntax

DOMAIN = OpenApiParameter("domain", OpenApiTypes.STR, OpenApiParameter.PATH, description="Such as acme.example.")


class DomainViewSet(ViewSet):
    """Mail domains."""

    lookup_url_kwarg = "domain"
    lookup_value_regex = "[^/]+"

    @extend_schema(
        operation_id="get_domain", parameters=[DOMAIN], responses={200: serializers.DomainResponse, **ERRORS}
    )
    def retrieve(self, request: Request, domain: str) -> Response:
        """Say what is known of a mail domain. One that is new is looked up in the DNS; no mail server is asked."""
        name = syntax.ascii_domain(domain)
        if name is None:
            raise InputError("invalid_domain", "This is no mail domain: write it like acme.example.")
        return Response({"success": True, "domain": domain_facts.full(name)})
