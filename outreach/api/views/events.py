"""Bounces, replies and what else came back; saying what a reply means, and handling what needs a person."""

from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api import cursors
from core.api.rows import filtered, one, page, refusing
from core.api.schema import ERRORS, ID, MISSING
from crm.models import Contact
from outreach import handling
from outreach.api import representations, serializers
from outreach.api.lists import noted
from outreach.models import Event

EVENTS = cursors.Listing("events", {"happenedAt": "happened_at"}, default="-happenedAt")
ANSWER = {200: serializers.EventAnswer, **ERRORS, **MISSING}


class EventViewSet(ViewSet):
    """What came back."""

    @extend_schema(
        operation_id="list_events",
        parameters=[serializers.EventQuery],
        responses={200: serializers.EventsAnswer, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List what came back, newest first."""
        query = serializers.EventQuery(data=request.query_params).cleaned()
        rows = filtered(Event.objects.all(), query, {"contactId": "contact"})
        if "kind" in query:
            rows = rows.filter(kind=query["kind"])
        if query.get("needsHuman"):
            rows = rows.filter(needs_human=True, handled_at__isnull=True)
        return Response(noted("events", page("events", EVENTS, rows, query, representations.event), query))

    @extend_schema(operation_id="get_event", parameters=[ID], responses=ANSWER)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one of them."""
        return _answer(pk)

    @extend_schema(operation_id="handle_event", parameters=[ID], request=serializers.EventRequest, responses=ANSWER)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say whether a reply is positive, and that it is handled."""
        query = serializers.EventRequest(data=request.data)
        query.is_valid(raise_exception=True)
        event, user = one(Event.objects.all(), pk, "event"), cast(User, request.user)
        with refusing("not_possible"):
            if "sentiment" in query.validated_data:
                handling.set_sentiment(event, query.validated_data["sentiment"], user)
            if query.validated_data.get("handled"):
                handling.mark_handled(event, user)
        return _answer(pk)

    @extend_schema(operation_id="assign_event", parameters=[ID], request=serializers.AssignRequest, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Say whose reply it is: their sequence stops."""
        query = serializers.AssignRequest(data=request.data)
        query.is_valid(raise_exception=True)
        event = one(Event.objects.all(), pk, "event")
        contact = one(Contact.objects.all(), str(query.validated_data["contactId"]), "contact")
        with refusing("not_possible"):
            handling.assign(event, contact, cast(User, request.user))
        return _answer(pk)

    @extend_schema(operation_id="continue_after_bounce", parameters=[ID], request=None, responses=ANSWER)
    @action(detail=True, methods=["post"], url_path="continue")
    def go_on(self, request: Request, pk: str) -> Response:
        """After a bounce: begin again with the next address that is known of the person."""
        with refusing("not_possible"):
            handling.continue_with_next(one(Event.objects.all(), pk, "event"), cast(User, request.user))
        return _answer(pk)


def _answer(pk: str) -> Response:
    return Response({"success": True, "event": representations.event(one(Event.objects.all(), pk, "event"))})
