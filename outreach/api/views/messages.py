"""The outbox and what was sent: why a message is held, releasing it, and settling what perhaps went out."""

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
from outreach import enrolments, sending
from outreach.api import representations, serializers
from outreach.api.lists import noted
from outreach.models import Message

MESSAGES = cursors.Listing("outreach messages", {"dueAt": "due_at"}, default="dueAt")
ROWS = Message.objects.select_related("step", "enrolment")
COLUMNS = {"contactId": "enrolment__contact", "enrolmentId": "enrolment"}
ANSWER = {200: serializers.MessageAnswer, **ERRORS, **MISSING}


class MessageViewSet(ViewSet):
    """Messages, planned and sent."""

    @extend_schema(
        operation_id="list_outreach_messages",
        parameters=[serializers.MessageQuery],
        responses={200: serializers.MessagesAnswer, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List messages by the moment they are planned for."""
        query = serializers.MessageQuery(data=request.query_params).cleaned()
        rows = filtered(ROWS, query, COLUMNS)
        if "state" in query:
            rows = rows.filter(state=query["state"])
        if "channel" in query:
            rows = rows.filter(step__channel=query["channel"])
        if "dueBefore" in query:
            rows = rows.filter(due_at__lt=query["dueBefore"])
        return Response(noted("messages", page("messages", MESSAGES, rows, query, representations.message), query))

    @extend_schema(operation_id="get_outreach_message", parameters=[ID], responses=ANSWER)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a message with its receipt, and its text if it went out."""
        return _answer(pk)

    @extend_schema(operation_id="release_message", parameters=[ID], request=None, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Decide that a held message may go. One that is blocked may not."""
        with refusing("not_possible"):
            enrolments.release(one(ROWS, pk, "message"), cast(User, request.user))
        return _answer(pk)

    @extend_schema(operation_id="cancel_message", parameters=[ID], request=None, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Leave one message out; the following ones go on."""
        with refusing("not_possible"):
            enrolments.cancel(one(ROWS, pk, "message"), cast(User, request.user))
        return _answer(pk)

    @extend_schema(operation_id="settle_message", parameters=[ID], request=serializers.SettleRequest, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Say whether a message of which that is unknown went out. It is not sent again either way."""
        query = serializers.SettleRequest(data=request.data)
        query.is_valid(raise_exception=True)
        with refusing("not_possible"):
            sending.settle_unknown(one(ROWS, pk, "message"), query.validated_data["wasSent"], cast(User, request.user))
        return _answer(pk)


def _answer(pk: str) -> Response:
    return Response({"success": True, "message": representations.message(one(ROWS, pk, "message"))})
