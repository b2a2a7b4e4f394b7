"""What several answers share."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from crm import regions

ACTIONS = [action.value for action in regions.Action]
POLICIES = [policy.value for policy in regions.Policy]

# A list action answers with one object, not with an array of them.
whole = extend_schema_serializer(many=False)


class Error(serializers.Serializer[Any]):
    error = serializers.CharField(help_text="A code, or the specification's sentence.")
    message = serializers.CharField(help_text="What to do.")


class Pagination(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="With a cursor: as counted for the first page.")
    limit = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="Rows before this page.")
    nextCursor = serializers.CharField(allow_null=True, help_text="Give it back as `cursor`; null: the last page.")


class Region(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="ISO 3166-1 alpha-2; ZZ: any other country.")
    country = serializers.CharField()
    policy = serializers.ChoiceField(POLICIES)
    action = serializers.ChoiceField(ACTIONS, help_text="For a first e-mail, before its conditions.")
    discoveryAllowed = serializers.BooleanField(
        help_text="False where ENRICHMENT_RESTRICTED_REGIONS refuses discovery."
    )
    explanation = serializers.CharField()
