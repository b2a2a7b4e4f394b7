"""The endpoints: parse, call one function, answer. Errors take their shape in errors.py."""

import uuid
from typing import cast

import structlog
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.ids import parse_id
from enrichment import jobs, store
from enrichment.models import EnrichedContact, EnrichmentJob

from . import representations, serializers
from .errors import NotFound
from .waiting import preferred_wait, wait_for

log = structlog.get_logger(__name__)

ERRORS = {
    400: OpenApiResponse(serializers.Error, "The request is malformed."),
    401: OpenApiResponse(serializers.Error, "No valid token or session."),
    403: OpenApiResponse(serializers.Error, "Not an admin."),
    503: OpenApiResponse(serializers.Error, "The database or Redis does not answer."),
}
ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
MISSING = {404: OpenApiResponse(serializers.Error, "Unknown id.")}
PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="`wait=N`: answer when the job has ended, or after N seconds (<= 60).",
)


class DiscoveryViewSet(ViewSet):
    """Start a discovery."""

    serializer_class = serializers.DiscoverRequest

    @extend_schema(
        operation_id="discover",
        request=serializers.DiscoverRequest,
        parameters=[PREFER],
        responses={200: serializers.DiscoverResponse, **ERRORS},
    )
    def create(self, request: Request) -> Response:
        """Start finding a brand's decision-makers. Answers at once, unless `Prefer: wait=N` asks otherwise."""
        wanted = serializers.DiscoverRequest(data=request.data).cleaned()
        cache.get("discover")  # without Redis nobody would hear of the job: 503, and nothing written
        job = jobs.create(wanted, cast(User, request.user))
        headers = {}
        seconds = preferred_wait(request.headers.get("Prefer", ""))
        if seconds is not None and wait_for(job.pk, seconds):
            job = EnrichmentJob.objects.get(pk=job.pk)
            headers["Preference-Applied"] = f"wait={seconds}"
        body = representations.job(job, representations.job_contacts(job))
        message = f"Discovery started for {job.brand_name}. {job.contacts_discovered} contacts found."
        return Response({"success": True, "job": body, "message": message}, headers=headers)


class JobViewSet(ViewSet):
    """Look at jobs."""

    @extend_schema(
        operation_id="get_job", parameters=[ID], responses={200: serializers.JobResponse, **ERRORS, **MISSING}
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a job with what it has found so far."""
        job = EnrichmentJob.objects.filter(pk=_id(pk, "job")).first()
        if job is None:
            raise NotFound("job")
        return Response({"success": True, "job": representations.job(job, representations.job_contacts(job))})


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
        contact = EnrichedContact.objects.filter(pk=_id(pk, "contact")).prefetch_related("emails").first()
        if contact is None:
            raise NotFound("contact")
        return Response({"success": True, "contact": representations.contact_detail(contact)})

    @extend_schema(
        operation_id="delete_contact", parameters=[ID], responses={200: serializers.Deleted, **ERRORS, **MISSING}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a contact with its addresses and evidence."""
        if not store.delete(_id(pk, "contact")):
            raise NotFound("contact")
        log.info("contact deleted", contact=pk, by=request.user.pk)
        return Response({"success": True, "message": "Contact deleted"})


def _id(text: str, what: str) -> uuid.UUID:
    """Return an id from a path. One of another shape is as unknown as any other: 404."""
    parsed = parse_id(text)
    if parsed is None:
        raise NotFound(what)
    return parsed


def _of_brand(brand_id: str | None) -> QuerySet[EnrichedContact]:
    """Return the contacts of a brand; none for an id that no brand has."""
    if brand_id is None:
        return EnrichedContact.objects.all()
    return (
        EnrichedContact.objects.filter(linked_brand_id=parsed)
        if (parsed := parse_id(brand_id))
        else EnrichedContact.objects.none()
    )
