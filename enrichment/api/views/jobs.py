"""Jobs: how they went."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from enrichment.api import representations, serializers
from enrichment.api.errors import NotFound
from enrichment.models import EnrichmentJob

from .base import ERRORS, ID, MISSING, path_id


class JobViewSet(ViewSet):
    """Look at jobs."""

    @extend_schema(
        operation_id="get_job", parameters=[ID], responses={200: serializers.JobResponse, **ERRORS, **MISSING}
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a job with what it has found so far."""
        job = EnrichmentJob.objects.filter(pk=path_id(pk, "job")).first()
        if job is None:
            raise NotFound("job")
        return Response({"success": True, "job": representations.job(job, representations.job_contacts(job))})
