"""What a person does about an event: say what a reply means and whose it is, go on after a bounce, close it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from crm import contacts, history
from crm.models import AddressOutcome, Contact

from . import enrolments, inbound, inbound_replies, matching
from .inbound_bounces import index_of, next_address, record_outcome
from .inbound_replies import OPT_OUT, PAUSED_BY_A_REPLY
from .models import Enrolment, Event

Kind = Event.Kind

NOT_A_REPLY = "Only a reply can be {what}: this is “{kind}”."
HANDLED = "This was handled already, on {day:%Y-%m-%d}: open it to see by whom."
ASSIGNED = "This reply belongs to {contact} already."
NOT_A_BOUNCE = "Only after a bounce is there a next address to continue with: this is “{kind}”."
NO_CONTACT = "It is not known whose address bounced, so there is nobody to continue with."
NO_ADDRESS = "No other address of {contact} may be written to: enter one, or mark this as handled."
OTHER_SENTIMENT = "A reply is {known}, not “{given}”."


def waiting() -> QuerySet[Event]:
    """Return the events that a person has to look at, the newest first."""
    return Event.objects.filter(needs_human=True, handled_at=None)


def mark_handled(event: Event, user: User | None, *, resume: bool = False) -> None:
    """Say that an event needs nobody any more; with `resume` whoever waits because of this reply goes on.

    Marking one that is handled changes nothing.
    """
    event.refresh_from_db()
    with transaction.atomic():
        if resume and event.kind == Kind.REPLY and event.brand_id:  # before the event is locked, as all lock them
            paused = Enrolment.objects.filter(contact__brand_id=event.brand_id, pause_reason__in=PAUSED_BY_A_REPLY)
            ids = list(paused.filter(state=Enrolment.State.PAUSED).values_list("pk", flat=True))
            enrolments.resume(Q(pk__in=ids), user)
        row = _locked(event)
        if row.handled_at is None:
            row.handled_at, row.handled_by = timezone.now(), user
            row.save(update_fields=["handled_at", "handled_by"])
            _audit("event.handled", row, user, resumed=resume)
    event.refresh_from_db()


def set_sentiment(event: Event, sentiment: str, user: User | None) -> None:
    """Say what a reply means: an Event.Sentiment, or "" for not said. Raises ValueError for anything else."""
    known = ["", *Event.Sentiment.values]
    if sentiment not in known:
        raise ValueError(OTHER_SENTIMENT.format(known=", ".join(Event.Sentiment.values), given=sentiment))
    with transaction.atomic():
        if event.contact_id is not None:
            contacts.hold([event.contact_id])
        row = _locked(event)
        if row.kind != Kind.REPLY:
            raise ValueError(NOT_A_REPLY.format(what="positive or negative", kind=row.get_kind_display()))
        before, row.sentiment = row.sentiment, sentiment
        row.save(update_fields=["sentiment"])
        _audit("event.judged", row, user, meant_before=before, means=sentiment)
        if row.contact and sentiment:
            history.record(row.contact, "sentiment", f"The reply means: {row.get_sentiment_display()}.", user)
    event.refresh_from_db()


def assign(event: Event, contact: Contact, user: User | None) -> None:
    """Say whose reply this is, where that was not found: what a reply does is done to that contact.

    Raises ValueError for what is no reply, or belongs to somebody already.
    """
    with transaction.atomic():
        person = Contact.objects.select_for_update(no_key=True, of=("self",)).select_related("brand").get(pk=contact.pk)
        row = _locked(event)
        if row.kind != Kind.REPLY:
            raise ValueError(NOT_A_REPLY.format(what="assigned", kind=row.get_kind_display()))
        if row.contact_id is not None:
            raise ValueError(ASSIGNED.format(contact=row.contact))
        message = matching.latest_of(person)
        row.contact, row.brand, row.message = person, person.brand, message
        row.enrolment = message.enrolment if message else None
        row.mailbox = row.mailbox or (message.mailbox if message else None)
        if message and row.email and index_of(row.email) == message.email_index:
            record_outcome(message, AddressOutcome.Kind.REPLIED, row.happened_at)
        address = (message.email if message else None) or ""
        inbound_replies.end(row, person, opts_out=row.reason == OPT_OUT, address=address, user=user)
        row.save()
        _audit("event.assigned", row, user, contact=person.pk)
    event.refresh_from_db()


def continue_with_next(event: Event, user: User | None) -> Enrolment:
    """Enrol somebody whose address bounced anew, at the next address that is known; the event is handled by that.

    Raises ValueError, in a sentence, where nothing bounced or there is no such address, and enrolments' refusals.
    """
    with transaction.atomic():
        if event.contact_id is not None:
            Contact.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=event.contact_id)
        row = _locked(event)
        if row.kind != Kind.HARD:
            raise ValueError(NOT_A_BOUNCE.format(kind=row.get_kind_display()))
        if row.contact is None:
            raise ValueError(NO_CONTACT)
        if row.handled_at is not None:
            raise ValueError(HANDLED.format(day=row.handled_at))
        address = next_address(row.contact)
        if address is None:
            raise ValueError(NO_ADDRESS.format(contact=row.contact))
        sequence = row.enrolment.sequence if row.enrolment else None
        enrolment = enrolments.enrol(row.contact, user=user, sequence=sequence, address=address, again=True)
        row.handled_at, row.handled_by = timezone.now(), user
        row.save(update_fields=["handled_at", "handled_by"])
        _audit("event.handled", row, user, enrolment=enrolment.pk)
    event.refresh_from_db()
    return enrolment


def _audit(action: str, event: Event, user: User | None, **details: Any) -> None:
    audit.record(action, of=event, subject=inbound.about(event), actor=user, kind=event.kind, **details)


def _locked(event: Event) -> Event:
    return Event.objects.select_for_update(no_key=True, of=("self",)).get(pk=event.pk)
