"""JSON by orjson: UTF-8 whatever the charset says (RFC 8259), strict, and bounded in size and depth."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class OrjsonParser(BaseParser):
    """Reads a JSON body. Raises ParseError for anything else, lone surrogates and NaN included.

    A body beyond `DATA_UPLOAD_MAX_MEMORY_SIZE` is read no further: RequestDataTooBig.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(longest + 1)
        if len(body) > longest:
            raise RequestDataTooBig
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"{error}.") from error
        try:
            orjson.dumps(data)  # it reads 1024 levels, but writes 254; Python stumbles somewhere between
        except orjson.JSONEncodeError as error:
            raise ParseError("it is nested more than 254 levels deep.") from error
        return data
