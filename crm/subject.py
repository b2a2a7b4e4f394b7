"""Whom an address means, what the CRM holds of that person, and how it forgets them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core import audit
from core.domains import registrable_domain
from core.fields import blind_index, normalise_email
from core.subject import Json, columns, encrypted, pattern, redact

from . import merge_rows, suppression
from .contacts import make_primary
from .models import (
    AddressOutcome,
    Brand,
    Consent,
    Contact,
    ContactAddress,
    HistoryEntry,
    Merge,
    Note,
    Suppression,
)

_PROOFS = {"manual", "smtp_ping", "api", "published"}  # methods of verification that prove whose an address is


@dataclass(frozen=True, slots=True)
class Subject:
    """A person: the address asked for, all their own (normalised), their names, contacts and brands.

    An address that several people share is nobody's own: then there are no contacts, and `addresses` is empty.
    """

    address: str
    addresses: frozenset[str]
    names: frozenset[str] = frozenset()
    contacts: frozenset[UUID] = frozenset()  # of the CRM
    brands: frozenset[UUID] = frozenset()  # where they are known, and whose domain the address has

    @property
    def indexes(self) -> list[str]:
        """Return the blind indexes of the addresses."""
        return sorted(blind_index(address) for address in self.addresses)

    @property
    def asked_indexes(self) -> list[str]:
        """Return them with that of the address asked for: whoever reads its mail may ask for it, own or shared."""
        return sorted({*self.indexes, blind_index(self.address)})


@dataclass(frozen=True, slots=True)
class Claim:
    """That an address is somebody's: whether that is proved, else how likely it is.

    `same_as`: the contact of the CRM that a contact of discovery stands for.
    """

    key: UUID
    name_key: str
    proved: bool
    chance: float = field(default=0.0)
    same_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom an address belongs: their contacts, and whether that is proved, else how likely it is.

    `shared`: several people have it, and it cannot be said whose it is.
    """

    keys: frozenset[UUID] = frozenset()
    proved: bool = False
    chance: float = 0.0
    shared: bool = False


def whose(claims: Iterable[Claim]) -> Owner:
    """Return to whom an address belongs that several may have, since it was formed from their names.

    All who have it are one person when they have one name, or are linked. Of several people it is the one for whom it
    is proved, else the one for whom it is likeliest. Where it is proved for more than one, or as likely for two, it is
    nobody's: no one is shown or erased with somebody else's address.
    """
    people = _people(list(claims))
    standing = [(any(one.proved for one in some), max(one.chance for one in some)) for some in people]
    proved = [some for some, (is_proved, _) in zip(people, standing, strict=True) if is_proved]
    best = max(standing, default=(False, 0.0))
    owners = proved or [some for some, how in zip(people, standing, strict=True) if how == best]
    if len(owners) != 1:
        return Owner(shared=bool(owners))
    return Owner(frozenset(one.key for one in owners[0]), *best)


def _people(claims: list[Claim]) -> list[list[Claim]]:
    """Return the claims by person: those with one name, and those that are linked, are one's."""
    people: list[tuple[set[str | UUID], list[Claim]]] = []
    for claim in claims:
        marks: set[str | UUID] = {mark for mark in (claim.key, claim.name_key, claim.same_as) if mark}
        theirs, others = [claim], []
        for known, some in people:
            if known & marks:
                marks |= known
                theirs += some
            else:
                others.append((known, some))
        people = [*others, (marks, theirs)]
    return [theirs for _, theirs in people]


def addresses_of(keys: Collection[UUID]) -> set[str]:
    """Return the addresses that contacts have, theirs alone or not."""
    return {normalise_email(row.email) for row in ContactAddress.objects.filter(contact__in=keys)}


def claims(address: str) -> list[Claim]:
    """Return who of the CRM has an address."""
    rows = ContactAddress.objects.filter(email_index=blind_index(normalise_email(address)))
    return [_claim(row) for row in rows.select_related("contact")]


def find(address: str, keys: Collection[UUID] | None = None, *, shared: bool = False) -> Subject:
    """Return whom an address means: the contacts `keys`; None: whose it is by what the CRM alone knows.

    `shared`: that it is nobody's own is known already.
    """
    asked = normalise_email(address)
    if keys is None:
        owner = whose(claims(asked))
        keys, shared = owner.keys, owner.shared
    contacts = list(Contact.objects.filter(pk__in=keys))
    merges = _merges(keys)
    # Whoever was merged into another and is not any more is somebody else.
    gone = [merge.snapshot["gone"] for merge in merges if merge.gone_id in keys or merge.undone_at is None]
    names = {str(contact) for contact in contacts}
    names |= {f"{row['first_name']} {row['last_name']}" for row in gone}
    brands = {contact.brand_id for contact in contacts}
    brands |= set(
        Brand.objects.filter(domain=registrable_domain(asked.rpartition("@")[2]) or "").values_list("pk", flat=True)
    )
    return Subject(
        asked,
        frozenset() if shared else frozenset({asked, *_own_addresses(contacts)}),
        frozenset(names),
        frozenset(contact.pk for contact in contacts),
        frozenset(brands),
    )


def subject_data(address: str, who: Subject | None = None) -> Json:
    """Return what the CRM holds of the person.

    `contacts`: each with `brand`, `evidence` (every source: url, snippet, when), `addresses`, `notes`, `history`,
    `consents`, `merges` (what undoing them would bring back). `suppressed`: since when and why no one writes to the
    address. `outcomes`: what became of messages to it.
    """
    who = who or find(address)
    return {
        "contacts": [_contact(row) for row in Contact.objects.filter(pk__in=who.contacts).select_related("brand")],
        "suppressed": [
            {"what": row.get_kind_display(), "why": row.get_reason_display(), "since": row.created_at.isoformat()}
            for row in _suppressions(who)
        ],
        "outcomes": [columns(row) for row in AddressOutcome.objects.filter(email_index__in=who.indexes)],
    }


def lock(who: Subject) -> None:
    """Let nobody change or merge the person's contacts. Brands and what discovery found are locked before."""
    merge_rows.lock_independent(Contact, who.contacts)
    list(Contact.objects.select_for_update(of=("self",)).filter(pk__in=who.contacts).order_by("pk"))


def subjects(who: Subject) -> set[str]:
    """Return under which names the audit trail may speak of the person: of each row about them."""
    rows: list[QuerySet[Contact] | QuerySet[ContactAddress] | QuerySet[Note] | QuerySet[Consent]] = [
        ContactAddress.objects.filter(contact__in=who.contacts),
        Note.objects.filter(contact__in=who.contacts),
        Consent.objects.filter(contact__in=who.contacts),
    ]
    found = {audit.person(row) for some in rows for row in some.only("pk")}
    found |= {audit.person(Contact(pk=key)) for key in who.contacts}
    found |= {audit.person(Contact(pk=merge.gone_id)) for merge in _merges(who.contacts)}
    return found | {audit.address(address) for address in who.addresses}


def erase(address: str, who: Subject | None = None) -> dict[str, int]:
    """Delete the person's contacts with all that is theirs, in what is others' what names them; brands stay.

    That they are not to be written to stays known, by the fingerprint of each address. Call in a transaction that
    has locked their brands; returns how many rows of which model went.
    """
    who = who or find(address)
    lock(who)
    suppress(who, Suppression.Reason.ERASURE)
    elsewhere = ContactAddress.objects.filter(email_index__in=who.indexes).exclude(contact__in=who.contacts)
    others = list(Contact.objects.filter(addresses__in=elsewhere).distinct())
    gone = counted(
        [
            Merge.objects.filter(pk__in=[merge.pk for merge in _merges(who.contacts)]),
            ContactAddress.objects.filter(Q(contact__in=who.contacts) | Q(email_index__in=who.indexes)),
            Contact.objects.filter(pk__in=who.contacts),
            AddressOutcome.objects.filter(email_index__in=who.indexes),
        ]
    )
    for contact in others:  # to whom one of the addresses did not belong
        make_primary(contact)
    wanted = pattern(who.addresses, who.names)
    here = Q(contact__brand__in=who.brands)
    for rows in (
        *(model.objects.filter(here) for model in (Note, HistoryEntry, Consent)),
        Merge.objects.filter(kept__brand__in=who.brands),
        Contact.objects.filter(brand__in=who.brands),
        Brand.objects.filter(pk__in=who.brands),
    ):
        if number := redact(rows, encrypted(rows.model), wanted):
            add(gone, {f"{rows.model._meta.label_lower} redacted": number})
    return gone


def suppress(who: Subject, reason: Suppression.Reason) -> None:
    """Put the person's addresses on the suppression list. Erasure outlasts a restriction, which can be lifted."""
    suppression.add_indexes(who.asked_indexes, reason)
    if reason == Suppression.Reason.ERASURE:
        _suppressions(who).filter(reason=Suppression.Reason.RESTRICTION).update(reason=reason)


def counted(several: Iterable[QuerySet[Any]]) -> dict[str, int]:
    """Delete rows, one query set after the other, and return how many went, by their models' labels."""
    gone: dict[str, int] = {}
    for rows in several:
        add(gone, {label.lower(): number for label, number in rows.delete()[1].items()})
    return gone


def add(counts: dict[str, int], more: dict[str, int]) -> None:
    """Add counts to others, but for zeros."""
    for name, number in more.items():
        if number:
            counts[name] = counts.get(name, 0) + number


def _claim(row: ContactAddress) -> Claim:
    proved = row.origin != ContactAddress.Origin.GUESSED or row.verification_method in _PROOFS
    return Claim(row.contact_id, row.contact.name_key, proved, row.probability or 0.0)


def _own_addresses(contacts: Collection[Contact]) -> set[str]:
    """Return the contacts' addresses, but for those that are somebody else's, or shared with others."""
    keys = {contact.pk for contact in contacts}
    return {address for address in addresses_of(keys) if whose(claims(address)).keys & keys}


def _merges(keys: Collection[UUID]) -> list[Merge]:
    return list(Merge.objects.filter(Q(kept__in=keys) | Q(gone_id__in=keys)))


def _suppressions(who: Subject) -> QuerySet[Suppression]:
    return Suppression.objects.filter(kind=Suppression.Kind.ADDRESS, value_index__in=who.asked_indexes)


def _contact(row: Contact) -> Json:
    return {
        **columns(row, leave_out={"evidence"}),
        "brand": row.brand.name,
        "evidence": row.evidence,
        "addresses": [columns(item) for item in row.addresses.all()],
        "notes": [columns(item) for item in row.notes.all()],
        "history": [columns(item) for item in row.history.all()],
        "consents": [columns(item) for item in row.consents.all()],
        # Of a merge that was undone, the snapshot is of somebody else.
        "merges": [columns(item) for item in _merges([row.pk]) if item.undone_at is None],
    }
