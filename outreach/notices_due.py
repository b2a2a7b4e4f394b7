"""Who was told what we hold of them, who must be told by when, and what keeps a mail from telling them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Contact, ContactAddress, Suppression
from crm.suppression import suppressed
from crm.telling import deadline, month_before

from . import gate_facts
from .models import Channel, Enrolment, Event, Message, Notice

AHEAD = timedelta(days=7)  # so long before the deadline a mail of its own is sent
LAST = timedelta(days=2)  # so long before it nobody waits for a first message any more
LATE = timedelta(days=1)  # a message that should have gone so long ago is not to be relied on
LEAST = 0.5  # the chance that an address exists, from which on a mail to it tells the person

NO_ADDRESS = "No address is known: tell them by other means, or delete the contact."
LOW_CHANCE = "Their address exists with a chance below 50%: tell them by other means, or delete the contact."
REFUSED = "A mail server refused their address: tell them by other means, or delete the contact."
SUPPRESSED = "They are on the suppression list, so no mail goes: tell them by other means, or delete the contact."

_SURE = (ContactAddress.Origin.PUBLISHED, ContactAddress.Origin.MANUAL)


@dataclass(frozen=True, slots=True)
class Untold:
    """A contact who must be told by `deadline`: by a mail to `address`, or, with a `problem`, by other means."""

    contact: Contact
    deadline: datetime
    address: ContactAddress | None
    problem: str = ""


def told(contact_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these contacts were told, surely or perhaps. One query."""
    rows = Notice.objects.filter(contact__in=list(contact_ids), state__in=Notice.PERHAPS_TOLD)
    return set(rows.order_by().values_list("contact_id", flat=True))


def is_told(contact_id: UUID) -> bool:
    """Return whether a contact was surely told: the next message need not do it. One query."""
    return Notice.objects.filter(contact=contact_id, state__in=Notice.TOLD).exists()


def untold() -> QuerySet[Contact]:
    """Return those whose data we had from elsewhere, who were not told, not even perhaps, nor written to by e-mail
    that did not come back.

    Those who objected, unsubscribed or asked that their data be left alone know of us: they are none of them.
    """
    this = OuterRef("pk")
    notice = Notice.objects.filter(contact=this, state__in=Notice.PERHAPS_TOLD)
    mailed = Message.objects.filter(enrolment__contact=this, state__in=Message.PERHAPS_SENT)
    mailed = mailed.exclude(step__channel=Channel.LINKEDIN).exclude(events__kind=Event.Kind.HARD)
    alone = ContactAddress.objects.filter(contact=this, email_index__in=_left_alone())
    rows = Contact.objects.filter(obtained_at__isnull=False)
    return rows.filter(~Exists(notice.order_by()), ~Exists(mailed.order_by()), ~Exists(alone.order_by()))


def due(now: datetime, within: timedelta = AHEAD) -> QuerySet[Contact]:
    """Return who must be told by `now + within`, or should have been, the soonest first."""
    return untold().filter(obtained_at__lte=month_before(now + within)).order_by("obtained_at", "pk")


def due_by_mail(now: datetime) -> QuerySet[Contact]:
    """Return who is to be told now by a mail of its own: of `due`, not whom a first message will tell in time."""
    soon = Message.objects.filter(
        enrolment__contact=OuterRef("pk"),
        enrolment__state=Enrolment.State.ACTIVE,
        enrolment__sequence__paused=False,
        state=Message.State.PLANNED,
        step__channel=Channel.EMAIL,
        due_at__range=(now - LATE, now + AHEAD - LAST),
    )
    urgent = Q(obtained_at__lte=month_before(now + LAST))
    return due(now).filter(urgent | ~Exists(soon.order_by()))


def overdue(now: datetime) -> QuerySet[Contact]:
    """Return who should have been told by now and was neither told nor written to, also by no person by hand."""
    written = Message.objects.filter(enrolment__contact=OuterRef("pk"), state__in=Message.PERHAPS_SENT)
    return due(now, timedelta()).filter(~Exists(written.order_by()))


def plan(contacts: Sequence[Contact]) -> list[Untold]:
    """Return for each of these how they can be told. The same number of queries for any number of them."""
    addresses = _addresses([contact.pk for contact in contacts])
    emails = [row.email for rows in addresses.values() for row in rows]
    domains = [f"@{contact.brand.domain}" for contact in contacts if contact.brand.domain]
    listed, wishes = suppressed([*emails, *domains]), gate_facts.refused(list(addresses))
    failed = _refused_addresses(addresses)
    return [_plan(contact, addresses.get(contact.pk, []), listed, wishes, failed) for contact in contacts]


def _plan(
    contact: Contact,
    addresses: Sequence[ContactAddress],
    listed: set[str],
    wishes: set[UUID],
    failed: set[tuple[UUID, str]],
) -> Untold:
    by = deadline(contact)
    assert by is not None  # noqa: S101  whoever must be told has a moment from which the month counts
    likely = [row for row in addresses if (row.probability or 0.0) >= LEAST or _published(row)]
    open_ones = [row for row in likely if row.email not in listed]
    left = [row for row in open_ones if (contact.pk, row.email_index) not in failed]
    if contact.pk in wishes or f"@{contact.brand.domain}" in listed or (likely and not open_ones):
        return Untold(contact, by, None, SUPPRESSED)
    if left:
        return Untold(contact, by, max(left, key=lambda row: (row.probability or LEAST, row.is_primary)))
    return Untold(contact, by, None, REFUSED if open_ones else LOW_CHANCE if addresses else NO_ADDRESS)


def _published(row: ContactAddress) -> bool:
    """Return whether an address that nobody gave a chance stands somewhere, so that it need not be doubted."""
    return row.probability is None and row.origin in _SURE


def _addresses(contact_ids: Collection[UUID]) -> dict[UUID, list[ContactAddress]]:
    found: defaultdict[UUID, list[ContactAddress]] = defaultdict(list)
    for row in ContactAddress.objects.filter(contact__in=contact_ids):
        found[row.contact_id].append(row)
    return dict(found)


def _refused_addresses(contact_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Return where a mail was refused for good, by contact and address; one that may go later has no `claimed_at`."""
    rows = Notice.objects.filter(
        contact__in=list(contact_ids), state=Notice.State.FAILED, how=Notice.How.MAIL, claimed_at__isnull=False
    )
    return set(rows.order_by().values_list("contact_id", "email_index"))


def _left_alone() -> QuerySet[Suppression, Any]:
    """Return the blind indexes of the addresses of those who told us not to write."""
    rows = Suppression.objects.filter(kind=Suppression.Kind.ADDRESS, reason__in=gate_facts.WISHES)
    return rows.order_by().values("value_index")
