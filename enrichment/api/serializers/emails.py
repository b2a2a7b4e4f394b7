"""Addresses worked out for a person, and verdicts on addresses as given."""

from typing import Any

from rest_framework import serializers

from core.api.schema import Pagination, whole
from enrichment.emails.checks import Result
from enrichment.models import ApiSource, GenerationMethod, ItemState, VerificationMethod, VerificationStatus

from .contacts import Points
from .domains import DomainSummary, MailServers
from .jobs import DiagnosticEntry, JobSummary

RESULTS = [result.value for result in Result]


class EmailCandidate(serializers.Serializer[Any]):
    email = serializers.CharField()
    pattern = serializers.CharField(allow_null=True)
    confidence = serializers.IntegerField(allow_null=True, min_value=0, max_value=100)
    verificationScore = serializers.IntegerField(min_value=0, max_value=100)
    verificationStatus = serializers.ChoiceField(VerificationStatus.choices)
    verificationMethod = serializers.ChoiceField(VerificationMethod.choices, allow_null=True)
    probability = serializers.FloatField(min_value=0, max_value=1)
    generationMethod = serializers.ChoiceField(GenerationMethod.choices)
    apiSource = serializers.ChoiceField(ApiSource.choices, allow_null=True)
    smtpCheckPassed = serializers.BooleanField(allow_null=True)
    mxCheckPassed = serializers.BooleanField(allow_null=True)
    scoreBreakdown = Points(many=True)


class FinderResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    email = serializers.CharField(allow_null=True, help_text="The likeliest; null when even that one is risky.")
    candidates = EmailCandidate(many=True, help_text="Likeliest first.")
    suppressed = serializers.BooleanField(help_text="The person is on the suppression list: no address is shown.")
    diagnostics = DiagnosticEntry(many=True, help_text="Whom nobody could ask, and why.")
    domain = DomainSummary()


class MailServerAnswer(serializers.Serializer[Any]):
    result = serializers.ChoiceField(RESULTS, allow_null=True, help_text="Null: no mail server was asked.")
    code = serializers.IntegerField(allow_null=True, help_text="The reply, such as 550.")
    reason = serializers.CharField(allow_null=True)


class ProviderAnswer(serializers.Serializer[Any]):
    by = serializers.CharField(allow_null=True, help_text="Null: no provider was asked.")
    result = serializers.ChoiceField(RESULTS, allow_null=True)
    reason = serializers.CharField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True, min_value=0, max_value=1, help_text="The provider's own.")


class EmailVerdict(serializers.Serializer[Any]):
    email = serializers.CharField(allow_blank=True, help_text="As it was given.")
    verificationStatus = serializers.ChoiceField(VerificationStatus.choices)
    verificationScore = serializers.IntegerField(min_value=0, max_value=100)
    verificationMethod = serializers.ChoiceField(VerificationMethod.choices, allow_null=True)
    probability = serializers.FloatField(
        min_value=0, max_value=1, help_text="The chance that the mailbox exists and is a person's."
    )
    syntaxValid = serializers.BooleanField()
    mx = MailServers()
    smtp = MailServerAnswer()
    api = ProviderAnswer()
    disposable = serializers.BooleanField()
    role = serializers.BooleanField(help_text="A shared mailbox, such as info@.")
    free = serializers.BooleanField(help_text="At a provider of free mail.")
    didYouMean = serializers.CharField(allow_null=True)
    scoreBreakdown = Points(many=True)
    checkedAt = serializers.DateTimeField()
    retryAt = serializers.DateTimeField(
        allow_null=True, help_text="When a server that asked for patience may be asked."
    )


class VerifierResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    result = EmailVerdict(required=False, help_text="For `email`.")
    results = EmailVerdict(many=True, required=False, help_text="For `emails`, in the order given.")


class JobItemResult(EmailVerdict):
    """An item of a job. The verdict's keys are there once its state is `done`, `contactId` for a contact."""

    position = serializers.IntegerField(min_value=0)
    state = serializers.ChoiceField(ItemState.choices)
    contactId = serializers.UUIDField(required=False, allow_null=True, help_text="Null: deleted since.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name in {"position", "state"}
        return {name: fields.pop(name) for name in ("position", "state", "contactId")} | fields


@whole
class JobResultsResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    results = JobItemResult(many=True)
    pagination = Pagination()


class JobAcceptedResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job = JobSummary()
    message = serializers.CharField()
