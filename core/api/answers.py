"""Serializers of answers, which all have the same shape."""

from typing import Any

from rest_framework import serializers

from .schema import Pagination, whole

S = serializers.Serializer[Any]


def answer(name: str, key: str, row: type[S], *, many: bool = False, **more: Any) -> Any:
    """Return the serializer of an answer: `{"success": true, key: row or rows, …}`."""
    fields: dict[str, Any] = {"success": serializers.BooleanField(), key: row(many=many), **more}
    return whole(type(name, (serializers.Serializer,), fields))


def listed(name: str, key: str, row: type[S]) -> Any:
    """Return the serializer of a list's answer."""
    return answer(name, key, row, many=True, pagination=Pagination())
