"""What several answers share."""

from typing import Any

from rest_framework import serializers

from crm import regions

ACTIONS = [action.value for action in regions.Action]
POLICIES = [policy.value for policy in regions.Policy]


class Region(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="ISO 3166-1 alpha-2; ZZ: any other country.")
    country = serializers.CharField()
    policy = serializers.ChoiceField(POLICIES)
    action = serializers.ChoiceField(ACTIONS, help_text="For a first e-mail, before its conditions.")
    discoveryAllowed = serializers.BooleanField(
        help_text="False where ENRICHMENT_RESTRICTED_REGIONS refuses discovery."
    )
    explanation = serializers.CharField()
