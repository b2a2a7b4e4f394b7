"""`POST discover`."""

from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.errors import NotFound
from core.api.schema import ERRORS
from core.api_tokens import token_of
from enrichment import disclosure, jobs, limits
from enrichment.api import representations, serializers
from enrichment.api.limit_headers import LIMIT_HEADERS, LIMITED
from enrichment.api.once import IDEMPOTENCY, once
from enrichment.api.waiting import preferred_wait, wait_for
from enrichment.idempotency import Json
from enrichment.models import EnrichmentJob

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
        parameters=[PREFER, *IDEMPOTENCY, *LIMIT_HEADERS],
        responses={200: serializers.DiscoverResponse, **ERRORS, **LIMITED},
    )
    def create(self, request: Request) -> Response:
        """Start finding a brand's decision-makers. Answers at once, unless `Prefer: wait=N` asks otherwise."""
        wanted, user = serializers.DiscoverRequest(data=request.data).cleaned(), cast(User, request.user)
        new: list[EnrichmentJob] = []
        token = token_of(request)

        def start() -> Json:
            new.append(jobs.create(wanted, user, token=token))
            return {"jobId": str(new[0].pk)}

        result, headers = once(request, "discover", start)
        job = new[0] if new else EnrichmentJob.objects.filter(pk=result["jobId"]).first()
        seconds = preferred_wait(request.headers.get("Prefer", ""))
        if job is not None and seconds is not None and wait_for(job.pk, seconds):
            job = EnrichmentJob.objects.filter(pk=job.pk).first()
            headers["Preference-Applied"] = f"wait={seconds}"
        if job is None:
            raise NotFound("job")
        found = list(representations.job_contacts(job))
        if found:
            disclosure.listed(found, job=job.pk)
        body = representations.job(job, found)
        message = f"Discovery started for {job.brand_name}. {job.contacts_discovered} contacts found."
        headers |= limits.headers(limits.budgets(user, token))
        return Response({"success": True, "job": body, "message": message}, headers=headers)
