"""The coming weeks, and whether anything is in a state to be sent."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.schema import ERRORS
from outreach import calendar, readiness
from outreach.api import representations, serializers


class CalendarView(APIView):
    """What goes out on which day."""

    @extend_schema(
        operation_id="get_calendar",
        parameters=[serializers.CalendarQuery],
        responses={200: serializers.CalendarAnswer, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """Return the days from `start` on, each with its messages and what stands in their way."""
        query = serializers.CalendarQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        start = query.validated_data.get("start") or timezone.localdate()
        days = calendar.weeks(start, query.validated_data["days"])
        return Response({"success": True, "days": [representations.day(day) for day in days]})


class StatusView(APIView):
    """Whether messages go out."""

    @extend_schema(operation_id="get_outreach_status", responses={200: serializers.StatusAnswer, **ERRORS})
    def get(self, request: Request) -> Response:
        """Say whether sending is switched on, and in sentences what is in its way."""
        return Response({"success": True, "sendEnabled": readiness.enabled(), "problems": readiness.problems()})
