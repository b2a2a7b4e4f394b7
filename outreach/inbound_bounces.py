"""What a bounce or a complaint does: to the address, to whoever was to be written to there, and to the sender.

Only what belongs to a message of ours does anything: anybody can write a report about any address.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from core.fields import blind_index, normalise_email
from crm import contacts, history, outcomes, suppression
from crm.contacts import clean_email
from crm.models import AddressOutcome, Contact, ContactAddress, Suppression

from . import enrolments, health, mailboxes, notices
from .bounce_kinds import GREYLISTED
from .models import Event, Message

Kind = Event.Kind

BOUNCED, COMPLAINED, UNSUBSCRIBED = "bounced", "complained", "unsubscribed"
SOFT_BOUNCES = 3  # so many within WINDOW are as one hard bounce
WINDOW = timedelta(days=7)
SOFT_TOO_OFTEN = "soft_three_times"
STILL_TRYING = "deferred"  # the mail service tries on: no bounce yet

NOTICES_TOO = {Kind.HARD.value: Suppression.Reason.BOUNCED}
UNMATCHED = "It says that an address does not exist, but belongs to no message of ours: nothing was done. Look at it."
UNMATCHED_OTHER = "It belongs to no message of ours, so nothing was done. Look at it in the mailbox."
BLOCKED = "A mail server refused a message of this sender ({why}). Look into it, then resume the sender."
NOT_UNDERSTOOD = "It could not be told what this says of our message. Look at it, and stop the enrolment if need be."
NEXT = "Another address is known{chance}. Continue with it, or mark this as handled."


def act(event: Event, message: Message | None) -> None:
    """Do what a bounce, complaint, delivery or opt-out means, of a message or of none that we know.

    The caller has locked what the message belongs to, and saves `event` afterwards.
    """
    if message is None:
        _unmatched(event)
    elif event.kind == Kind.HARD:
        _hard(event, message)
    elif event.kind == Kind.SOFT:
        if _too_often(event):
            event.kind, event.reason = Kind.HARD, SOFT_TOO_OFTEN
            _hard(event, message)
    elif event.kind == Kind.BLOCKED:
        _blocked(event, message)
    elif event.kind == Kind.COMPLAINT:
        _complained(event, message)
    elif event.kind == Kind.UNSUBSCRIBED:
        _unsubscribed(event, message)
    elif event.kind == Kind.DELIVERED:
        record_outcome(message, AddressOutcome.Kind.DELIVERED, event.happened_at)
    elif event.kind == Kind.UNKNOWN and not event.advice and event.reason != "delivered":
        event.needs_human, event.advice = True, NOT_UNDERSTOOD


def record_outcome(message: Message, kind: str, at: datetime) -> None:
    """Write down what came of a message, with what was predicted of its address."""
    if not message.email:
        return
    row = message.enrolment.contact.addresses.filter(email_index=message.email_index).first()
    outcomes.record(
        message.email,
        kind,
        at,
        probability=row.probability if row else None,
        method=row.verification_method if row else "",
        mail_operator=row.mail_operator if row else "",
        model_probability=row.model_probability if row else None,
    )


def next_address(contact: Contact) -> ContactAddress | None:
    """Return the address to write to after a bounce: of those not suppressed the primary one, else the likeliest."""
    likeliest = Coalesce("probability", 0.0).desc()
    rows = list(contact.addresses.order_by("-is_primary", likeliest, "id"))
    listed = suppression.suppressed([row.email for row in rows])
    return next((row for row in rows if row.email not in listed), None)


def index_of(address: str) -> str:
    """Return the blind index of an address."""
    return blind_index(normalise_email(address))


def opt_out(address: str, reason: str) -> None:
    """Suppress an address whose owner wants no more mail, and stop whoever has it; what is no address is passed over.

    `reason` is that of the stop.
    """
    try:
        suppression.add([clean_email(address)], Suppression.Reason.UNSUBSCRIBED)
    except ValueError:
        return
    having = ContactAddress.objects.filter(email_index=index_of(address)).order_by("contact_id")
    enrolments.stop(list(having.values_list("contact_id", flat=True)), reason)


def _unmatched(event: Event) -> None:
    """Ask for a person where a report is about nothing of ours; who unsubscribes is heeded in any case.

    What told a person what we know of them is no message, but ours too.
    """
    if event.kind in NOTICES_TOO and event.email and notices.came_back(event.email, event.happened_at):
        suppression.add([event.email], NOTICES_TOO[event.kind])
    elif event.kind in {Kind.HARD, Kind.BLOCKED, Kind.COMPLAINT}:
        event.needs_human = True
        event.advice = UNMATCHED if event.kind == Kind.HARD else UNMATCHED_OTHER
    elif event.kind == Kind.UNSUBSCRIBED and event.email:
        opt_out(event.email, UNSUBSCRIBED)


def _hard(event: Event, message: Message) -> None:
    """Suppress the address, stop who was to be written to there, and propose the next one."""
    if not _is_first(event, message):
        return
    contact = message.enrolment.contact
    record_outcome(message, AddressOutcome.Kind.BOUNCED, event.happened_at)
    if message.email:
        notices.came_back(message.email, event.happened_at)
        suppression.add([message.email], Suppression.Reason.BOUNCED)  # also where the outcome was known already
    there = ContactAddress.objects.filter(email_index=message.email_index).values("pk")
    enrolments.stop_where(Q(pk=message.enrolment_id) | Q(address__in=there), BOUNCED)
    history.record(contact, BOUNCED, _bounced(event), at=event.happened_at)
    following = next_address(contact)
    if following is not None:
        if not following.is_primary:
            contacts.make_primary(contact, following)
        chance = "" if following.probability is None else f", chance {following.probability:.0%}"
        event.needs_human, event.advice = True, NEXT.format(chance=chance)


def _blocked(event: Event, message: Message) -> None:
    event.needs_human, event.advice = True, BLOCKED.format(why=_why(event))
    if message.mailbox:
        mailboxes.pause(message.mailbox, BLOCKED.format(why=_why(event)))


def _complained(event: Event, message: Message) -> None:
    if not _is_first(event, message):
        return
    record_outcome(message, AddressOutcome.Kind.COMPLAINED, event.happened_at)
    if message.email:
        suppression.add([message.email], Suppression.Reason.COMPLAINT)
    enrolments.stop([message.enrolment.contact_id], COMPLAINED)
    sentence = "A message was reported as unwanted: will not be written to again."
    history.record(message.enrolment.contact, COMPLAINED, sentence, at=event.happened_at)


def _unsubscribed(event: Event, message: Message) -> None:
    enrolments.stop([message.enrolment.contact_id], UNSUBSCRIBED)
    if message.email:
        opt_out(message.email, UNSUBSCRIBED)
    sentence = "Unsubscribed by the mail service: will not be written to again."
    history.record(message.enrolment.contact, UNSUBSCRIBED, sentence, at=event.happened_at)


def _is_first(event: Event, message: Message) -> bool:
    """Let the sender's breaker see a bounce or complaint; return False when the same was told before by another way."""
    event.save()  # the breaker counts it
    if message.mailbox:
        health.trip_breaker(message.mailbox)
    return not message.events.filter(kind=event.kind).exclude(pk=event.pk).exists()


def _too_often(event: Event) -> bool:
    """Return whether this is the third soft bounce of an address within WINDOW and since it last took a message.

    That somebody tries on is none; a refusal while sending counts once for each message, however often it is tried.
    """
    came = Event.objects.filter(email_index=index_of(event.email or ""), message__isnull=False)
    taken = came.filter(kind=Kind.DELIVERED).order_by("-happened_at").values_list("happened_at", flat=True).first()
    soft = came.filter(kind=Kind.SOFT, happened_at__gte=event.happened_at - WINDOW).exclude(pk=event.pk)
    if taken:
        soft = soft.filter(happened_at__gt=taken)
    counted = [one for one in [*soft, event] if one.reason not in {STILL_TRYING, GREYLISTED.reason}]
    refused = {one.message_id for one in counted if one.source == Event.Source.SMTP}
    number = len(refused) + sum(one.source != Event.Source.SMTP for one in counted)
    return event in counted and number >= SOFT_BOUNCES


def _bounced(event: Event) -> str:
    if event.reason == SOFT_TOO_OFTEN:
        return "Bounced for the third time in seven days: the address is not written to again."
    return f"Bounced ({_why(event)}): the address is not written to again."


def _why(event: Event) -> str:
    return ", ".join(filter(None, [event.reason.replace("_", " "), event.status]))
