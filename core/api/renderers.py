"""JSON by orjson: times as the specification prints them, `2026-01-14T10:00:00Z`."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import JSONRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_NON_STR_KEYS


def _fallback(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dumps(data: Any, indent: bool = False) -> bytes:
    """Return `data` as JSON. Takes datetimes (UTC), UUIDs and lazy texts beside JSON's own types."""
    return orjson.dumps(data, default=_fallback, option=OPTIONS | (orjson.OPT_INDENT_2 if indent else 0))


class OrjsonRenderer(JSONRenderer):
    """DRF's JSON renderer on orjson; indented in the browsable API."""

    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        return dumps(data, indent=bool(self.get_indent(accepted_media_type or "", renderer_context or {})))
