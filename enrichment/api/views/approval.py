"""`POST approve`: reviewed contacts into the CRM and the first sequence."""

import uuid
from collections.abc import Sequence
from typing import cast

import structlog
from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.errors import NotFound
from core.api.schema import ERRORS, MISSING
from core.ids import parse_id
from core.refusals import InputError
from enrichment import approval
from enrichment.api import representations, serializers
from enrichment.api.once import IDEMPOTENCY, once
from enrichment.idempotency import Json
from enrichment.models import EnrichmentJob
from outreach.enrolments import NoSequence

log = structlog.get_logger(__name__)


class ApprovalViewSet(ViewSet):
    """Approve contacts for outreach."""

    serializer_class = serializers.ApproveRequest

    @extend_schema(
        operation_id="approve",
        request=serializers.ApproveRequest,
        parameters=IDEMPOTENCY,
        responses={200: serializers.ApproveResponse, **ERRORS, **MISSING},
    )
    def create(self, request: Request) -> Response:
        """Approve contacts of a job: CRM contact, all addresses, enrolment. Safe to repeat."""
        query = serializers.ApproveRequest(data=request.data)
        query.is_valid(raise_exception=True)
        job_id = parse_id(query.validated_data["jobId"])
        if job_id is None:
            raise NotFound("job")
        contact_ids, user = query.validated_data["contactIds"], cast(User, request.user)
        result, headers = once(request, "approve", lambda: _approve(job_id, contact_ids, user))
        return Response({"success": True, "result": result}, headers=headers)


def _approve(job_id: uuid.UUID, contact_ids: Sequence[str], user: User) -> Json:
    try:
        result = approval.approve(contact_ids, user=user, job_id=job_id)
    except EnrichmentJob.DoesNotExist as error:
        raise NotFound("job") from error
    except NoSequence as error:
        raise InputError("no_sequence", str(error)) from error
    if result.nothing_found:
        raise NotFound("contact")
    log.info("contacts approved", approved=len(result.approved), skipped=len(result.skipped))
    return representations.approval(job_id, result)
