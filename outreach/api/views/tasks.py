"""Steps that a person does: the text to copy, and what became of it."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api import cursors
from core.api.rows import one, page, refusing
from core.api.schema import ERRORS, ID, MISSING
from outreach import manual_steps
from outreach.api import representations, serializers
from outreach.api.lists import noted
from outreach.models import Task

TASKS = cursors.Listing("tasks", {"expiresAt": "expires_at"}, default="expiresAt")
ROWS = Task.objects.select_related("message__step", "message__enrolment__contact__brand")
ANSWER = {200: serializers.TaskAnswer, **ERRORS, **MISSING}


class TaskViewSet(ViewSet):
    """What is for a person to do."""

    @extend_schema(
        operation_id="list_tasks",
        parameters=[serializers.TaskQuery],
        responses={200: serializers.TasksAnswer, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List tasks, those that expire first at the top."""
        query = serializers.TaskQuery(data=request.query_params).cleaned()
        rows = ROWS.filter(state=query.get("state", Task.State.OPEN))
        return Response(noted("tasks", page("tasks", TASKS, rows, query, representations.task), query))

    @extend_schema(operation_id="get_task", parameters=[ID], responses=ANSWER)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a task."""
        return _answer(pk)

    @extend_schema(operation_id="finish_task", parameters=[ID], request=None, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Say that you did it; the next step counts from now."""
        return _close(request, pk, manual_steps.done)

    @extend_schema(operation_id="skip_task", parameters=[ID], request=None, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str) -> Response:
        """Leave this step out; the following ones go on."""
        return _close(request, pk, manual_steps.skip)

    @extend_schema(operation_id="answer_task", parameters=[ID], request=None, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def replied(self, request: Request, pk: str) -> Response:
        """Say that the person answered: the sequence ends for them."""
        return _close(request, pk, manual_steps.replied)


def _close(request: Request, pk: str, how: Callable[[Task, User], object]) -> Response:
    with refusing("not_possible"):
        how(one(ROWS, pk, "task"), cast(User, request.user))
    return _answer(pk)


def _answer(pk: str) -> Response:
    return Response({"success": True, "task": representations.task(one(ROWS, pk, "task"))})
