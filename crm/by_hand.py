"""Contacts and brands as people enter and change them. Nobody on the suppression list is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from core.fields import blind_index, normalise_email

from . import brands, contacts, csv_cells, history, regions
from .contacts import Address, Facts
from .models import Brand, Contact, ContactAddress, LawfulBasis
from .suppression import suppressed

ORIGIN = ContactAddress.Origin.MANUAL
SUPPRESSED = (
    "The person or the company is on the suppression list, so nothing was kept. Take them off it first if they asked "
    "to be written to again."
)
NOT_THEIRS = "The address belongs to somebody else: choose one of the contact's own."


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
    _refuse_suppressed(brand, [address.email for address in addresses])
    contact = contacts.find_or_create(brand, facts, addresses, user)
    history.record(contact, "entered", "Entered by hand.", user)
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
    return row


@transaction.atomic
def edit(contact: Contact, changes: Mapping[str, Any], user: User | None) -> None:
    """Change a contact: columns by name, of which `owner` and `relationship_status` stand in its history.

    Raises ValueError for a value that cannot be.
    """
    values = dict(changes)
    if "relationship_status" in values:
        contacts.set_relationship(contact, values.pop("relationship_status"), user)
    if "owner" in values:
        contacts.set_owner([contact], values.pop("owner"), user)
    if "region_code" in values:
        values["region_code"] = regions.clean_code(values["region_code"]) or ""
    if values.get("linkedin_url"):
        values["linkedin_url"] = csv_cells.url(values["linkedin_url"])
    if values:
        for name, value in values.items():
            setattr(contact, name, value)
        contact.save(update_fields=[*values, "updated_at"])


def edit_brand(brand: Brand, changes: Mapping[str, Any]) -> None:
    """Change a brand: columns by name. Raises ValueError for a value that cannot be, and for a name that is taken."""
    values = dict(changes)
    for name in ("website", "linkedin_company_url"):
        if values.get(name):
            values[name] = csv_cells.url(values[name])
    if "region_code" in values:
        values["region_code"] = regions.clean_code(values["region_code"]) or ""
    if "name" in values:
        values["name_key"] = brands.name_key(values["name"])
    for name, value in values.items():
        setattr(brand, name, value)
    try:
        with transaction.atomic():
            brand.save(update_fields=[*values, "updated_at"])
    except IntegrityError as error:
        raise ValueError("Another brand has this name, and no domain either: change that one.") from error


@transaction.atomic
def make_primary(contact: Contact, address: ContactAddress, user: User | None) -> None:
    """Make another address of the contact the primary one. Raises ValueError for the address of somebody else."""
    if address.contact_id != contact.pk:
        raise ValueError(NOT_THEIRS)
    contacts.make_primary(contact, address)
    if not address.is_primary:
        history.record(contact, "primary_changed", "Another address is the primary one.", user)


def _refuse_suppressed(brand: Brand, emails: Iterable[str]) -> None:
    company = [f"@{brand.domain}"] if brand.domain else []
    if suppressed([*emails, *company]):
        raise Suppressed(SUPPRESSED)
