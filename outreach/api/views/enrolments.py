"""Who is in a sequence: enrolling, pausing, resuming and stopping, one by one or all of a person or a company."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api import cursors
from core.api.rows import filtered, one, page, refusing
from core.api.schema import ERRORS, ID, MISSING
from core.refusals import InputError
from crm.models import Contact
from outreach import enrolments
from outreach.api import representations, serializers
from outreach.api.lists import noted
from outreach.models import Enrolment, Message, Sequence

ENROLMENTS = cursors.Listing("enrolments", {"createdAt": "created_at"}, default="-createdAt")
ROWS = Enrolment.objects.select_related("version", "address")
COLUMNS = {"contactId": "contact", "brandId": "contact__brand", "sequenceId": "sequence"}
ANSWER = {200: serializers.EnrolmentAnswer, **ERRORS}
CHANGED = {200: serializers.Changed, **ERRORS}
BY_HAND = "by hand"


class EnrolmentViewSet(ViewSet):
    """Contacts in sequences."""

    @extend_schema(
        operation_id="list_enrolments",
        parameters=[serializers.EnrolmentQuery],
        responses={200: serializers.EnrolmentsAnswer, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List enrolments, newest first."""
        query = serializers.EnrolmentQuery(data=request.query_params).cleaned()
        rows = filtered(ROWS, query, COLUMNS)
        if "state" in query:
            rows = rows.filter(state=query["state"])
        answer = page("enrolments", ENROLMENTS, rows, query, representations.enrolment)
        return Response(noted("enrolments", answer, query))

    @extend_schema(operation_id="enrol", request=serializers.EnrolRequest, responses={**ANSWER, **MISSING})
    def create(self, request: Request) -> Response:
        """Enrol a CRM contact in a sequence, once: who is in it, or was, gets the enrolment as it is."""
        query = serializers.EnrolRequest(data=request.data)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        contact = one(Contact.objects.all(), str(asked["contactId"]), "contact")
        sequence = None
        if "sequenceId" in asked:
            sequence = one(Sequence.objects.all(), str(asked["sequenceId"]), "sequence")
        with refusing("not_possible"), transaction.atomic():
            enrolment = enrolments.enrol(contact, user=cast(User, request.user), sequence=sequence)
        return _answer(str(enrolment.pk))

    @extend_schema(operation_id="get_enrolment", parameters=[ID], responses={**ANSWER, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return an enrolment with its messages, in order."""
        return _answer(pk)

    @extend_schema(operation_id="pause_enrolment", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Let nothing go out until it is resumed."""
        _one_of_them(pk, Enrolment.State.ACTIVE, "pause")
        enrolments.pause(Q(pk=pk), BY_HAND, cast(User, request.user))
        return _answer(pk)

    @extend_schema(operation_id="resume_enrolment", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on; what is overdue goes at the next opening hour."""
        _one_of_them(pk, Enrolment.State.PAUSED, "resume")
        enrolments.resume(Q(pk=pk), cast(User, request.user))
        return _answer(pk)

    @extend_schema(operation_id="stop_enrolment", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """End it: what is planned is cancelled, for good."""
        enrolment = _one_of_them(pk, None, "stop")
        enrolments.stop_these([enrolment.pk], BY_HAND, cast(User, request.user))
        return _answer(pk)

    @extend_schema(operation_id="pause_enrolments", request=serializers.WhichRequest, responses=CHANGED)
    @action(detail=False, methods=["post"], url_path="pause")
    def pause_all(self, request: Request) -> Response:
        """Pause all enrolments of a contact, a brand or a sequence."""
        return _changed(enrolments.pause(_which(request), BY_HAND, cast(User, request.user)))

    @extend_schema(operation_id="resume_enrolments", request=serializers.WhichRequest, responses=CHANGED)
    @action(detail=False, methods=["post"], url_path="resume")
    def resume_all(self, request: Request) -> Response:
        """Resume all enrolments of a contact, a brand or a sequence."""
        return _changed(enrolments.resume(_which(request), cast(User, request.user)))

    @extend_schema(operation_id="stop_enrolments", request=serializers.WhichRequest, responses=CHANGED)
    @action(detail=False, methods=["post"], url_path="stop")
    def stop_all(self, request: Request) -> Response:
        """Stop all enrolments of a contact, a brand or a sequence."""
        return _changed(enrolments.stop_where(_which(request), BY_HAND, cast(User, request.user)))


def _one_of_them(pk: str, state: str | None, what: str) -> Enrolment:
    """Return an enrolment that is open, or in the state given. Raises NotFound, InputError."""
    row = one(Enrolment.objects.all(), pk, "enrolment")
    if row.state not in ([state] if state else Enrolment.OPEN):
        raise InputError("not_possible", f"This enrolment is {row.state}: there is nothing to {what}.")
    return row


def _which(request: Request) -> Q:
    query = serializers.WhichRequest(data=request.data)
    query.is_valid(raise_exception=True)
    [(name, key)] = query.validated_data.items()
    return Q(**{COLUMNS[name]: key})


def _changed(number: int) -> Response:
    return Response({"success": True, "changed": number})


def _answer(pk: str) -> Response:
    messages = Message.objects.select_related("step", "enrolment").order_by("step__position")
    rows: QuerySet[Any] = ROWS.prefetch_related(Prefetch("messages", messages))
    row = one(rows, pk, "enrolment")
    shown = [representations.message(message) for message in row.messages.all()]
    return Response({"success": True, "enrolment": representations.enrolment(row) | {"messages": shown}})
