"""Contacts: the people found."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import structlog
from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.errors import NotFound
from core.api.schema import ERRORS, ID, MISSING, path_id
from core.api_tokens import token_of
from core.ids import parse_id
from core.refusals import InputError
from crm.models import Contact as CrmContact
from enrichment import approval, contact_checks, disclosure, editing, limits, store
from enrichment.api import contact_list, queries, representations, serializers
from enrichment.api.limit_headers import LIMIT_HEADERS, LIMITED
from enrichment.api.means import SECONDS, place_for
from enrichment.models import ContactEmail, EnrichedContact
from outreach import enrolments

log = structlog.get_logger(__name__)


class ContactViewSet(ViewSet):
    """The people found."""

    @extend_schema(
        operation_id="list_contacts",
        parameters=[queries.ContactListQuery],
        responses={200: serializers.ContactListResponse, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List contacts, newest first unless asked otherwise."""
        return Response(contact_list.page(queries.ContactListQuery(data=request.query_params).cleaned()))

    @extend_schema(
        operation_id="get_contact", parameters=[ID], responses={200: serializers.ContactResponse, **ERRORS, **MISSING}
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a contact with its evidence, addresses and activity."""
        detail = _detail(key := path_id(pk, "contact"))
        disclosure.viewed(key)
        return Response({"success": True, "contact": detail})

    @extend_schema(
        operation_id="edit_contact",
        parameters=[ID],
        request=serializers.EditRequest,
        responses={200: serializers.ContactChangedResponse, **ERRORS, **MISSING},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a contact by hand, or add an address you vouch for. Its source becomes `manual`."""
        key = path_id(pk, "contact")
        if not isinstance(request.data, dict):
            raise ValidationError("The body must be a JSON object with the fields to change.")
        with _known():
            editing.edit(key, request.data, cast(User, request.user))
        return Response({"success": True, "contact": _detail(key), "message": "Contact changed"})

    @extend_schema(
        operation_id="delete_contact", parameters=[ID], responses={200: serializers.Deleted, **ERRORS, **MISSING}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a contact with its addresses and evidence."""
        if not store.delete(path_id(pk, "contact")):
            raise NotFound("contact")
        log.info("contact deleted", contact=pk, by=request.user.pk)
        return Response({"success": True, "message": "Contact deleted"})

    @extend_schema(
        operation_id="reject_contact",
        parameters=[ID],
        request=serializers.RejectRequest,
        responses={200: serializers.ContactChangedResponse, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Mark a contact as not wanted."""
        key = path_id(pk, "contact")
        query = serializers.RejectRequest(data=request.data)
        query.is_valid(raise_exception=True)
        with _known():
            editing.reject(key, query.validated_data.get("reason") or "", cast(User, request.user))
        return Response({"success": True, "contact": _detail(key), "message": "Contact rejected"})

    @extend_schema(
        operation_id="verify_contact",
        parameters=[ID, *LIMIT_HEADERS],
        request=serializers.MeansRequest,
        responses={200: serializers.ContactChangedResponse, **ERRORS, **MISSING, **LIMITED},
    )
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Verify a contact's addresses anew, or work one out. Each counts as one of your addresses."""
        key, user, token = path_id(pk, "contact"), cast(User, request.user), token_of(request)
        means = serializers.MeansRequest(data=request.data).cleaned_means()
        if not EnrichedContact.objects.filter(pk=key).exists():
            raise NotFound("contact")
        with place_for(means):
            # One without an address gets one worked out.
            number = max(1, ContactEmail.objects.filter(enriched_contact=key).count())
            limits.spend_addresses(user, number, token)
            number = len(contact_checks.verify([key], means, user, seconds=SECONDS).get(key, []))
        message = "1 address checked" if number == 1 else f"{number} addresses checked"
        body = {"success": True, "contact": _detail(key), "message": message}
        return Response(body, headers=limits.headers(limits.budgets(user, token)))

    @extend_schema(
        operation_id="link_to_crm",
        parameters=[ID],
        request=serializers.LinkRequest,
        responses={200: serializers.ContactChangedResponse, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"], url_path="link-to-crm")
    def link_to_crm(self, request: Request, pk: str) -> Response:
        """Tie a contact to a CRM contact that exists; its addresses go along. Nobody is enrolled."""
        key = path_id(pk, "contact")
        query = serializers.LinkRequest(data=request.data)
        query.is_valid(raise_exception=True)
        crm_key = parse_id(query.validated_data["crmContactId"])
        if crm_key is None:
            raise NotFound("CRM contact")
        with _known():
            approval.link(key, crm_key, cast(User, request.user))
        return Response({"success": True, "contact": _detail(key), "message": "Contact linked to CRM"})

    @extend_schema(
        operation_id="list_messages",
        parameters=[ID],
        responses={200: serializers.MessagesResponse, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["get"])
    def messages(self, request: Request, pk: str) -> Response:
        """List what is planned for an approved contact and what was sent, in order."""
        contact = EnrichedContact.objects.only("linked_contact_id").filter(pk=path_id(pk, "contact")).first()
        if contact is None:
            raise NotFound("contact")
        disclosure.viewed(contact.pk, part="messages")
        key = contact.linked_contact_id
        planned = enrolments.plan([key]).get(key, []) if key else []
        return Response({"success": True, "messages": [representations.planned(message) for message in planned]})


def _detail(key: uuid.UUID) -> representations.Json:
    contact = EnrichedContact.objects.filter(pk=key).prefetch_related("emails").first()
    if contact is None:
        raise NotFound("contact")
    return representations.contact_detail(contact)


@contextmanager
def _known() -> Iterator[None]:
    """Turn the refusals of the block into the API's answers."""
    try:
        yield
    except EnrichedContact.DoesNotExist as error:
        raise NotFound("contact") from error
    except CrmContact.DoesNotExist as error:
        raise NotFound("CRM contact") from error
    except approval.Suppressed as error:
        raise InputError("suppressed", str(error)) from error
