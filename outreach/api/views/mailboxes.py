"""Senders: who writes, in what state their domain is, pausing and resuming."""

from dataclasses import asdict
from typing import Any, cast

from django.contrib.auth.models import User
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.rows import Json, one, refusing
from core.api.schema import ERRORS, ID, MISSING
from outreach import health, mailboxes, preflight
from outreach.api import representations, serializers
from outreach.models import Mailbox

COLUMNS = {
    "address": "address",
    "senderName": "sender_name",
    "company": "company",
    "postalAddress": "postal_address",
    "privacyUrl": "privacy_url",
    "signature": "signature",
    "dailyCap": "daily_cap",
    "dkimSelector": "dkim_selector",
    "active": "active",
}
ANSWER = {200: serializers.MailboxAnswer, **ERRORS}


class MailboxViewSet(ViewSet):
    """The addresses that we write from."""

    @extend_schema(operation_id="list_mailboxes", responses={200: serializers.MailboxesAnswer, **ERRORS})
    def list(self, request: Request) -> Response:
        """List the senders, the oldest first."""
        return Response({"success": True, "mailboxes": [representations.mailbox(row) for row in Mailbox.objects.all()]})

    @extend_schema(operation_id="create_mailbox", request=serializers.NewMailboxRequest, responses=ANSWER)
    def create(self, request: Request) -> Response:
        """Add a sender."""
        return _answer(_saved(Mailbox(), serializers.NewMailboxRequest(data=request.data)))

    @extend_schema(operation_id="get_mailbox", parameters=[ID], responses={**ANSWER, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a sender with its rates of bounces and complaints."""
        return _answer(_mailbox(pk))

    @extend_schema(
        operation_id="edit_mailbox",
        parameters=[ID],
        request=serializers.MailboxRequest,
        responses={**ANSWER, **MISSING},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a sender. One with another address or selector has to be checked again."""
        return _answer(_saved(_mailbox(pk), serializers.MailboxRequest(data=request.data)))

    @extend_schema(operation_id="check_mailbox", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Ask the DNS for SPF, DKIM, DMARC and MX of the sender's domain."""
        mailbox = _mailbox(pk)
        preflight.run(mailbox)
        return _answer(mailbox)

    @extend_schema(operation_id="pause_mailbox", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Let nothing go out from it."""
        mailbox, user = _mailbox(pk), cast(User, request.user)
        mailboxes.pause(mailbox, f"Paused by {user.get_username()}.", user)
        return _answer(mailbox)

    @extend_schema(operation_id="resume_mailbox", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Let it send again. Bounces and complaints from before count no more."""
        mailbox = _mailbox(pk)
        mailboxes.resume(mailbox, cast(User, request.user))
        return _answer(mailbox)


def _mailbox(pk: str) -> Mailbox:
    return one(Mailbox.objects.all(), pk, "mailbox")


def _saved(mailbox: Mailbox, query: Any) -> Mailbox:
    query.is_valid(raise_exception=True)
    for name, value in query.validated_data.items():
        setattr(mailbox, COLUMNS[name], value)
    with refusing("invalid_input"):
        mailbox.address = mailboxes.clean_address(mailbox.address, mailbox)
    mailboxes.save(mailbox)
    return mailbox


def _answer(mailbox: Mailbox) -> Response:
    return Response({"success": True, "mailbox": representations.mailbox(mailbox) | {"health": _health(mailbox)}})


def _health(mailbox: Mailbox) -> Json:
    found = asdict(health.check(mailbox, timezone.now()))
    return {
        "sent": found["sent"],
        "bounced": found["bounced"],
        "complained": found["complained"],
        "bounceRate": found["bounce_rate"],
        "complaintRate": found["complaint_rate"],
        "problems": list(found["problems"]),
    }
