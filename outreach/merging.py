"""What outreach sees to before two contacts become one: nobody gets a sequence twice.

Where both were enrolled in a sequence, whose enrolment of either is over, had it or turned it down: all others stop.
Of two that are open, the one goes on of which more was sent; else the kept contact's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from crm.models import Contact

from . import enrolments
from .models import Enrolment, Message

MERGED = "merged"  # the stop reason


def stop_doubles(kept: Contact, gone: Contact) -> None:
    """Stop the enrolments because of which the one person would get a sequence twice (crm.merging.BEFORE)."""
    sent = Count("messages", filter=Q(messages__state__in=Message.PERHAPS_SENT))
    rows = Enrolment.objects.filter(contact__in=[kept, gone]).annotate(sent=sent).order_by("id")
    by_sequence: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by_sequence[row.sequence_id].append(row)
    doubles = [pk for of_sequence in by_sequence.values() for pk in _doubles(of_sequence, kept)]
    if doubles:
        enrolments.stop_these(doubles, MERGED)


def _doubles(rows: Iterable[Any], kept: Contact) -> Iterator[UUID]:
    """Yield the open enrolments that must not go on, of those in one sequence."""
    rows = list(rows)
    if len({row.contact_id for row in rows}) < 2:
        return
    open_rows = [row for row in rows if row.state in Enrolment.OPEN]
    may_go_on = len(open_rows) == len(rows)
    open_rows.sort(key=lambda row: (row.sent, row.contact_id == kept.pk), reverse=True)
    yield from (row.pk for row in open_rows[1 if may_go_on else 0 :])
