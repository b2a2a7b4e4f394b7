"""Jobs, and what they found."""

from typing import Any

from rest_framework import serializers

from core.api.schema import Pagination, whole
from enrichment.models import JobStatus, JobType

from .common import Region
from .contacts import ContactDetail


class DiagnosticEntry(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class JobProgress(serializers.Serializer[Any]):
    processed = serializers.IntegerField()
    total = serializers.IntegerField(help_text="Addresses or contacts of an e-mail enrichment; 0 for a discovery.")


class JobSummary(serializers.Serializer[Any]):
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
    progress = JobProgress()
    errorMessage = serializers.CharField(allow_null=True)
    diagnostics = DiagnosticEntry(many=True)
    retryCount = serializers.IntegerField()
    maxRetries = serializers.IntegerField()
    createdAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    completedAt = serializers.DateTimeField(allow_null=True)


class Job(JobSummary):
    regionPolicy = Region()
    contacts = ContactDetail(many=True)


class DiscoverResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job = Job()
    message = serializers.CharField()


class JobResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job = Job()


@whole
class JobListResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    jobs = JobSummary(many=True)
    pagination = Pagination()


class JobRetry(serializers.Serializer[Any]):
    jobId = serializers.UUIDField()
    retryAttempt = serializers.IntegerField(help_text="The attempt that comes next.")
    maxRetries = serializers.IntegerField(help_text="Attempts in a round.")
    status = serializers.ChoiceField(JobStatus.choices)


class JobRetryResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job = JobRetry()


class JobCancelResponse(JobResponse):
    message = serializers.CharField()
