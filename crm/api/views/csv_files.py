"""CSV files, in and out: what is exported of contacts and brands, import reads back."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.renderers import OrjsonRenderer
from core.api.rows import refusing
from core.api.schema import ERRORS
from core.refusals import InputError
from crm import audited, exports, imports
from crm.api import serializers
from crm.models import Brand, Contact, Suppression

CSV: dict[Any, Any] = {(200, "text/csv"): OpenApiTypes.STR, **ERRORS}


class CsvParser(BaseParser):
    """Takes a body as it is. One beyond `DATA_UPLOAD_MAX_MEMORY_SIZE` is read no further: RequestDataTooBig."""

    media_type = "text/csv"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, bytes]:
        longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(longest + 1)
        if len(body) > longest:
            raise RequestDataTooBig
        return {"file": body}


class WhateverIsAccepted(BaseContentNegotiation):
    """The file is CSV and an error is JSON, whatever the header Accept asks for."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))


class ImportViewSet(ViewSet):
    """Reading contacts in."""

    parser_classes = [CsvParser]
    renderer_classes = [OrjsonRenderer]

    @extend_schema(
        operation_id="import_contacts",
        parameters=[serializers.ImportQuery],
        request={"text/csv": OpenApiTypes.BINARY},
        responses={200: serializers.ImportAnswer, **ERRORS},
    )
    def create(self, request: Request) -> Response:
        """Import a CSV file of contacts or companies. Good rows are kept whatever is wrong with others."""
        query = serializers.ImportQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        try:
            data = request.data
        except UnsupportedMediaType as error:
            sentence = "Send the file as the body, with `Content-Type: text/csv`."
            raise InputError("invalid_content_type", sentence) from error
        body = data.get("file", b"") if isinstance(data, dict) else b""
        with refusing("invalid_file"):
            report = imports.import_contacts(
                io.BytesIO(body), cast(User, request.user), dry_run=query.validated_data["dryRun"]
            )
        return Response({"success": True, "report": report.as_json()})


class ExportViewSet(ViewSet):
    """Writing out, piece by piece."""

    renderer_classes = [OrjsonRenderer]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(operation_id="export_contacts", responses=CSV)
    @action(detail=False, methods=["get"], url_path=r"contacts\.csv")
    def contacts(self, request: Request) -> StreamingHttpResponse:
        """Export all contacts with their addresses, oldest first."""
        return _download("contacts", Contact.objects.all(), exports.contacts, exports.CONTACT)

    @extend_schema(operation_id="export_brands", responses=CSV)
    @action(detail=False, methods=["get"], url_path=r"brands\.csv")
    def brands(self, request: Request) -> StreamingHttpResponse:
        """Export all brands, oldest first."""
        return _download("brands", Brand.objects.all(), exports.brands, exports.BRAND)

    @extend_schema(operation_id="export_suppressions", responses=CSV)
    @action(detail=False, methods=["get"], url_path=r"suppressions\.csv")
    def suppressions(self, request: Request) -> StreamingHttpResponse:
        """Export the suppression list, oldest first: fingerprints, no addresses."""
        return _download("suppressions", Suppression.objects.all(), exports.suppressions, exports.SUPPRESSION)


def _download(
    what: str, rows: QuerySet[Any], written: Callable[[QuerySet[Any]], Iterator[str]], columns: Sequence[str]
) -> StreamingHttpResponse:
    audited.exported(what, rows, columns)
    headers = {"Content-Disposition": f'attachment; filename="{what}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(written(rows), content_type="text/csv; charset=utf-8", headers=headers)
