"""What requests have in their bodies."""

from typing import Any

from rest_framework import serializers

from core.api.bodies import Text
from crm.models import LawfulBasis
from enrichment import intake
from enrichment.approval import MAX_AT_ONCE
from enrichment.discovery.titles import DEPARTMENTS, SENIORITIES


class DiscoverRequest(serializers.Serializer[Any]):
    """What `POST discover` takes; enrichment/intake.py has the rules."""

    brandName = Text(required=False, allow_blank=True, allow_null=True)
    website = Text(required=False, allow_blank=True, allow_null=True)
    linkedInCompanyUrl = Text(required=False, allow_blank=True, allow_null=True)
    region = Text(required=False, allow_blank=True, allow_null=True)
    complianceMode = serializers.BooleanField(
        required=False,
        default=True,
        help_text="false, by an admin only: the rules of people's countries, also where consent is needed, only warn.",
    )

    def cleaned(self) -> intake.DiscoveryRequest:
        """Return the request. Raises InputError, RegionRestricted or ValidationError."""
        self.is_valid(raise_exception=True)
        data = self.validated_data
        return intake.discovery_request(
            data.get("brandName"),
            data.get("website"),
            data.get("linkedInCompanyUrl"),
            data.get("region"),
            compliance_mode=data.get("complianceMode", True),
        )


class ApproveRequest(serializers.Serializer[Any]):
    """What `POST approve` takes."""

    jobId = Text(max_length=100, help_text="The job that found the contacts.")
    contactIds = serializers.ListField(
        child=Text(max_length=100),
        min_length=1,
        max_length=MAX_AT_ONCE,
        help_text=f"Up to {MAX_AT_ONCE} contacts.",
    )


class EditRequest(serializers.Serializer[Any]):
    """What `PATCH contacts/:id` takes; enrichment/editing.py has the rules."""

    firstName = Text(required=False, max_length=200)
    lastName = Text(required=False, max_length=200)
    jobTitle = Text(required=False, allow_null=True, max_length=300)
    company = Text(required=False, allow_null=True, max_length=200)
    linkedInUrl = Text(required=False, allow_null=True, max_length=500)
    seniority = serializers.ChoiceField(SENIORITIES, required=False)
    department = serializers.ChoiceField(DEPARTMENTS, required=False)
    decisionMaker = serializers.BooleanField(required=False)
    region = Text(required=False, allow_null=True, help_text="ISO 3166-1 alpha-2.")
    lawfulBasis = serializers.ChoiceField(LawfulBasis.choices, required=False, allow_null=True)
    email = Text(required=False, help_text="An address you vouch for; it is added, and counts as proven.")


class RejectRequest(serializers.Serializer[Any]):
    """What `POST contacts/:id/reject` takes; the body may be left out."""

    reason = Text(required=False, allow_blank=True, allow_null=True, max_length=200)


class LinkRequest(serializers.Serializer[Any]):
    """What `POST contacts/:id/link-to-crm` takes."""

    crmContactId = Text(max_length=100)
