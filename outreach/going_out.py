"""A message that surely went out: written down once, by whoever sent it or by what came back of it."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from core import audit
from crm import history
from crm.models import Contact

from . import enrolments, notices
from .models import Enrolment, Event, Message
from .transport import Sent

State = Message.State
_Row = TypeVar("_Row", bound=Model)

LOOKS = 5  # at whose message it is: two contacts may become one meanwhile


def sent(message_id: UUID, result: Sent, at: datetime, user: User | None = None) -> None:
    """Write down that a message went out at `at`: its enrolment goes on from there. Once only."""
    with transaction.atomic():
        message = locked(message_id)
        if message.state == State.SENT:  # an answer to it was quicker than we
            _name(message, result)
            return
        if message.state == State.UNKNOWN:
            settle_events(message, at, user)
        message.state, message.sent_at, message.error = State.SENT, at, ""
        message.save(update_fields=["state", "sent_at", "error", "updated_at"])
        _name(message, result)
        notices.sent(message, at, user)
        record("message.sent", message, user)
        contact, enrolment = message.enrolment.contact, message.enrolment
        if contact.relationship_status == Contact.Relationship.NEW:
            contact.relationship_status = Contact.Relationship.CONTACTED
            contact.save(update_fields=["relationship_status", "updated_at"])
        history.record(contact, "sent", f"An e-mail was sent: “{message.subject or ''}”.", actor=user, at=at)
        if enrolment.state in Enrolment.OPEN and not enrolments.finish(enrolment):
            enrolments.replan(enrolment, at, after=message.step.position)


def proved(message: Message) -> None:
    """Write down that a message went out of which something came back: what names its Message-ID has had it.

    It is sent since it was claimed, and whoever was asked about it need not look any more. Other messages than those
    that perhaps went out stay as they are. `message` and its enrolment are read anew.
    """
    if message.state not in (State.SENDING, State.UNKNOWN):
        return
    sent(message.pk, Sent(message.provider_id), message.claimed_at or timezone.now())
    message.refresh_from_db(fields=["state", "sent_at", "error", "reasons", "updated_at"])
    message.enrolment.refresh_from_db(fields=["state"])


def locked(message_id: UUID) -> Message:
    """Return a message with its enrolment and contact, all under lock, in the order in which all lock them.

    Raises Message.DoesNotExist. Call in a transaction.
    """
    message = Message.objects.select_related("enrolment").only("pk", "enrolment__contact").get(pk=message_id)
    contact = lock_contact(message.enrolment)
    related = Enrolment.objects.select_related("sequence__mailbox", "mailbox", "address")
    enrolment = _for_update(related).get(pk=message.enrolment_id)
    message = _for_update(Message.objects.select_related("mailbox", "step")).get(pk=message_id)
    enrolment.contact, message.enrolment = contact, enrolment
    return message


def record(action: str, message: Message, user: User | None = None, **details: Any) -> None:
    """Write what became of a message into the audit trail, with whom it was to: encrypted under the person's key."""
    audit.record(
        action,
        of=message,
        subject=audit.person(message.enrolment.contact),
        after={"email": message.email} if message.email else None,
        actor=user,
        sequence=message.enrolment.sequence_id,
        step=message.step.position,
        mailbox=message.mailbox_id,
        **details,
    )


def lock_contact(enrolment: Enrolment) -> Contact:
    """Lock the contact of an enrolment, whose `contact` is read anew, and return it.

    Somebody may make one of two contacts at this moment: then it is the one that was kept. Raises
    Contact.DoesNotExist when the contact was deleted. Call in a transaction.
    """
    for _ in range(LOOKS):
        contact = _for_update(Contact.objects.select_related("brand")).filter(pk=enrolment.contact_id).first()
        if contact is not None:
            enrolment.contact = contact
            return contact
        enrolment.refresh_from_db(fields=["contact"])
    raise Contact.DoesNotExist


def settle_events(message: Message, now: datetime, user: User | None) -> None:
    """Take what was asked of a person about a message off their list."""
    asked = Event.objects.filter(message=message, kind=Event.Kind.UNCERTAIN, handled_at=None)
    asked.update(needs_human=False, handled_at=now, handled_by=user)


def _name(message: Message, result: Sent) -> None:
    """Keep what the mail service calls a message."""
    if result.provider_id:
        message.provider_id = result.provider_id[: Message._meta.get_field("provider_id").max_length]
        message.save(update_fields=["provider_id"])


def _for_update(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    return rows.select_for_update(no_key=True, of=("self",))
