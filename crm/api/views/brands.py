"""Brands: the companies that we look at or write to."""

from typing import cast

from django.contrib.auth.models import User
from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api import cursors
from core.api.rows import one, page, refusing
from core.api.schema import ERRORS, ID, MISSING
from crm import by_hand
from crm.api import representations, serializers
from crm.brands import name_key
from crm.models import Brand

BRANDS = cursors.Listing("brands", {"name": "name", "createdAt": "created_at"}, default="name")
ROWS = Brand.objects.defer("facts")
COLUMNS = {
    "name": "name",
    "website": "website",
    "linkedInCompanyUrl": "linkedin_company_url",
    "region": "region_code",
}
ANSWER = {200: serializers.BrandAnswer, **ERRORS, **MISSING}


class BrandViewSet(ViewSet):
    """Companies."""

    @extend_schema(
        operation_id="list_brands",
        parameters=[serializers.BrandQuery],
        responses={200: serializers.BrandsAnswer, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List brands, by name unless asked otherwise."""
        query = serializers.BrandQuery(data=request.query_params).cleaned()
        rows = ROWS
        for word in query.get("search", "").split():
            names = Q(name__icontains=word) | Q(domain__icontains=word)
            if folded := name_key(word):
                names |= Q(name_key__contains=folded)
            rows = rows.filter(names)
        return Response(page("brands", BRANDS, rows, query, representations.brand))

    @extend_schema(operation_id="get_brand", parameters=[ID], responses=ANSWER)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a brand."""
        return _answer(one(ROWS, pk, "brand"))

    @extend_schema(operation_id="edit_brand", parameters=[ID], request=serializers.BrandRequest, responses=ANSWER)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a brand."""
        brand = one(ROWS, pk, "brand")
        query = serializers.BrandRequest(data=request.data)
        query.is_valid(raise_exception=True)
        with refusing("invalid_input"):
            changes = {COLUMNS[name]: value for name, value in query.validated_data.items()}
            by_hand.edit_brand(brand, changes, cast(User, request.user))
        return _answer(brand)


def _answer(brand: Brand) -> Response:
    return Response({"success": True, "brand": representations.brand(brand)})
