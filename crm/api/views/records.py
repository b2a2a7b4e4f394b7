"""What is kept of a contact beside its fields: notes, history, consents; who may be the same person, and merging."""

from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api import cursors
from core.api.queries import PageQuery
from core.api.rows import one, page, refusing
from core.api.schema import ERRORS, ID, MISSING
from crm import consents, history, merging, notes
from crm.api import representations, serializers
from crm.duplicates import duplicates_of
from crm.models import Contact

ROWS = Contact.objects.select_related("brand").defer("brand__facts")
WITH_ADDRESSES = ROWS.prefetch_related("addresses")
NOTES = cursors.Listing("notes", {"createdAt": "created_at"}, default="-createdAt")


class RecordsViewSet(ViewSet):
    """What belongs to a contact."""

    @extend_schema(
        methods=["get"],
        operation_id="list_notes",
        parameters=[ID, PageQuery],
        responses={200: serializers.NotesAnswer, **ERRORS, **MISSING},
    )
    @extend_schema(
        methods=["post"],
        operation_id="add_note",
        parameters=[ID],
        request=serializers.NoteRequest,
        responses={200: serializers.NoteAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["get", "post"])
    def notes(self, request: Request, pk: str) -> Response:
        """List what people wrote down about a contact, newest first, or write something down."""
        contact = one(ROWS, pk, "contact")
        if request.method == "GET":
            query = PageQuery(data=request.query_params).cleaned()
            rows = contact.notes.select_related("author")
            return Response(page("notes", NOTES, rows, query, representations.note))
        body = serializers.NoteRequest(data=request.data)
        body.is_valid(raise_exception=True)
        with refusing("invalid_input"):
            note = notes.add(contact, body.validated_data["text"], cast(User, request.user))
        return Response({"success": True, "note": representations.note(note)})

    @extend_schema(
        operation_id="get_history",
        parameters=[ID, serializers.HistoryQuery],
        responses={200: serializers.HistoryAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["get"])
    def history(self, request: Request, pk: str) -> Response:
        """List what happened to a contact, notes among it, newest first."""
        contact = one(ROWS, pk, "contact")
        query = serializers.HistoryQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        lines = history.timeline(contact, query.validated_data["limit"])
        return Response({"success": True, "history": [representations.line(line) for line in lines]})

    @extend_schema(
        operation_id="record_consent",
        parameters=[ID],
        request=serializers.ConsentRequest,
        responses={200: serializers.ConsentAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def consents(self, request: Request, pk: str) -> Response:
        """Keep that the person agreed to be written to: when, and where and how."""
        contact = one(ROWS, pk, "contact")
        query = serializers.ConsentRequest(data=request.data)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        with refusing("invalid_input"):
            user, wording = cast(User, request.user), asked.get("wording") or ""
            consent = consents.record(contact, asked["givenAt"], asked["source"], user, wording)
        return Response({"success": True, "consent": representations.consent(consent)})

    @extend_schema(
        operation_id="list_duplicates",
        parameters=[ID],
        responses={200: serializers.DuplicatesAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["get"])
    def duplicates(self, request: Request, pk: str) -> Response:
        """List who may be the same person, likeliest first, and why."""
        contact = one(ROWS, pk, "contact")
        shown = [representations.duplicate(pair, contact) for pair in duplicates_of(contact)]
        return Response({"success": True, "duplicates": shown})

    @extend_schema(
        operation_id="merge_contacts",
        parameters=[ID],
        request=serializers.MergeRequest,
        responses={200: serializers.MergeAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Make another contact one with this one, which is kept. Nobody is in a sequence twice afterwards."""
        kept = one(ROWS, pk, "contact")
        query = serializers.MergeRequest(data=request.data)
        query.is_valid(raise_exception=True)
        gone = one(ROWS, str(query.validated_data["goneId"]), "contact")
        with refusing("not_possible"):
            row = merging.merge(kept, gone, query.validated_data.get("choices", {}), cast(User, request.user))
        shown = representations.contact_detail(one(WITH_ADDRESSES, pk, "contact"))
        return Response({"success": True, "merge": representations.merge(row), "contact": shown})
