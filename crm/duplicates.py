"""Contacts who are likely one person: with the same address, or at one brand with the same or much the same name.

LinkedIn profiles are encrypted and cannot be compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from django.db.models import Count

from core.names import alike

from .models import Contact, ContactAddress

ADDRESS, NAME, SIMILAR = "the same address", "the same name at the same company", "a similar name at the same company"
MOST_COLLEAGUES = 5_000
_ORDER = (ADDRESS, NAME, SIMILAR)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts, the older one first, and why they may be one."""

    first: Contact
    second: Contact
    reason: str


def duplicates_of(contact: Contact, limit: int = 20) -> list[Pair]:
    """Return the pairs of a contact with others who may be the same person, likeliest first. A few queries."""
    found: dict[UUID, str] = {}
    indexes = contact.addresses.order_by().values("email_index")
    same = ContactAddress.objects.filter(email_index__in=indexes).exclude(contact=contact).order_by("contact")
    found |= dict.fromkeys(same.values_list("contact", flat=True)[:limit], ADDRESS)
    colleagues = Contact.objects.filter(brand=contact.brand_id).exclude(pk=contact.pk).exclude(name_key="")
    names = dict(colleagues.order_by("pk").values_list("pk", "name_key")[:MOST_COLLEAGUES])
    for key in alike(contact.name_key, names, limit):
        found.setdefault(key, NAME if names[key] == contact.name_key else SIMILAR)
    others = Contact.objects.select_related("brand").in_bulk(list(found))
    ranked = sorted(found.items(), key=lambda item: (_ORDER.index(item[1]), item[0]))
    return [_pair(contact, others[key], reason) for key, reason in ranked if key in others][:limit]


def all_pairs(limit: int = 100) -> list[Pair]:
    """Return pairs of contacts with the same address, then with the same name at one brand, `limit` at most.

    Similar names are left out: only `duplicates_of` looks for them.
    """
    keys: dict[tuple[UUID, UUID], str] = {}
    for reason, groups in ((ADDRESS, _by_address(limit)), (NAME, _by_name(limit))):
        for pair in _pairs(groups):
            keys.setdefault(pair, reason)
    wanted = list(keys.items())[:limit]
    rows = Contact.objects.select_related("brand").in_bulk({key for pair, _ in wanted for key in pair})
    return [Pair(rows[one], rows[other], reason) for (one, other), reason in wanted if one in rows and other in rows]


def _pair(one: Contact, other: Contact, reason: str) -> Pair:
    first, second = sorted((one, other), key=lambda contact: contact.pk)
    return Pair(first, second, reason)


def _pairs(groups: Iterable[tuple[object, UUID]]) -> Iterator[tuple[UUID, UUID]]:
    """Yield the pairs within each group, of rows with what makes the group and a contact's id."""
    members: dict[object, list[UUID]] = {}
    for group, key in groups:
        members.setdefault(group, []).append(key)
    for keys in members.values():
        yield from combinations(sorted(keys), 2)


def _by_address(limit: int) -> Iterable[tuple[object, UUID]]:
    shared = ContactAddress.objects.order_by("email_index").values("email_index").annotate(n=Count("contact"))
    some = list(shared.filter(n__gt=1).values_list("email_index", flat=True)[:limit])
    rows = ContactAddress.objects.filter(email_index__in=some).order_by("email_index", "contact")
    return rows.values_list("email_index", "contact")


def _by_name(limit: int) -> Iterator[tuple[object, UUID]]:
    named = Contact.objects.exclude(name_key="").order_by("name_key", "brand").values("name_key", "brand")
    some = set(named.annotate(n=Count("pk")).filter(n__gt=1).values_list("name_key", "brand")[:limit])
    rows = Contact.objects.filter(name_key__in={name for name, _ in some}).order_by("name_key", "brand", "pk")
    for name, brand, key in rows.values_list("name_key", "brand", "pk"):
        if (name, brand) in some:
            yield (name, brand), key
