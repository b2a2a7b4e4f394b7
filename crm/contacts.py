"""People of a brand whom someone decided to keep: one row for one person, and one of their addresses the primary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import email_validator
from django.contrib.auth.models import User

from core.fields import blind_index, normalise_email
from core.hosts import host_name
from core.names import name_key

from .models import Brand, Contact, ContactAddress

# What is thought of an address, and may change.
_JUDGED = ["probability", "model_probability", "verification_status", "verification_score"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person. `region_code` is ISO 3166-1 alpha-2; `evidence` entries are as Contact keeps them."""

    first_name: str
    last_name: str
    job_title: str = ""
    seniority: str = "unknown"
    department: str = "other"
    linkedin_url: str | None = None
    region_code: str = ""
    lawful_basis: str | None = None
    evidence: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """An address and how it came to us: `origin` is a ContactAddress.Origin, `probability` between 0 and 1,
    `model_probability` the same before outcomes corrected it.
    """

    email: str
    origin: str
    probability: float | None = None
    model_probability: float | None = None
    verification_status: str = ""
    verification_score: int | None = None


def clean_email(text: str) -> str:
    """Return an address without white space around it. Raises ValueError for what nobody can write to.

    Form alone (RFC 5321, 6531): whether a domain has mail is for the DNS to say. So `.test` and `.local` pass.
    """
    address = text.strip()
    local, _, domain = address.rpartition("@")
    try:
        # Only the local part: the library refuses special-use domains, which a house may have mail for.
        email_validator.validate_email(f"{local}@example.com", check_deliverability=False)
        name = host_name(domain)
    except ValueError as error:
        raise ValueError(f"“{address}” is not an e-mail address: write it like ada@acme.example.") from error
    if "." not in name or name.rpartition(".")[2].isdigit():
        raise ValueError(f"“{address}” is not an e-mail address: the part after the @ must be a domain.")
    return address


def find_or_create(brand: Brand, facts: Facts, addresses: Sequence[Address], user: User | None) -> Contact:
    """Return the brand's contact of this name who has one of these addresses, else a new one, with all of them.

    Addresses come best first. Facts fill what the contact lacks and overwrite nothing. Call in a transaction: it
    locks the brand's row, so that two callers at once make one contact.
    """
    Brand.objects.select_for_update(no_key=True).only("pk").get(pk=brand.pk)
    contact = _find(brand, facts, addresses)
    known = {
        "job_title": facts.job_title,
        "seniority": facts.seniority,
        "department": facts.department,
        "linkedin_url": facts.linkedin_url,
        "region_code": facts.region_code,
        "lawful_basis": facts.lawful_basis,
        "evidence": list(facts.evidence),
    }
    if contact is None:
        contact = Contact.objects.create(
            brand=brand, first_name=facts.first_name, last_name=facts.last_name, created_by=user, **known
        )
    else:
        _fill(contact, known)
    add_addresses(contact, addresses)
    return contact


def add_addresses(contact: Contact, addresses: Sequence[Address]) -> None:
    """Give a contact the addresses it does not have yet; the first becomes primary when none is. In a transaction."""
    lock(contact)
    there = dict(contact.addresses.values_list("email_index", "is_primary"))
    new: dict[str, ContactAddress] = {}
    for address in addresses:
        index = _index(address)
        if index not in there and index not in new:
            new[index] = ContactAddress(
                contact=contact,
                email=address.email,
                is_primary=not new and not any(there.values()),
                origin=address.origin,
                probability=address.probability,
                model_probability=address.model_probability,
                verification_status=address.verification_status,
                verification_score=address.verification_score,
            )
    ContactAddress.objects.bulk_create(new.values())


def update_addresses(contact: Contact, addresses: Sequence[Address]) -> None:
    """Bring what is known of the contact's addresses up to date; addresses it does not have are left out.

    How an address came to us stays as it was. Call in a transaction.
    """
    lock(contact)
    known = {_index(address): address for address in addresses}
    rows = list(contact.addresses.filter(email_index__in=known))
    for row in rows:
        address = known[row.email_index]
        for name in _JUDGED:
            setattr(row, name, getattr(address, name))
    ContactAddress.objects.bulk_update(rows, _JUDGED)


def make_primary(contact: Contact, address: ContactAddress | None = None) -> None:
    """Make this address of the contact the primary one; without it the one that is, else the best. In a transaction."""
    lock(contact)
    chosen = address or contact.addresses.first()
    if chosen is not None:
        # One after the other: at no moment may there be two (crm_one_primary_address).
        contact.addresses.exclude(pk=chosen.pk).update(is_primary=False)
        contact.addresses.filter(pk=chosen.pk).update(is_primary=True)


def _find(brand: Brand, facts: Facts, addresses: Sequence[Address]) -> Contact | None:
    key = name_key(facts.first_name, facts.last_name)
    same = ContactAddress.objects.filter(
        contact__brand=brand, contact__name_key=key, email_index__in=[_index(address) for address in addresses]
    )
    return Contact.objects.filter(pk__in=same.values("contact")).order_by("created_at", "pk").first()


def _fill(contact: Contact, known: dict[str, Any]) -> None:
    blank = Contact()
    missing = {}
    for name, value in known.items():
        current = getattr(contact, name)
        if value and value != current and (not current or current == getattr(blank, name)):
            missing[name] = value
    for name, value in missing.items():
        setattr(contact, name, value)
    if missing:
        contact.save(update_fields=[*missing, "updated_at"])


def lock(contact: Contact) -> None:
    """Let nobody else change the contact's addresses until the end of the transaction."""
    Contact.objects.select_for_update(no_key=True).only("pk").get(pk=contact.pk)


def _index(address: Address) -> str:
    return blind_index(normalise_email(address.email))
