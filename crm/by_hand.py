"""Contacts and brands as people enter and change them. Nobody on the suppression list is kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from core.fields import blind_index, normalise_email

from . import audited, brands, contacts, csv_cells, history, region_inference, regions, suppression
from .contacts import Address, Facts
from .models import Brand, Contact, ContactAddress, LawfulBasis

ORIGIN = ContactAddress.Origin.MANUAL
SUPPRESSED = (
    "The person or the company is on the suppression list, so nothing was kept. Take them off it first if they asked "
    "to be written to again."
)
NOT_THEIRS = "The address belongs to somebody else: choose one of the contact's own."

# Called with the ids of contacts whose country was corrected, or their brand's. An app above puts its own here when it
# starts, since this one cannot import it.
AFTER_REGION: list[Callable[[Sequence[UUID]], Any]] = []


class Suppressed(ValueError):
    """Somebody who must not be written to; the message is a sentence."""


@transaction.atomic
def create(brand: Brand, facts: Facts, emails: Iterable[str], user: User | None) -> Contact:
    """Keep a person with addresses, best first; who is there already gets what was missing.

    Raises Suppressed for an address or company on the suppression list, ValueError for what is no address, country or
    profile, before anything is written.
    """
    addresses = [Address(contacts.clean_email(email), ORIGIN) for email in emails]
    facts = replace(
        facts,
        linkedin_url=csv_cells.url(facts.linkedin_url) if facts.linkedin_url else None,
        region_code=regions.clean_code(facts.region_code) or "",
        lawful_basis=facts.lawful_basis or LawfulBasis.MANUAL,
    )
    if facts.region_code:
        facts = replace(facts, region_basis=region_inference.by_hand(_name(user), timezone.now()))
    _refuse_suppressed(brand, [address.email for address in addresses])
    began = timezone.now()
    contact = contacts.find_or_create(brand, facts, addresses, user)
    history.record(contact, "entered", "Entered by hand.", user)
    given = [address.email for address in addresses]
    if contact.created_at >= began:
        audit.record_many([audited.made(contact, given, by_hand=True)], actor=user)
    else:
        after = {"addresses": given}
        audit.record_many([audited.act("crm_contact.completed", contact, after=after, by_hand=True)], actor=user)
    return contact


@transaction.atomic
def add_address(contact: Contact, email: str, user: User | None) -> ContactAddress:
    """Give a contact an address, and return it; one that they have stays as it is. Raises as `create` does."""
    address = Address(contacts.clean_email(email), ORIGIN)
    _refuse_suppressed(contact.brand, [address.email])
    known = set(contact.addresses.values_list("pk", flat=True))
    contacts.add_addresses(contact, [address])
    row: ContactAddress = contact.addresses.get(email_index=blind_index(normalise_email(address.email)))
    if row.pk not in known:
        history.record(contact, "address_added", "An address was added by hand.", user)
        audit.record_many(audited.changed(contact, {}, [address.email], by_hand=True), actor=user)
    return row


@transaction.atomic
def edit(contact: Contact, changes: Mapping[str, Any], user: User | None) -> None:
    """Change a contact: columns by name, of which `owner` and `relationship_status` stand in its history.

    A region that is corrected is never overwritten, and what waits for the contact is judged anew (AFTER_REGION).
    Raises ValueError for a value that cannot be.
    """
    values = dict(changes)
    before = audited.values(contact)
    if "relationship_status" in values:
        contacts.set_relationship(contact, values.pop("relationship_status"), user)
    if "owner" in values:
        contacts.set_owner([contact], values.pop("owner"), user)
    if "region_code" in values:
        values["region_code"] = regions.clean_code(values["region_code"]) or ""
    if values.get("linkedin_url"):
        values["linkedin_url"] = csv_cells.url(values["linkedin_url"])
    moved = values.get("region_code", contact.region_code) != contact.region_code
    if moved:
        values["region_basis"] = basis(values["region_code"], user)
    if values:
        for name, value in values.items():
            setattr(contact, name, value)
        contact.save(update_fields=[*values, "updated_at"])
        told = {name: before[name] for name in values if name in before}
        audit.record_many(audited.changed(contact, told, by_hand=True), actor=user)
    if moved:
        after_region([contact.pk])


def edit_brand(brand: Brand, changes: Mapping[str, Any], user: User | None = None) -> None:
    """Change a brand: columns by name. Raises ValueError for a value that cannot be, and for a name that is taken.

    A region that is corrected is never overwritten; what waits for its people is judged anew.
    """
    values = dict(changes)
    before = audited.values(brand)
    for name in ("website", "linkedin_company_url"):
        if values.get(name):
            values[name] = csv_cells.url(values[name])
    if "region_code" in values:
        values["region_code"] = regions.clean_code(values["region_code"]) or ""
    if "name" in values:
        values["name_key"] = brands.name_key(values["name"])
    moved = values.get("region_code", brand.region_code) != brand.region_code
    if moved:
        values["region_basis"] = basis(values["region_code"], user)
    for name, value in values.items():
        setattr(brand, name, value)
    try:
        with transaction.atomic():
            brand.save(update_fields=[*values, "updated_at"])
            audited.brand_changed(brand, before, user)
    except IntegrityError as error:
        raise ValueError("Another brand has this name, and no domain either: change that one.") from error
    if moved:
        after_region(Contact.objects.filter(brand=brand, region_code="").values_list("pk", flat=True))


def basis(region: str, user: User | None) -> dict[str, Any] | None:
    """Return how a region is known that a user has just entered; None for one that was emptied: it may be inferred."""
    return region_inference.by_hand(_name(user), timezone.now()) if region else None


def after_region(contact_ids: Iterable[UUID]) -> None:
    """Have whatever depends on where these contacts work looked at anew."""
    ids = list(contact_ids)
    for see_to_it in AFTER_REGION if ids else ():
        see_to_it(ids)


def _name(user: User | None) -> str:
    return user.get_username() if user else "a command"


@transaction.atomic
def make_primary(contact: Contact, address: ContactAddress, user: User | None) -> None:
    """Make another address of the contact the primary one. Raises ValueError for the address of somebody else."""
    if address.contact_id != contact.pk:
        raise ValueError(NOT_THEIRS)
    contacts.make_primary(contact, address)
    if not address.is_primary:
        history.record(contact, "primary_changed", "Another address is the primary one.", user)
        after = {"primary": address.email}
        acts = [audited.act("crm_contact.changed", contact, after=after, fields=["primary"], address=address.pk)]
        audit.record_many(acts, actor=user)


def _refuse_suppressed(brand: Brand, emails: Iterable[str]) -> None:
    suppression.hold()
    company = [f"@{brand.domain}"] if brand.domain else []
    if suppression.suppressed([*emails, *company]):
        raise Suppressed(SUPPRESSED)
