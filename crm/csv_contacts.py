"""The contacts that a batch of rows speaks of: found by brand and address, made or filled in, and written together.

It does for a thousand rows in a few statements what contacts.find_or_create does for one: facts fill what is missing
and overwrite nothing.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from core import audit
from core.fields import blind_index, normalise_email
from core.names import name_key

from . import audited, contacts, region_inference
from .contacts import Address, Facts
from .csv_people import Person
from .models import Contact, ContactAddress, LawfulBasis

Rows = Sequence[tuple[uuid.UUID, Person, Facts]]


@dataclass(slots=True, eq=False)
class Entry:
    """A contact with what the rows so far have added to it."""

    contact: Contact
    new: bool
    indexes: set[str] = field(default_factory=set)
    added: list[Address] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    was: dict[str, Any] = field(default_factory=dict)

    @property
    def act(self) -> list[audit.Act]:
        """Return what the rows did to the contact, for the audit trail; nothing where they did nothing."""
        emails = [address.email for address in self.added]
        if self.new:
            return [audited.made(self.contact, emails, imported=True)]
        return audited.changed(self.contact, self.was, emails, imported=True)

    def take(self, person: Person, facts: Facts) -> bool:
        """Take on what the contact lacks; return whether there was anything."""
        before = len(self.added), len(self.changed)
        self.was = self.was or audited.values(self.contact)
        blank = Contact()
        for name, value in _known(person, facts).items():
            current = getattr(self.contact, name)
            if value and value != current and (not current or current == getattr(blank, name)):
                setattr(self.contact, name, value)
                self.changed.add(name)
        if "region_code" in self.changed and "region_basis" not in self.changed:
            self.contact.region_basis = region_inference.given(timezone.now())
            self.changed.add("region_basis")
        for email in person.addresses:
            if (index := email_index(email)) not in self.indexes:
                self.indexes.add(index)
                self.added.append(Address(email, ContactAddress.Origin.MANUAL))
        return before != (len(self.added), len(self.changed))


class People:
    """The contacts of a batch's brands. In a transaction with the brands locked, unless nothing will be written."""

    def __init__(self, rows: Rows, user: User | None, *, lock: bool) -> None:
        self._user = user
        self._entries: dict[uuid.UUID, Entry] = {}
        self._by_address: dict[tuple[uuid.UUID, str], list[Entry]] = defaultdict(list)
        self._by_name: dict[tuple[uuid.UUID, str], list[Entry]] = defaultdict(list)
        self._load(rows, lock)

    def find(self, brand: uuid.UUID, person: Person, facts: Facts) -> Entry | None:
        """Return the brand's contact with one of these addresses, best of this name; without an address, of this name.

        Of several the one that was there first.
        """
        key = name_key(facts.first_name, facts.last_name)
        if not person.addresses:
            return next(iter(self._by_name[brand, key]), None)
        found = [entry for email in person.addresses for entry in self._by_address[brand, email_index(email)]]
        return min(found, key=lambda entry: (entry.contact.name_key != key, entry.contact.pk), default=None)

    def add(self, brand: uuid.UUID, facts: Facts) -> Entry:
        """Return a new contact, so far without what `take` gives it."""
        contact = Contact(
            brand_id=brand,
            first_name=facts.first_name,
            last_name=facts.last_name,
            name_key=name_key(facts.first_name, facts.last_name),
            lawful_basis=facts.lawful_basis or LawfulBasis.MANUAL,
            created_by=self._user,
        )
        return self._remember(Entry(contact, new=True))

    def index(self, entry: Entry) -> None:
        """Let the rows that follow find a contact by the addresses it has now."""
        for index in entry.indexes:
            known = self._by_address[entry.contact.brand_id, index]
            if entry not in known:
                known.append(entry)

    def write(self) -> None:
        """Write what was added: new contacts and their addresses together, what others lacked one by one."""
        new = [entry for entry in self._entries.values() if entry.new]
        Contact.objects.bulk_create([entry.contact for entry in new])
        ContactAddress.objects.bulk_create(
            ContactAddress(contact=entry.contact, email=address.email, origin=address.origin, is_primary=place == 0)
            for entry in new
            for place, address in enumerate(entry.added)
        )
        for entry in self._entries.values():
            if entry.changed and not entry.new:
                entry.contact.save(update_fields=[*entry.changed, "updated_at"])
            if entry.added and not entry.new:
                contacts.add_addresses(entry.contact, entry.added)
        audit.record_many([act for entry in self._entries.values() for act in entry.act], actor=self._user)

    def _load(self, rows: Rows, lock: bool) -> None:
        indexes = {email_index(email) for _, person, _ in rows for email in person.addresses}
        names = {name_key(facts.first_name, facts.last_name) for _, person, facts in rows if not person.addresses}
        at_brands = {brand for brand, _, _ in rows}
        same = ContactAddress.objects.filter(contact__brand__in=at_brands, email_index__in=indexes)
        named = Contact.objects.filter(brand__in=at_brands, name_key__in=names) if names else Contact.objects.none()
        pks = {*same.order_by().values_list("contact", flat=True), *named.order_by().values_list("pk", flat=True)}
        found = Contact.objects.filter(pk__in=pks).order_by("pk")
        for contact in found.select_for_update(no_key=True) if lock else found:
            self._remember(Entry(contact, new=False))
        addresses = ContactAddress.objects.filter(contact__in=list(self._entries)).order_by()
        for pk, index in addresses.values_list("contact", "email_index"):
            self._entries[pk].indexes.add(index)
        for entry in self._entries.values():
            self.index(entry)

    def _remember(self, entry: Entry) -> Entry:
        self._entries[entry.contact.pk] = entry
        self._by_name[entry.contact.brand_id, entry.contact.name_key].append(entry)
        return entry


def email_index(email: str) -> str:
    """Return the index by which an address is found."""
    return blind_index(normalise_email(email))


def _known(person: Person, facts: Facts) -> dict[str, Any]:
    return {
        "job_title": facts.job_title,
        "seniority": facts.seniority,
        "department": facts.department,
        "linkedin_url": facts.linkedin_url,
        "region_code": facts.region_code,
        "lawful_basis": facts.lawful_basis,
        "evidence": list(facts.evidence),
        "relationship_status": person.relationship,
        "owner_id": person.owner,
    }
