"""What lists take in the query string. Errors name the values that there are."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

Query = dict[str, Any]


def one_of(values: Sequence[str], help_text: str) -> serializers.ChoiceField:
    """Return a field that takes one of `values`, or is left out."""
    error = f'"{{input}}" is unknown. There are: {", ".join(values)}.'
    return serializers.ChoiceField(
        values, required=False, help_text=help_text, error_messages={"invalid_choice": error}
    )


def several(text: str, values: Sequence[str]) -> list[str]:
    """Return the words in `text`, which has commas between them. Raises ValidationError for one not in `values`."""
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in values:
            raise serializers.ValidationError(f'"{word}" is unknown. There are: {", ".join(values)}.')
    return words


class PageQuery(serializers.Serializer[Any]):
    """What every list takes."""

    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=200)
    offset = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Rows to skip; 0 unless given. Prefer cursor."
    )
    cursor = serializers.CharField(
        required=False, help_text="nextCursor of the answer before, with the filters unchanged."
    )

    def validate(self, attrs: Query) -> Query:
        if "cursor" in attrs and "offset" in attrs:
            raise serializers.ValidationError("Send cursor or offset, not both: a cursor knows its place in the list.")
        return attrs

    def cleaned(self) -> Query:
        """Return the query: `limit`, and of the others those that were sent. Raises ValidationError."""
        self.is_valid(raise_exception=True)
        query: Query = self.validated_data
        return query
