"""The chain: each entry's link authenticates it and all before it, so that none can be changed, added or taken out.

Entries are written in their act's own transaction, which must not wait for all others: they are numbered and linked a
moment later, in a transaction of its own, one at a time (`seal`). Their digests protect them from the start.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, connection, transaction

from core.models import AuditEntry, AuditHead

from .digests import digest, link

BATCH = 1000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Verified:
    """The trail is whole: entries from `first` to `last` (0, 0: there are none); `link` is the end of the chain."""

    first: int
    last: int
    link: str


class Broken(Exception):
    """The trail was tampered with, or rows were lost; the sentence says where."""


def seal() -> int:
    """Number and link the entries that are not yet; return how many. One at a time; the others wait their turn."""
    sealed = 0
    while True:
        with transaction.atomic():
            head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1)
            rows = list(AuditEntry.objects.filter(number__isnull=True).order_by("id")[:BATCH])
            for row in rows:
                row.number, row.link = head.number + 1, link(head.link, head.number + 1, row.digest)
                head.number, head.link = row.number, row.link
            if rows:
                AuditEntry.objects.bulk_update(rows, ["number", "link"], batch_size=200)
                head.save(update_fields=["number", "link"])
        sealed += len(rows)
        if len(rows) < BATCH:
            return sealed


def seal_on_commit() -> None:
    """Have the entries of this transaction sealed once it is over. Should that fail, the schedule does it."""
    waiting = [entry[1] for entry in connection.run_on_commit]
    if _seal_quietly not in waiting:
        transaction.on_commit(_seal_quietly, robust=True)


def _seal_quietly() -> None:
    try:
        seal()
    except DatabaseError as error:
        log.warning("the audit trail is sealed later", error=type(error).__name__)


def verify() -> Verified:
    """Read the whole trail, sealing what is not yet, and return where it stands. Raises Broken."""
    seal()
    head, _ = AuditHead.objects.get_or_create(pk=1)
    number, before = head.purged_through, head.purged_link
    first = number + 1
    for entry in _in_order(number, head.number):
        number += 1
        if entry.number != number:
            raise Broken(f"Entry {number} is missing: somebody took it out.")
        if entry.digest != digest(entry):
            raise Broken(f"Entry {number} ({entry.id}) was changed after it was written.")
        before = link(before, number, entry.digest)
        if entry.link != before:
            raise Broken(f"Entry {number} ({entry.id}) does not follow the one before it: entries were exchanged.")
    if (number, before) != (head.number, head.link):
        raise Broken(f"The trail ends with entry {number}, and {head.number} were written: the last are missing.")
    return Verified(first if number >= first else 0, number if number >= first else 0, head.link)


def _in_order(after: int, up_to: int) -> Iterator[AuditEntry]:
    """Yield the entries with numbers beyond `after`, in their order, without holding them all."""
    while after < up_to:
        rows = list(AuditEntry.objects.filter(number__gt=after, number__lte=up_to).order_by("number")[:BATCH])
        if not rows:
            return
        yield from rows
        after = rows[-1].number or up_to
