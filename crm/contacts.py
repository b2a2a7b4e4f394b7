"""People of a brand whom someone decided to keep: one row for one person, and one of their addresses the primary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import email_validator
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from core import audit
from core.fields import blind_index, normalise_email
from core.hosts import host_name
from core.names import name_key

from . import audited, history
from .models import Brand, Contact, ContactAddress

OWNS = "owner_id"
OWNER, RELATIONSHIP = "owner_changed", "relationship_changed"  # kinds of history entries

# What is thought of an address, and may change.
_JUDGED = [
    *("probability", "model_probability", "verification_status", "verification_score"),
    *("verification_method", "mail_operator"),
]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person. `region_code` is ISO 3166-1 alpha-2; `evidence` entries are as Contact keeps them.

    `obtained_at` is when we first had it from elsewhere than themselves; None when somebody entered it. `region_basis`
    is how the region is known (region_inference.py), `region_rules_apply` False that its rules are warnings only.
    """

    first_name: str
    last_name: str
    job_title: str = ""
    seniority: str = "unknown"
    department: str = "other"
    linkedin_url: str | None = None
    region_code: str = ""
    lawful_basis: str | None = None
    evidence: Sequence[dict[str, Any]] = ()
    obtained_at: datetime | None = None
    region_basis: Mapping[str, Any] | None = None
    region_rules_apply: bool = True


@dataclass(frozen=True, slots=True)
class Address:
    """An address and how it came to us: `origin` is a ContactAddress.Origin, `probability` between 0 and 1,
    `model_probability` the same before outcomes corrected it. `mail_operator` runs the domain's mail servers.
    """

    email: str
    origin: str
    probability: float | None = None
    model_probability: float | None = None
    verification_status: str = ""
    verification_score: int | None = None
    verification_method: str = ""
    mail_operator: str = ""


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
        "region_basis": dict(facts.region_basis) if facts.region_basis else None,
    }
    if contact is None:
        contact = Contact.objects.create(
            brand=brand,
            first_name=facts.first_name,
            last_name=facts.last_name,
            region_rules_apply=facts.region_rules_apply,
            obtained_at=facts.obtained_at,  # of one whom somebody entered before, it is no news
            created_by=user,
            **known,
        )
    else:
        if contact.region_code:
            del known["region_basis"]  # it is of another region
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
                **{name: getattr(address, name) for name in _JUDGED},
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


@transaction.atomic
def set_owner(contacts: Iterable[Contact], owner: User | None, actor: User | None) -> int:
    """Give contacts an owner, or None for nobody; return how many had another one. Their history says so."""
    keys = [contact.pk for contact in contacts]
    locked = Contact.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    changed = [contact for contact in locked.only("pk", "owner") if contact.owner_id != (owner.pk if owner else None)]
    rows = Contact.objects.filter(pk__in=[contact.pk for contact in changed])
    new = owner.pk if owner else None
    acts = [
        audited.act(
            "crm_contact.changed", row, before={"owner_id": row.owner_id}, after={"owner_id": new}, fields=[OWNS]
        )
        for row in changed
    ]
    rows.update(owner=owner, updated_at=timezone.now())
    audit.record_many(acts, actor=actor)
    history.record_many(changed, OWNER, _owned_by(owner), actor)
    return len(changed)


@transaction.atomic
def set_relationship(contact: Contact, status: str, actor: User | None) -> bool:
    """Set how we stand with a contact, a Contact.Relationship; return whether it was another. Its history says so.

    Raises ValueError for what is no such status.
    """
    if status not in Contact.Relationship.values:
        known = ", ".join(Contact.Relationship.values)
        raise ValueError(f"“{status}” is no relationship status: write one of {known}.")
    row = Contact.objects.select_for_update(no_key=True).only("pk", "relationship_status").get(pk=contact.pk)
    if row.relationship_status == status:
        return False
    Contact.objects.filter(pk=row.pk).update(relationship_status=status, updated_at=timezone.now())
    was, now = {"relationship_status": row.relationship_status}, {"relationship_status": status}
    act = audited.act("crm_contact.changed", row, before=was, after=now, fields=["relationship_status"])
    audit.record_many([act], actor=actor)
    contact.relationship_status = status
    history.record(contact, RELATIONSHIP, _stands(status), actor)
    return True


@transaction.atomic
def delete(contact_ids: Iterable[UUID], actor: User | None) -> int:
    """Delete contacts with all that is kept of them; return how many there were. The suppression list stays.

    What the audit trail says of these contacts cannot be read any more after this.
    """
    keys = sorted(set(contact_ids))
    rows = Contact.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    found = list(rows.values_list("pk", flat=True))
    audit.record_many([audited.act("crm_contact.deleted", Contact(pk=key)) for key in found], actor=actor)
    Contact.objects.filter(pk__in=found).delete()
    audit.forget([audit.person(Contact(pk=key)) for key in found])
    return len(found)


def record_changes(contact: Contact, names: Iterable[str], actor: User | None) -> None:
    """Write into the history what was changed of a contact elsewhere: `names` of fields, of which some are told."""
    if "owner" in names:
        history.record(contact, OWNER, _owned_by(contact.owner), actor)
    if "relationship_status" in names:
        history.record(contact, RELATIONSHIP, _stands(contact.relationship_status), actor)


def _owned_by(owner: User | None) -> str:
    return f"Owner is now {owner.get_username()}." if owner else "Nobody is the owner any more."


def _stands(status: str) -> str:
    return f"Relationship is now {status}."


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


def hold(contact_ids: Iterable[UUID]) -> None:
    """Let nobody delete these contacts, or merge them, until the end of the transaction; many may hold one at once.

    Call it before locking what is theirs, such as enrolments: merging locks contacts first, and whoever writes into a
    history afterwards would wait for it in turn. Django has no name for this lock. SQLite knows one writer.
    """
    if connection.vendor == "postgresql" and (keys := sorted(set(contact_ids))):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM crm_contact WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [keys])


def _index(address: Address) -> str:
    return blind_index(normalise_email(address.email))
