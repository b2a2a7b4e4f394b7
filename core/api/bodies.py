"""Fields of request bodies that take JSON's own types only."""

from typing import Any

from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON string; DRF's own would take a number for its digits."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """A JSON boolean; DRF's own would take "yes" and 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data
