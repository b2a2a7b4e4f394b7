"""Contacts, with their addresses and evidence."""

from typing import Any

from rest_framework import serializers

from core.api.schema import Pagination, whole
from crm.api.serializers import RegionBasis
from enrichment.models import ContactSource, GenerationMethod, ReviewStatus, VerificationMethod, VerificationStatus

from .common import ACTIONS


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
    checkedAt = serializers.DateTimeField(required=False, help_text="When its page was last looked at again.")
    stillThere = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether the page still made the claim then; null: could not tell."
    )


class ActivityEntry(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    label = serializers.CharField()  # type: ignore[assignment]


class Gate(serializers.Serializer[Any]):
    action = serializers.ChoiceField(ACTIONS)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why, or what to mind.")


class ContactDetail(ContactSummary):
    emails = EmailDetail(many=True)
    regionBasis = RegionBasis(allow_null=True)
    regionRulesApply = serializers.BooleanField(
        help_text="false: an admin's discovery had the rules of countries as warnings only (complianceMode)."
    )
    complianceCheckPassed = serializers.BooleanField()
    gate = Gate(allow_null=True, help_text="What the region says to a first message to the best address.")
    lawfulBasis = serializers.CharField(allow_null=True)
    evidence = EvidenceEntry(many=True)
    activity = ActivityEntry(many=True)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField(allow_null=True)


@whole
class ContactListResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    contacts = ContactSummary(many=True)
    pagination = Pagination()


class ContactResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    contact = ContactDetail()


class ContactChangedResponse(ContactResponse):
    message = serializers.CharField()


class Deleted(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
