"""What came of an approval, and what is planned since."""

from typing import Any

from rest_framework import serializers

from enrichment.approval import SKIP_REASONS
from outreach.models import Channel, Message


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
