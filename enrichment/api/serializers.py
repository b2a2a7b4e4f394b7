"""The API's shapes: requests are validated by these, answers are documented by them."""

from typing import Any

from rest_framework import serializers

from enrichment import intake
from enrichment.models import (
    ContactSource,
    GenerationMethod,
    JobStatus,
    JobType,
    VerificationMethod,
    VerificationStatus,
)


class DiscoverRequest(serializers.Serializer[Any]):
    """What `POST discover` takes; enrichment/intake.py has the rules."""

    brandName = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    website = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    linkedInCompanyUrl = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    region = serializers.CharField(required=False, allow_blank=True, allow_null=True)

    def cleaned(self) -> intake.DiscoveryRequest:
        """Return the request. Raises InputError, RegionRestricted or ValidationError."""
        self.is_valid(raise_exception=True)
        data = self.validated_data
        return intake.discovery_request(
            data.get("brandName"), data.get("website"), data.get("linkedInCompanyUrl"), data.get("region")
        )


class ListQuery(serializers.Serializer[Any]):
    """What `GET contacts` takes in the query string."""

    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=200)
    offset = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31 - 1)
    brandId = serializers.CharField(required=False, help_text="Contacts of this brand only.")


class Error(serializers.Serializer[Any]):
    error = serializers.CharField(help_text="A code, or the specification's sentence.")
    message = serializers.CharField(help_text="What to do.")


class Points(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.IntegerField()
    evidence = serializers.CharField()


class EmailSummary(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.CharField()
    verificationStatus = serializers.ChoiceField(VerificationStatus.choices)
    verificationScore = serializers.IntegerField(min_value=0, max_value=100)
    verificationMethod = serializers.ChoiceField(VerificationMethod.choices, allow_null=True)
    probability = serializers.FloatField(allow_null=True, min_value=0, max_value=1)


class EmailDetail(EmailSummary):
    generationMethod = serializers.ChoiceField(GenerationMethod.choices, allow_null=True)
    pattern = serializers.CharField(allow_null=True)
    confidence = serializers.IntegerField(allow_null=True)
    namePermutations = serializers.ListField(child=serializers.CharField())
    scoreBreakdown = Points(many=True)
    mxCheckPassed = serializers.BooleanField(allow_null=True)
    smtpCheckPassed = serializers.BooleanField(allow_null=True)
    apiSource = serializers.CharField(allow_null=True)
    lastCheckedAt = serializers.DateTimeField(allow_null=True)
    createdAt = serializers.DateTimeField()


class ContactSummary(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    firstName = serializers.CharField()
    lastName = serializers.CharField()
    jobTitle = serializers.CharField(allow_null=True)
    seniority = serializers.CharField()
    department = serializers.CharField()
    decisionMaker = serializers.BooleanField()
    company = serializers.CharField(allow_null=True)
    linkedInUrl = serializers.CharField(allow_null=True)
    linkedInId = serializers.CharField(allow_null=True)
    confidenceScore = serializers.IntegerField(min_value=0, max_value=100)
    source = serializers.ChoiceField(ContactSource.choices)  # type: ignore[assignment]
    discoveryMethod = serializers.CharField(allow_null=True)
    linkedBrandId = serializers.UUIDField(allow_null=True)
    linkedContactId = serializers.UUIDField(allow_null=True)
    discoveredAt = serializers.DateTimeField()
    verifiedAt = serializers.DateTimeField(allow_null=True)
    addedToCrmAt = serializers.DateTimeField(allow_null=True)
    emails = EmailSummary(many=True)


class EvidenceEntry(serializers.Serializer[Any]):
    field = serializers.CharField()
    value = serializers.CharField()
    url = serializers.CharField()
    snippet = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    seenAt = serializers.DateTimeField()


class ActivityEntry(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    label = serializers.CharField()  # type: ignore[assignment]


class ContactDetail(ContactSummary):
    emails = EmailDetail(many=True)
    complianceCheckPassed = serializers.BooleanField()
    lawfulBasis = serializers.CharField(allow_null=True)
    evidence = EvidenceEntry(many=True)
    activity = ActivityEntry(many=True)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField(allow_null=True)


class DiagnosticEntry(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class Job(serializers.Serializer[Any]):
    jobId = serializers.UUIDField()
    jobType = serializers.ChoiceField(JobType.choices)
    status = serializers.ChoiceField(JobStatus.choices)
    brandId = serializers.UUIDField(allow_null=True)
    brandName = serializers.CharField(allow_null=True)
    website = serializers.CharField(allow_null=True)
    linkedInCompanyUrl = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_null=True)
    complianceMode = serializers.BooleanField()
    volumeLimited = serializers.BooleanField()
    contactsDiscovered = serializers.IntegerField()
    contactsEnriched = serializers.IntegerField()
    errorMessage = serializers.CharField(allow_null=True)
    diagnostics = DiagnosticEntry(many=True)
    retryCount = serializers.IntegerField()
    maxRetries = serializers.IntegerField()
    createdAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    completedAt = serializers.DateTimeField(allow_null=True)
    contacts = ContactDetail(many=True)


class DiscoverResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job = Job()
    message = serializers.CharField()


class JobResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job = Job()


class Pagination(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()


class ContactListResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    contacts = ContactSummary(many=True)
    pagination = Pagination()


class ContactResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    contact = ContactDetail()


class Deleted(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
