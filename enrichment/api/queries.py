"""What the lists take in the query string, beside what every list takes."""

from rest_framework import serializers

from core.api.queries import PageQuery, one_of, several
from enrichment.api.contact_list import CONTACTS, STATUSES
from enrichment.discovery.titles import SENIORITIES
from enrichment.models import ContactSource, JobStatus


class ContactListQuery(PageQuery):
    """What `GET contacts` takes."""

    brandId = serializers.CharField(required=False, help_text="Of this brand only.")
    jobId = serializers.CharField(required=False, help_text="Found by this job only.")
    status = one_of(STATUSES, "Of the contact's best address, or of its review.")
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
    ordering = one_of(CONTACTS.orderings, f"{CONTACTS.default} unless given.")

    def validate_source(self, text: str) -> list[str]:
        return several(text, ContactSource.values)

    def validate_seniority(self, text: str) -> list[str]:
        return several(text, SENIORITIES)


class JobListQuery(PageQuery):
    """What `GET jobs` takes."""

    brandId = serializers.CharField(required=False, help_text="Of this brand only.")
    status = one_of(JobStatus.values, "In this state only.")
