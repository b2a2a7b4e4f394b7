"""Merges can be undone."""

from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.rows import one, refusing
from core.api.schema import ERRORS, ID, MISSING
from crm import merging
from crm.api import representations, serializers
from crm.models import Merge

from .records import WITH_ADDRESSES

ROWS = Merge.objects.defer("snapshot")


class MergeViewSet(ViewSet):
    """Two contacts that were made one."""

    @extend_schema(
        operation_id="undo_merge",
        parameters=[ID],
        request=None,
        responses={200: serializers.MergeAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Make two contacts of one again, and return the one that was gone."""
        row = one(ROWS, pk, "merge")
        with refusing("not_possible"):
            gone = merging.undo(row, cast(User, request.user))
        shown = representations.contact_detail(one(WITH_ADDRESSES, str(gone.pk), "contact"))
        merge = representations.merge(one(ROWS, pk, "merge"))
        return Response({"success": True, "merge": merge, "contact": shown})
