"""The chain: each entry's link authenticates it and all before it, so that none can be changed, added or taken out.

Entries are written in their act's own transaction, which must not wait for all others: they are numbered and linked a
moment later, in a transaction of its own, one at a time (`seal`). Their digests protect them from the start.
verifying.py reads the chain, forgetting.py takes its beginning away.
"""

import time

import structlog
from django.db import DatabaseError, connection, transaction

from core.models import AuditEntry, AuditHead

from .digests import link

BATCH = 1000
SEAL_EVERY = 1.0  # seconds: whoever acts a thousand times in a row takes the chain's lock now and then only
_sealed_at = float("-inf")

log = structlog.get_logger(__name__)


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
    """Have the entries of this transaction sealed once it is over; those of many in a row are sealed together.

    What a process leaves over within SEAL_EVERY, and what fails, its next act seals, or the schedule.
    """
    waiting = [entry[1] for entry in connection.run_on_commit]
    if _seal_quietly not in waiting:
        transaction.on_commit(_seal_quietly, robust=True)


def _seal_quietly() -> None:
    global _sealed_at  # noqa: PLW0603 - one process, one clock
    if time.monotonic() - _sealed_at < SEAL_EVERY:
        return
    _sealed_at = time.monotonic()
    try:
        seal()
    except DatabaseError as error:
        log.warning("the audit trail is sealed later", error=type(error).__name__)
