"""Contacts: the people found."""

import structlog
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.ids import parse_id
from enrichment import store
from enrichment.api import representations, serializers
from enrichment.api.errors import NotFound
from enrichment.models import EnrichedContact

from .base import ERRORS, ID, MISSING, path_id

log = structlog.get_logger(__name__)


class ContactViewSet(ViewSet):
    """The people found."""

    @extend_schema(
        operation_id="list_contacts",
        parameters=[serializers.ListQuery],
        responses={200: serializers.ContactListResponse, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List contacts, newest first."""
        query = serializers.ListQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        limit, offset = query.validated_data["limit"], query.validated_data["offset"]
        contacts = _of_brand(query.validated_data.get("brandId"))
        rows = contacts.prefetch_related("emails").order_by("-created_at", "-pk")[offset : offset + limit]
        return Response(
            {
                "success": True,
                "contacts": [representations.contact_summary(contact) for contact in rows],
                "pagination": {"total": contacts.count(), "limit": limit, "offset": offset},
            }
        )

    @extend_schema(
        operation_id="get_contact", parameters=[ID], responses={200: serializers.ContactResponse, **ERRORS, **MISSING}
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a contact with its evidence, addresses and activity."""
        contact = EnrichedContact.objects.filter(pk=path_id(pk, "contact")).prefetch_related("emails").first()
        if contact is None:
            raise NotFound("contact")
        return Response({"success": True, "contact": representations.contact_detail(contact)})

    @extend_schema(
        operation_id="delete_contact", parameters=[ID], responses={200: serializers.Deleted, **ERRORS, **MISSING}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a contact with its addresses and evidence."""
        if not store.delete(path_id(pk, "contact")):
            raise NotFound("contact")
        log.info("contact deleted", contact=pk, by=request.user.pk)
        return Response({"success": True, "message": "Contact deleted"})


def _of_brand(brand_id: str | None) -> QuerySet[EnrichedContact]:
    """Return the contacts of a brand; none for an id that no brand has."""
    if brand_id is None:
        return EnrichedContact.objects.all()
    return (
        EnrichedContact.objects.filter(linked_brand_id=parsed)
        if (parsed := parse_id(brand_id))
        else EnrichedContact.objects.none()
    )
