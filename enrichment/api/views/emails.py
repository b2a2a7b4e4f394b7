"""`POST email-finder` and `POST email-verifier`."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from django.contrib.auth.models import User
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core import audit
from core.api.errors import NotFound
from core.api.schema import ERRORS
from core.api_tokens import token_of
from core.fields import normalise_email
from core.ids import parse_id
from core.refusals import InputError
from enrichment import jobs, limits, verdict_json, verifying
from enrichment.api import domain_facts, finding, representations, serializers
from enrichment.api.limit_headers import LIMIT_HEADERS, LIMITED
from enrichment.api.means import SECONDS, place_for
from enrichment.api.once import IDEMPOTENCY, once
from enrichment.api.serializers.email_bodies import ToVerify
from enrichment.idempotency import Json
from enrichment.models import EnrichmentJob

# Beyond these an answer would take too long for a request: the addresses become a job.
MOST_AT_ONCE = 1000
MOST_ASKED_OF_SERVERS = 25  # which may take seconds for each
MOST_ASKED_OF_PROVIDERS = 5  # one after the other, and one that asks mail servers itself is as slow as they are


class EmailFinderViewSet(ViewSet):
    """Work out a person's address."""

    serializer_class = serializers.FinderRequest

    @extend_schema(
        operation_id="find_email",
        request=serializers.FinderRequest,
        parameters=LIMIT_HEADERS,
        responses={200: serializers.FinderResponse, **ERRORS, **LIMITED},
    )
    def create(self, request: Request) -> Response:
        """Work out the addresses that a person may have at a domain. Nothing is stored of the person."""
        wanted, user = serializers.FinderRequest(data=request.data).cleaned(), cast(User, request.user)
        token = token_of(request)
        with place_for(wanted.means):
            limits.spend_addresses(user, 1, token)
            found = finding.find(wanted)
        audit.record("addresses.looked_up", by="name", count=len(found.candidates))
        body = {
            "success": True,
            "email": found.best,
            "candidates": [representations.email_candidate(candidate) for candidate in found.candidates],
            "suppressed": found.suppressed,
            "diagnostics": [asdict(diagnostic) for diagnostic in found.diagnostics],
            "domain": domain_facts.short(wanted.domain),
        }
        return Response(body, headers=limits.headers(limits.budgets(user, token)))


class EmailVerifierViewSet(ViewSet):
    """Verify addresses."""

    serializer_class = serializers.VerifierRequest

    @extend_schema(
        operation_id="verify_emails",
        request=serializers.VerifierRequest,
        parameters=[*IDEMPOTENCY, *LIMIT_HEADERS],
        responses={
            200: serializers.VerifierResponse,
            202: OpenApiResponse(serializers.JobAcceptedResponse, "A job does it: see GET jobs/:id/results."),
            **ERRORS,
            **LIMITED,
        },
    )
    def create(self, request: Request) -> Response:
        """Verify addresses at once, or in a job when they are many, when it is asked for, and those of contacts."""
        wanted, user = serializers.VerifierRequest(data=request.data).cleaned(), cast(User, request.user)
        if _needs_job(wanted):
            return _start(request, wanted, user)
        token = token_of(request)
        with place_for(wanted.means):
            limits.spend_addresses(user, len(set(map(normalise_email, wanted.addresses))), token)
            verdicts, now = verifying.verify(wanted.addresses, wanted.means, seconds=SECONDS), timezone.now()
        audit.record("addresses.looked_up", by="address", count=len(verdicts))
        results = [verdict_json.as_json(verdict, now) for verdict in verdicts]
        body = {"result": results[0]} if wanted.single else {"results": results}
        return Response({"success": True, **body}, headers=limits.headers(limits.budgets(user, token)))


def _needs_job(wanted: ToVerify) -> bool:
    most = MOST_ASKED_OF_SERVERS if wanted.means.smtp else MOST_AT_ONCE
    if wanted.means.providers:
        most = MOST_ASKED_OF_PROVIDERS
    return wanted.as_job or bool(wanted.contact_ids) or len(wanted.addresses) > most


def _start(request: Request, wanted: ToVerify, user: User) -> Response:
    """Start a job, once for an Idempotency-Key, and answer with it."""

    token = token_of(request)

    def start() -> Json:
        job = jobs.create_email_enrichment(
            user,
            addresses=wanted.addresses,
            contact_ids=_ids(wanted.contact_ids),
            smtp=wanted.means.smtp,
            providers=wanted.means.providers,
            fresh=wanted.means.fresh,
            token=token,
        )
        return {"jobId": str(job.pk)}

    result, headers = once(request, "email-verifier", start)
    job = EnrichmentJob.objects.filter(pk=result["jobId"]).first()
    if job is None:
        raise NotFound("job")
    things = "contacts" if wanted.contact_ids else "addresses"
    message = f"Verification of {job.items_total} {things} started. GET jobs/:id/results has what came of each."
    body = {"success": True, "job": representations.job_summary(job), "message": message}
    return Response(body, status.HTTP_202_ACCEPTED, headers=headers | limits.headers(limits.budgets(user, token)))


def _ids(texts: Iterable[str]) -> list[uuid.UUID]:
    """Return ids as they are. Raises InputError for one of another shape, which no contact has."""
    parsed = [(text, parse_id(text)) for text in texts]
    if missing := sum(key is None for _, key in parsed):
        raise InputError("unknown_contact", f"Contacts that do not exist: {missing} of {len(parsed)}.")
    return [key for _, key in parsed if key is not None]
