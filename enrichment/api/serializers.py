"""The API's shapes: requests are validated by these, answers are documented by them."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from crm import regions
from crm.models import LawfulBasis
from enrichment import intake
from enrichment.approval import SKIP_REASONS
from enrichment.discovery.titles import DEPARTMENTS, SENIORITIES
from enrichment.models import (
    ContactSource,
    GenerationMethod,
    JobStatus,
    JobType,
    ReviewStatus,
    VerificationMethod,
    VerificationStatus,
)
from outreach.models import Channel, Message

ACTIONS = [action.value for action in regions.Action]
POLICIES = [policy.value for policy in regions.Policy]

# A list action answers with one object, not with an array of them.
whole = extend_schema_serializer(many=False)


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
    regionCode = serializers.CharField(allow_null=True, help_text="ISO 3166-1 alpha-2.")
    reviewStatus = serializers.ChoiceField(ReviewStatus.choices)
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


class Gate(serializers.Serializer[Any]):
    action = serializers.ChoiceField(ACTIONS)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why, or what to mind.")


class ContactDetail(ContactSummary):
    emails = EmailDetail(many=True)
    complianceCheckPassed = serializers.BooleanField()
    gate = Gate(allow_null=True, help_text="What the region says to a first message to the best address.")
    lawfulBasis = serializers.CharField(allow_null=True)
    evidence = EvidenceEntry(many=True)
    activity = ActivityEntry(many=True)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField(allow_null=True)


class DiagnosticEntry(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class Region(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="ISO 3166-1 alpha-2; ZZ: any other country.")
    country = serializers.CharField()
    policy = serializers.ChoiceField(POLICIES)
    action = serializers.ChoiceField(ACTIONS, help_text="For a first e-mail, before its conditions.")
    discoveryAllowed = serializers.BooleanField(
        help_text="False where ENRICHMENT_RESTRICTED_REGIONS refuses discovery."
    )
    explanation = serializers.CharField()


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


class Pagination(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="With a cursor: as counted for the first page.")
    limit = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="Rows before this page.")
    nextCursor = serializers.CharField(allow_null=True, help_text="Give it back as `cursor`; null: the last page.")


@whole
class ContactListResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    contacts = ContactSummary(many=True)
    pagination = Pagination()


@whole
class JobListResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    jobs = JobSummary(many=True)
    pagination = Pagination()


class ContactResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    contact = ContactDetail()


class Deleted(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()


class ApproveRequest(serializers.Serializer[Any]):
    """What `POST approve` takes."""

    jobId = serializers.CharField(max_length=100, help_text="The job that found the contacts.")
    contactIds = serializers.ListField(
        child=serializers.CharField(max_length=100), min_length=1, max_length=200, help_text="Up to 200 contacts."
    )


class ApprovedEntry(serializers.Serializer[Any]):
    contactId = serializers.UUIDField()
    crmContactId = serializers.UUIDField()
    enrolmentId = serializers.UUIDField()


class SkippedEntry(serializers.Serializer[Any]):
    contactId = serializers.CharField(help_text="As it was sent.")
    reason = serializers.ChoiceField(SKIP_REASONS)


class ApprovalResult(serializers.Serializer[Any]):
    jobId = serializers.UUIDField()
    approvedCount = serializers.IntegerField(help_text="Contacts newly approved.")
    message = serializers.CharField()
    approved = ApprovedEntry(many=True)
    skipped = SkippedEntry(many=True)


class ApproveResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    result = ApprovalResult()


class EditRequest(serializers.Serializer[Any]):
    """What `PATCH contacts/:id` takes; enrichment/editing.py has the rules."""

    firstName = serializers.CharField(required=False, max_length=200)
    lastName = serializers.CharField(required=False, max_length=200)
    jobTitle = serializers.CharField(required=False, allow_null=True, max_length=300)
    company = serializers.CharField(required=False, allow_null=True, max_length=200)
    linkedInUrl = serializers.CharField(required=False, allow_null=True, max_length=500)
    seniority = serializers.ChoiceField(SENIORITIES, required=False)
    department = serializers.ChoiceField(DEPARTMENTS, required=False)
    decisionMaker = serializers.BooleanField(required=False)
    region = serializers.CharField(required=False, allow_null=True, help_text="ISO 3166-1 alpha-2.")
    lawfulBasis = serializers.ChoiceField(LawfulBasis.choices, required=False, allow_null=True)
    email = serializers.CharField(
        required=False, help_text="An address you vouch for; it is added, and counts as proven."
    )


class RejectRequest(serializers.Serializer[Any]):
    """What `POST contacts/:id/reject` takes; the body may be left out."""

    reason = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=200)


class LinkRequest(serializers.Serializer[Any]):
    """What `POST contacts/:id/link-to-crm` takes."""

    crmContactId = serializers.CharField(max_length=100)


class ContactChangedResponse(ContactResponse):
    message = serializers.CharField()


class PlannedMessage(serializers.Serializer[Any]):
    sequence = serializers.CharField()
    step = serializers.IntegerField()
    channel = serializers.ChoiceField(Channel.choices)
    dueAt = serializers.DateTimeField()
    state = serializers.ChoiceField(Message.State.choices)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why it is held, or what to mind.")
    address = serializers.CharField(allow_null=True)
    subject = serializers.CharField(allow_blank=True)
    body = serializers.CharField()


class MessagesResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    messages = PlannedMessage(many=True)


class ShareOfAll(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    verified = serializers.IntegerField()
    percentage = serializers.IntegerField(min_value=0, max_value=100)


class JobCounts(serializers.Serializer[Any]):
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    pending = serializers.IntegerField()
    processing = serializers.IntegerField()
    retrying = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class Stats(serializers.Serializer[Any]):
    contacts = ShareOfAll()
    emails = ShareOfAll()
    jobs = JobCounts()


@whole
class StatsResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    stats = Stats()


class RegionResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    region = Region()


@whole
class RegionListResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    regions = Region(many=True)


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
