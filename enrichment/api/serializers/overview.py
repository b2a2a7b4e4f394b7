"""Figures of the whole, and the regions' policies."""

from typing import Any

from rest_framework import serializers

from core.api.schema import whole

from .common import Region


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


class RegionRule(Region):
    changedAt = serializers.DateTimeField(
        allow_null=True, help_text="When the rule was changed here; null: it was not."
    )
    changedBy = serializers.CharField(allow_null=True, help_text="A user name.")
    reason = serializers.CharField(allow_null=True)


class RegionResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    region = RegionRule()


@whole
class RegionListResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    regions = RegionRule(many=True)
