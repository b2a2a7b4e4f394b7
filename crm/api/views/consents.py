"""Consents are withdrawn, never deleted."""

from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.rows import one
from core.api.schema import ERRORS, ID, MISSING
from crm import consents
from crm.api import representations, serializers
from crm.models import Consent


class ConsentViewSet(ViewSet):
    """That somebody agreed to be written to."""

    @extend_schema(
        operation_id="withdraw_consent",
        parameters=[ID],
        request=None,
        responses={200: serializers.ConsentAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Note that the person agrees no more. That they did once stays on record."""
        consent = consents.withdraw(one(Consent.objects.all(), pk, "consent"), cast(User, request.user))
        return Response({"success": True, "consent": representations.consent(consent)})
