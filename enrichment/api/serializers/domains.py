"""Mail domains."""

from typing import Any

from rest_framework import serializers


class MailServers(serializers.Serializer[Any]):
    """What the DNS says of a domain's mail."""

    found = serializers.BooleanField(allow_null=True, help_text="Null: nobody could tell.")
    hosts = serializers.ListField(child=serializers.CharField(), help_text="Most preferred first.")
    implicit = serializers.BooleanField(allow_null=True, help_text="No MX record; the domain's own address counts.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        null = serializers.BooleanField(allow_null=True, help_text="The domain says that it takes no mail (RFC 7505).")
        return {**super().get_fields(), "null": null}


class MailServersChecked(MailServers):
    checkedAt = serializers.DateTimeField()


class DomainSummary(serializers.Serializer[Any]):
    domain = serializers.CharField(help_text="In A-labels.")
    mx = MailServersChecked()
    operator = serializers.CharField(
        allow_null=True, help_text="Who runs the mail servers: google, microsoft …, or their domain."
    )
    catchAll = serializers.BooleanField(allow_null=True, help_text="Takes every address; null: not known.")


class PatternBelief(serializers.Serializer[Any]):
    pattern = serializers.CharField()
    probability = serializers.FloatField(
        min_value=0, max_value=1, help_text="The chance that the domain's next address follows it."
    )
    known = serializers.FloatField(help_text="The weight of the known addresses that follow it.")


class PatternEvidence(serializers.Serializer[Any]):
    pattern = serializers.CharField(allow_null=True, help_text="Null: none explains the address.")
    source = serializers.CharField()  # type: ignore[assignment]
    seenAt = serializers.DateTimeField(allow_null=True)
    right = serializers.BooleanField(help_text="False: the address was rejected, or a message to it bounced.")


class Pause(serializers.Serializer[Any]):
    until = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)


class Domain(DomainSummary):
    catchAllCheckedAt = serializers.DateTimeField(allow_null=True)
    disposable = serializers.BooleanField()
    free = serializers.BooleanField()
    patterns = PatternBelief(many=True, help_text="Likeliest first.")
    knownAddresses = serializers.IntegerField()
    evidence = PatternEvidence(many=True, help_text="The newest known addresses, without the addresses.")
    paused = Pause(allow_null=True, help_text="Until when this operator's mail servers are left alone.")


class DomainResponse(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    domain = Domain()
