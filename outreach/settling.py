"""What time settles by itself: deliveries, enrolments that are over, tasks nobody did, facts that changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from crm import outcomes
from crm.models import AddressOutcome
from crm.outcomes import Outcome

from . import enrolments, manual_steps, preflight
from .models import Channel, Event, Mailbox, Message

DELIVERED_AFTER = timedelta(days=7)  # bounces that come later are rare
CHECKED_EVERY = timedelta(days=1)
LOOK_AHEAD = timedelta(days=7)  # what is planned for later is judged when it comes near, and when it is due
BOUNCES = (Event.Kind.HARD, Event.Kind.SOFT, Event.Kind.BLOCKED)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Settled:
    """How many deliveries were learnt, enrolments finished, tasks expired, messages changed, senders checked."""

    delivered: int
    finished: int
    expired: int
    rejudged: int
    checked: int


def settle() -> Settled:
    """Settle what is over by now. Running it twice does no harm."""
    now = timezone.now()
    expired = manual_steps.expire_due(now)  # before the end of enrolments, which it may bring about
    return Settled(
        delivered=record_deliveries(now),
        finished=enrolments.finish_where(),
        expired=expired,
        checked=check_senders(now),
        rejudged=enrolments.rejudge(Q(state=Message.State.HELD) | Q(due_at__lte=now + LOOK_AHEAD)),  # takes longest
    )


def record_deliveries(now: datetime) -> int:
    """Write down as delivered what was sent DELIVERED_AFTER ago and never came back; return how many."""
    added = 0
    while batch := list(_delivered(now)[:BATCH]):
        recorded = outcomes.record_many([_outcome(message) for message in batch])
        added += recorded.added
        if recorded.added == 0:  # one address may have got two messages at the very same moment
            break
    return added


def check_senders(now: datetime) -> int:
    """Check the domains of the active mailboxes that were not checked for a day; return how many."""
    old = Q(preflight_at=None) | Q(preflight_at__lt=now - CHECKED_EVERY)
    mailboxes = Mailbox.objects.filter(old, active=True)
    for mailbox in mailboxes:
        preflight.run(mailbox)
    return len(mailboxes)


def _delivered(now: datetime) -> QuerySet[Message]:
    came_back = Event.objects.filter(kind__in=BOUNCES)
    known = AddressOutcome.objects.filter(
        kind=AddressOutcome.Kind.DELIVERED, email_index=OuterRef("email_index"), happened_at=OuterRef("sent_at")
    )
    return Message.objects.filter(
        ~Exists(came_back.filter(message=OuterRef("pk"))),
        ~Exists(came_back.filter(email_index=OuterRef("email_index"), happened_at__gte=OuterRef("sent_at"))),
        ~Exists(known),
        state=Message.State.SENT,
        sent_at__lte=now - DELIVERED_AFTER,
        step__channel=Channel.EMAIL,
        email_index__isnull=False,
    ).select_related("enrolment__address")


def _outcome(message: Message) -> Outcome:
    """Return what is learnt from a message that arrived: what was thought of the address goes with it."""
    address = message.enrolment.address
    about = address if address and address.email_index == message.email_index else None
    return Outcome(
        message.email or "",
        AddressOutcome.Kind.DELIVERED,
        message.sent_at,
        probability=about.probability if about else None,
        model_probability=about.model_probability if about else None,
        method=about.verification_method if about else "",
        mail_operator=about.mail_operator if about else "",
    )
