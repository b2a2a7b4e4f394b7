"""Reading the chain from its first entry to its last: whether anything was changed, added or taken out.

What only somebody who wrote down the chain's end can notice is that entries at its end, and the head with them, were
put back to an older state: hence anchors, a number with its link, which the hourly task also logs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from core.models import AuditEntry, AuditHead

from .chain import seal
from .digests import digest, link

FORGOTTEN = "audit.forgotten"
BATCH = 1000
TRIES = 3  # while the trail is read, its beginning may be forgotten


@dataclass(frozen=True, slots=True)
class Verified:
    """The trail is whole: entries from `first` to `last` (0, 0: there are none); `link` is the end of the chain."""

    first: int
    last: int
    link: str


class Broken(Exception):
    """The trail was tampered with, or rows were lost; the sentence says where."""


def verify(after: tuple[int, str] | None = None) -> Verified:
    """Read the whole trail, sealing what is not yet, and return where it stands.

    `after` is an anchor kept elsewhere: the trail must hold that number with that link. Raises Broken.
    """
    seal()
    for _ in range(TRIES):
        head = end()
        try:
            found = _read(head)
            if after is not None:
                _holds(head, *after)
            return found
        except Broken:
            if end().purged_through == head.purged_through:
                raise
    raise Broken("The trail was being forgotten while it was read. Verify it again.")


def end() -> AuditHead:
    """Return the end of the chain, and up to where it was forgotten."""
    return AuditHead.objects.filter(pk=1).first() or AuditHead(pk=1)


def anchor(text: str) -> tuple[int, str]:
    """Return `NUMBER:LINK` as number and link. Raises ValueError with a sentence."""
    match = re.fullmatch(r"([1-9]\d{0,17}):([0-9a-f]{64})", text.strip().lower())
    if match is None:
        raise ValueError("An anchor is a number, a colon, and a link of 64 hexadecimal digits.")
    return int(match[1]), match[2]


def _read(head: AuditHead) -> Verified:
    number, before = head.purged_through, head.purged_link
    first, forgotten = number + 1, (0, "")
    for entry in _in_order(number, head.number):
        number += 1
        if entry.number != number:
            raise Broken(f"Entry {number} is missing: somebody took it out.")
        if entry.digest != digest(entry):
            raise Broken(f"Entry {number} ({entry.id}) was changed after it was written.")
        before = link(before, number, entry.digest)
        if entry.link != before:
            raise Broken(f"Entry {number} ({entry.id}) does not follow the one before it: entries were exchanged.")
        if entry.action == FORGOTTEN:
            forgotten = (entry.facts.get("through", 0), entry.facts.get("link", ""))
    if (number, before) != (head.number, head.link):
        raise Broken(f"The trail ends with entry {number}, and {head.number} were written: the last are missing.")
    if forgotten[0] != head.purged_through or forgotten[1] != head.purged_link:
        raise Broken(f"The entries up to {head.purged_through} are gone, and no entry says that they were forgotten.")
    ends = AuditHead.objects.filter(pk=OuterRef("one")).values("number")
    beyond = AuditEntry.objects.alias(one=Value(1)).filter(number__gt=Coalesce(Subquery(ends), 0))
    if beyond.exists():
        raise Broken("There are entries beyond the end of the chain: its head was put back.")
    return Verified(first if number >= first else 0, number if number >= first else 0, head.link)


def _holds(head: AuditHead, number: int, wanted: str) -> None:
    """Raise Broken unless the trail has this link at this number."""
    if number < head.purged_through:
        raise Broken(f"Entry {number} was forgotten since, as old ones are: take a later anchor.")
    if number > head.number:
        raise Broken(f"The trail ends with entry {head.number} and had {number}: its end was cut off.")
    links = AuditEntry.objects.filter(number=number).values_list("link", flat=True)
    if (head.purged_link if number == head.purged_through else links.first()) != wanted:
        raise Broken(f"Entry {number} had another link: the trail was written anew from there or before.")


def _in_order(after: int, up_to: int) -> Iterator[AuditEntry]:
    """Yield the entries with numbers beyond `after`, in their order, without holding them all."""
    while after < up_to:
        rows = list(AuditEntry.objects.filter(number__gt=after, number__lte=up_to).order_by("number")[:BATCH])
        if not rows:
            return
        yield from rows
        after = rows[-1].number or up_to
