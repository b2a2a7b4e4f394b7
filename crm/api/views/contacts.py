"""Contacts: the people whom we keep, entered and changed by hand; their addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import cursors
from core.api.errors import NotFound
from core.api.rows import filtered, one, page, refusing
from core.api.schema import ERRORS, ID, MISSING, path_id
from core.refusals import InputError
from crm import audited, brands, by_hand, contacts
from crm.api import representations, serializers
from crm.contacts import Facts
from crm.models import Brand, Contact, ContactAddress
from crm.searching import search

from .records import ROWS, WITH_ADDRESSES, RecordsViewSet

log = structlog.get_logger(__name__)

CONTACTS = cursors.Listing("crm contacts", {"createdAt": "created_at", "lastName": "last_name"}, default="-createdAt")
COLUMNS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "jobTitle": "job_title",
    "linkedInUrl": "linkedin_url",
    "region": "region_code",
    "relationship": "relationship_status",
    "ownerId": "owner",
    "lawfulBasis": "lawful_basis",
}
ANSWER = {200: serializers.CrmContactAnswer, **ERRORS, **MISSING}


class ContactViewSet(RecordsViewSet):
    """The people whom we keep."""

    @extend_schema(
        operation_id="list_crm_contacts",
        parameters=[serializers.CrmContactQuery],
        responses={200: serializers.CrmContactsAnswer, **ERRORS},
    )
    def list(self, request: Request) -> Response:
        """List contacts, newest first unless asked otherwise."""
        query = serializers.CrmContactQuery(data=request.query_params).cleaned()
        answer = page("contacts", CONTACTS, _matching(query), query, representations.contact)
        audited.listed_ids([row["id"] for row in answer["contacts"]], filters=sorted(query))
        return Response(answer)

    @extend_schema(operation_id="create_crm_contact", request=serializers.NewCrmContactRequest, responses=ANSWER)
    def create(self, request: Request) -> Response:
        """Enter a contact by hand. Who is there already, by name and address, gets what was missing."""
        query = serializers.NewCrmContactRequest(data=request.data)
        query.is_valid(raise_exception=True)
        contact = _created(query.validated_data, cast(User, request.user))
        return _answer(str(contact.pk))

    @extend_schema(operation_id="get_crm_contact", parameters=[ID], responses=ANSWER)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a contact with addresses, consents, merges and open enrolments."""
        answer = _answer(pk)
        audited.viewed(path_id(pk, "contact"))
        return answer

    @extend_schema(
        operation_id="edit_crm_contact", parameters=[ID], request=serializers.CrmContactRequest, responses=ANSWER
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a contact."""
        contact = one(ROWS, pk, "contact")
        query = serializers.CrmContactRequest(data=request.data)
        query.is_valid(raise_exception=True)
        changes = {COLUMNS[name]: value for name, value in query.validated_data.items()}
        if "owner" in changes:
            changes["owner"] = _owner(changes["owner"])
        if "linkedin_url" in changes:
            changes["linkedin_url"] = changes["linkedin_url"] or None
        with refusing("invalid_input"):
            by_hand.edit(contact, changes, cast(User, request.user))
        return _answer(pk)

    @extend_schema(
        operation_id="delete_crm_contact",
        parameters=[ID],
        responses={200: serializers.CrmDeleted, **ERRORS, **MISSING},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a contact with all that is kept of it. The suppression list keeps what it knows."""
        with transaction.atomic():
            if not contacts.delete([path_id(pk, "contact")], cast(User, request.user)):
                raise NotFound("contact")
        log.info("CRM contact deleted", contact=pk, by=request.user.pk)
        return Response({"success": True, "message": "Contact deleted"})

    @extend_schema(
        operation_id="add_address",
        parameters=[ID],
        request=serializers.AddressRequest,
        responses={200: serializers.AddressAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def addresses(self, request: Request, pk: str) -> Response:
        """Add an address by hand. One that the contact has stays as it is."""
        contact = one(ROWS, pk, "contact")
        query = serializers.AddressRequest(data=request.data)
        query.is_valid(raise_exception=True)
        with _refusing():
            row = by_hand.add_address(contact, query.validated_data["email"], cast(User, request.user))
        return Response({"success": True, "address": representations.address(row)})

    @extend_schema(operation_id="make_primary", parameters=[ID], request=serializers.PrimaryRequest, responses=ANSWER)
    @action(detail=True, methods=["post"])
    def primary(self, request: Request, pk: str) -> Response:
        """Make another address the one that is written to from now on."""
        contact = one(ROWS, pk, "contact")
        query = serializers.PrimaryRequest(data=request.data)
        query.is_valid(raise_exception=True)
        address = one(ContactAddress.objects.all(), str(query.validated_data["addressId"]), "address")
        with refusing("invalid_input"):
            by_hand.make_primary(contact, address, cast(User, request.user))
        return _answer(pk)


def _matching(query: dict[str, Any]) -> QuerySet[Contact]:
    rows = filtered(WITH_ADDRESSES, query, {"brandId": "brand"})
    if "relationship" in query:
        rows = rows.filter(relationship_status=query["relationship"])
    if "ownerId" in query:
        rows = rows.filter(owner=query["ownerId"])
    if "region" in query:
        rows = rows.filter(region_code=query["region"].upper())
    return search(rows, query["search"]) if "search" in query else rows


def _created(asked: dict[str, Any], user: User) -> Contact:
    facts = Facts(
        first_name=asked["firstName"],
        last_name=asked["lastName"],
        job_title=asked.get("jobTitle", ""),
        linkedin_url=asked.get("linkedInUrl"),
        region_code=asked.get("region", ""),
        lawful_basis=asked.get("lawfulBasis"),
    )
    with _refusing(), transaction.atomic():
        if "brandId" in asked:
            brand = one(Brand.objects.all(), str(asked["brandId"]), "brand")
        else:
            brand = brands.find_or_create(asked["brandName"])
        return by_hand.create(brand, facts, asked["addresses"], user)


def _owner(key: int | None) -> User | None:
    owner = User.objects.filter(pk=key, is_active=True, is_staff=True).first() if key else None
    if key and owner is None:
        raise InputError("invalid_input", "ownerId: there is no such staff user.")
    return owner


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn the refusals of what is entered into the API's answers."""
    with refusing("invalid_input"):
        try:
            yield
        except by_hand.Suppressed as error:
            raise InputError("suppressed", str(error)) from error


def _answer(pk: str) -> Response:
    return Response({"success": True, "contact": representations.contact_detail(one(WITH_ADDRESSES, pk, "contact"))})
