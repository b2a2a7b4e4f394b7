"""`POST discover`."""

from typing import cast

from django.contrib.auth.models import User
from django.core.cache import cache
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from enrichment import jobs
from enrichment.api import representations, serializers
from enrichment.api.waiting import preferred_wait, wait_for
from enrichment.models import EnrichmentJob

from .base import ERRORS

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
