"""Jobs: how they went and what came of them, a new round for failed ones, an end to those under way."""

from typing import cast

from django.contrib.auth.models import User
from django.core.cache import cache
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.errors import NotFound
from core.api.queries import PageQuery
from core.api.schema import ERRORS, ID, MISSING, path_id
from enrichment import disclosure, jobs
from enrichment.api import job_list, job_results, queries, representations, serializers
from enrichment.api.limit_headers import LIMITED
from enrichment.models import EnrichmentJob


class JobViewSet(ViewSet):
    """Look at jobs, retry and cancel them."""

    @extend_schema(
        operation_id="list_jobs",
        parameters=[queries.JobListQuery],
        responses={200: serializers.JobListResponse, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List jobs, newest first, without their contacts."""
        return Response(job_list.page(queries.JobListQuery(data=request.query_params).cleaned()))

    @extend_schema(
        operation_id="get_job", parameters=[ID], responses={200: serializers.JobResponse, **ERRORS, **MISSING}
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a job with what it has found so far."""
        job = EnrichmentJob.objects.filter(pk=path_id(pk, "job")).first()
        if job is None:
            raise NotFound("job")
        return Response({"success": True, "job": _with_contacts(job)})

    @extend_schema(
        operation_id="list_job_results",
        parameters=[ID, PageQuery],
        responses={200: serializers.JobResultsResponse, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["get"])
    def results(self, request: Request, pk: str) -> Response:
        """List what came of each address or contact of an e-mail enrichment, in the order given."""
        key = path_id(pk, "job")
        query = PageQuery(data=request.query_params).cleaned()
        if not EnrichmentJob.objects.filter(pk=key).exists():
            raise NotFound("job")
        return Response(job_results.page(key, query))

    @extend_schema(
        operation_id="retry_job",
        request=None,
        parameters=[ID],
        responses={200: serializers.JobRetryResponse, **ERRORS, **MISSING, **LIMITED},
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Start a new round of attempts for a failed job."""
        cache.get("retry")  # without Redis nobody would hear of the job: 503, and nothing changed
        try:
            job = jobs.retry(path_id(pk, "job"), cast(User, request.user))
        except EnrichmentJob.DoesNotExist as error:
            raise NotFound("job") from error
        body = {
            "jobId": str(job.pk),
            "retryAttempt": job.retry_count + 1,
            "maxRetries": job.max_retries,
            "status": job.status,
        }
        return Response({"success": True, "job": body})

    @extend_schema(
        operation_id="cancel_job",
        request=None,
        parameters=[ID],
        responses={200: serializers.JobCancelResponse, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel a job that has not ended. What it found before stays."""
        try:
            job = jobs.cancel(path_id(pk, "job"))
        except EnrichmentJob.DoesNotExist as error:
            raise NotFound("job") from error
        return Response({"success": True, "job": _with_contacts(job), "message": "Job cancelled"})


def _with_contacts(job: EnrichmentJob) -> representations.Json:
    """Return a job with the contacts that it found, whom somebody sees with this."""
    found = list(representations.job_contacts(job))
    if found:
        disclosure.listed(found, job=job.pk)
    return representations.job(job, found)
