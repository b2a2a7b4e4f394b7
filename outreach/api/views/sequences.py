"""Sequences and the steps of their versions."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.rows import Json, one, refusing
from core.api.schema import ERRORS, ID, MISSING
from core.refusals import InputError
from outreach import enrolments, sequences
from outreach.api import representations, serializers
from outreach.models import Mailbox, Sequence, SequenceVersion

ANSWER = {200: serializers.SequenceAnswer, **ERRORS}


class SequenceViewSet(ViewSet):
    """What is said and when."""

    @extend_schema(operation_id="list_sequences", responses={200: serializers.SequencesAnswer, **ERRORS})
    def list(self, request: Request) -> Response:
        """List the sequences with the steps of their latest version, the oldest first."""
        return Response({"success": True, "sequences": [_shown(row) for row in _rows()]})

    @extend_schema(operation_id="create_sequence", request=serializers.NewSequenceRequest, responses=ANSWER)
    def create(self, request: Request) -> Response:
        """Begin a sequence, without steps and not active yet."""
        query = serializers.NewSequenceRequest(data=request.data)
        query.is_valid(raise_exception=True)
        with refusing("invalid_input"):
            sequence = sequences.create(query.validated_data["name"], cast(User, request.user))
        return _answer(str(sequence.pk))

    @extend_schema(operation_id="get_sequence", parameters=[ID], responses={**ANSWER, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a sequence with the steps of its latest version."""
        return _answer(pk)

    @extend_schema(
        operation_id="edit_sequence",
        parameters=[ID],
        request=serializers.SequenceRequest,
        responses={**ANSWER, **MISSING},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename, activate or pause a sequence; choose its sender and days."""
        sequence = one(Sequence.objects.all(), pk, "sequence")
        query = serializers.SequenceRequest(data=request.data)
        query.is_valid(raise_exception=True)
        _change(sequence, query.validated_data, cast(User, request.user))
        return _answer(pk)

    @extend_schema(
        operation_id="set_steps",
        parameters=[ID],
        request=serializers.StepsRequest,
        responses={**ANSWER, **MISSING},
    )
    @action(detail=True, methods=["put"])
    def steps(self, request: Request, pk: str) -> Response:
        """Set all steps, in order. Whoever is enrolled keeps the steps as they were: a new version begins."""
        sequence = one(Sequence.objects.all(), pk, "sequence")
        query = serializers.StepsRequest(data=request.data)
        query.is_valid(raise_exception=True)
        steps = [
            sequences.StepData(step["channel"], step["delayDays"], step["templateId"])
            for step in query.validated_data["steps"]
        ]
        with refusing("invalid_input"):
            sequences.save_steps(sequence, steps, cast(User, request.user))
        return _answer(pk)


def _rows() -> QuerySet[Sequence]:
    newest = SequenceVersion.objects.order_by("-number").prefetch_related("steps")
    return Sequence.objects.prefetch_related(Prefetch("versions", newest))


def _shown(row: Sequence) -> Json:
    return representations.sequence(row, row.versions.all()[0])


def _answer(pk: str) -> Response:
    return Response({"success": True, "sequence": _shown(one(_rows(), pk, "sequence"))})


def _change(sequence: Sequence, changes: dict[str, Any], user: User) -> None:
    key = changes.get("mailboxId")
    mailbox = Mailbox.objects.filter(pk=key).first() if key else None
    if key and mailbox is None:
        raise InputError("invalid_input", "mailboxId: there is no mailbox with this id.")
    with refusing("invalid_input"), transaction.atomic():
        if "name" in changes:
            sequences.rename(sequence, changes["name"], user)
        if "mailboxId" in changes:
            sequences.set_mailbox(sequence, mailbox, user)
        if "weekdays" in changes:
            sequences.set_weekdays(sequence, changes["weekdays"], user)
        if "active" in changes:
            sequences.activate(sequence, changes["active"], user)
    if "paused" in changes and changes["paused"] != sequence.paused:
        (enrolments.pause_sequence if changes["paused"] else enrolments.resume_sequence)(sequence, user)
