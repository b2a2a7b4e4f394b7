"""What the lists take in the query string. Errors name the values that there are."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from enrichment.api.contact_list import CONTACTS, STATUSES
from enrichment.discovery.titles import SENIORITIES
from enrichment.models import ContactSource, JobStatus

Query = dict[str, Any]


def _one_of(values: Sequence[str], help_text: str) -> serializers.ChoiceField:
    error = f'"{{input}}" is unknown. There are: {", ".join(values)}.'
    return serializers.ChoiceField(
        values, required=False, help_text=help_text, error_messages={"invalid_choice": error}
    )


def _several(text: str, values: Sequence[str]) -> list[str]:
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
        return self.validated_data


class ContactListQuery(PageQuery):
    """What `GET contacts` takes."""

    brandId = serializers.CharField(required=False, help_text="Of this brand only.")
    jobId = serializers.CharField(required=False, help_text="Found by this job only.")
    status = _one_of(STATUSES, "Of the contact's best address, or of its review.")
    source = serializers.CharField(
        required=False, help_text=f"One or several, with commas between them: {', '.join(ContactSource.values)}."
    )  # type: ignore[assignment]
    minConfidence = serializers.IntegerField(required=False, min_value=0, max_value=100)
    seniority = serializers.CharField(
        required=False, help_text=f"One or several, with commas between them: {', '.join(SENIORITIES)}."
    )
    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words of name, job title and company, which all have to occur; or a whole e-mail address.",
    )
    ordering = _one_of(CONTACTS.orderings, f"{CONTACTS.default} unless given.")

    def validate_source(self, text: str) -> list[str]:
        return _several(text, ContactSource.values)

    def validate_seniority(self, text: str) -> list[str]:
        return _several(text, SENIORITIES)


class JobListQuery(PageQuery):
    """What `GET jobs` takes."""

    brandId = serializers.CharField(required=False, help_text="Of this brand only.")
    status = _one_of(JobStatus.values, "In this state only.")
