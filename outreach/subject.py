"""What outreach holds of a person: what was written to them, what came back; how it stops, and how it forgets them."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from core import audit
from core.fields import blind_index
from core.subject import Json, columns, encrypted, pattern, redact
from crm import contacts
from crm import subject as people
from crm.models import ContactAddress
from crm.subject import Subject

from . import enrolments
from .models import Enrolment, Event, Message, Notice


def subject_data(address: str, who: Subject | None = None) -> Json:
    """Return what was written to the person and came back.

    `enrolments`: in which sequences they are. `messages`: sent, planned and cancelled, as they went out, with `task`
    where a person does the step. `events`: answers, bounces, clicks on the unsubscribe link. `notices`: when they were
    told what we hold.
    """
    who = who or people.find(address)
    rows = Enrolment.objects.filter(contact__in=who.contacts).select_related("sequence")
    return {
        "enrolments": [{**columns(row), "sequence": row.sequence.name} for row in rows],
        "messages": [_message(row) for row in Message.objects.filter(_messages(who)).select_related("step", "task")],
        "events": [columns(row) for row in Event.objects.filter(_about(who))],
        "notices": [columns(row) for row in Notice.objects.filter(_about(who))],
    }


def subjects(who: Subject) -> set[str]:
    """Return under which names the audit trail may speak of the person: of each row about them."""
    rows: list[Enrolment | Message | Event | Notice] = [
        *Enrolment.objects.filter(contact__in=who.contacts).only("pk"),
        *Message.objects.filter(_messages(who)).only("pk"),
        *Event.objects.filter(_about(who)).only("pk"),
        *Notice.objects.filter(_about(who)).only("pk"),
    ]
    return {audit.person(row) for row in rows}


def erase(address: str, who: Subject | None = None) -> dict[str, int]:
    """Delete messages, answers, notices and enrolments of the person; in what is others' what names them.

    Call in a transaction that has locked their contacts; returns how many rows of which model went.
    """
    who = who or people.find(address)
    contacts.hold(who.contacts)
    enrolments.hold(Q(contact__in=who.contacts))
    gone = people.counted(
        [
            Event.objects.filter(_about(who) | Q(message__enrolment__contact__in=who.contacts)),
            Notice.objects.filter(_about(who)),
            Message.objects.filter(enrolment__contact__in=who.contacts),
            Enrolment.objects.filter(contact__in=who.contacts),
        ]
    )
    wanted = pattern(who.addresses, who.names)
    here = Q(contact__brand__in=who.brands)
    elsewhere = Message.objects.filter(Q(email_index__in=who.indexes) | Q(enrolment__contact__brand__in=who.brands))
    for rows in (
        elsewhere,
        Event.objects.filter(here | Q(brand__in=who.brands) | Q(contact=None, brand=None)),
        Notice.objects.filter(here),
    ):
        if number := redact(rows, encrypted(rows.model), wanted):
            people.add(gone, {f"{rows.model._meta.label_lower} redacted": number})
    return gone


def stop(who: Subject, reason: str) -> int:
    """Stop the sequences of the person and of whom we wrote to at their addresses; return how many.

    What waits is cancelled. `reason` is a word or two.
    """
    return enrolments.stop(list(dict.fromkeys([*who.contacts, *_written_to(who.indexes)])), reason) + (
        stop_at(blind_index(who.address), reason) if not who.addresses else 0
    )


def stop_at(index: str, reason: str) -> int:
    """Stop the sequences that write to the address with this blind index, whoever has it; return how many."""
    rows = Enrolment.objects.filter(address__email_index=index).values_list("pk", flat=True)
    return enrolments.stop_these(list(rows), reason)


def _written_to(indexes: list[str]) -> Iterator[UUID]:
    rows = Message.objects.filter(email_index__in=indexes).values_list("enrolment__contact_id", flat=True)
    return rows.iterator()


def address_of(index: str) -> str | None:
    """Return the address with a blind index, where it is still held."""
    for rows in (
        ContactAddress.objects.filter(email_index=index),
        Message.objects.filter(email_index=index),
        Notice.objects.filter(email_index=index),
    ):
        row = rows.order_by("pk").first()
        if row is not None:
            return str(row.email)
    return None


def unsubscribed(indexes: list[str]) -> set[str]:
    """Return which of these addresses unsubscribed by the link in a mail."""
    keys = {f"unsubscribed:{index}": index for index in indexes}
    found = Event.objects.filter(key__in=keys).values_list("key", flat=True)
    return {keys[key] for key in found}


def _messages(who: Subject) -> Q:
    return Q(enrolment__contact__in=who.contacts) | Q(email_index__in=who.indexes)


def _about(who: Subject) -> Q:
    return Q(contact__in=who.contacts) | Q(email_index__in=who.indexes)


def _message(row: Message) -> Json:
    found = {**columns(row), "channel": row.step.channel}
    if task := getattr(row, "task", None):
        found["task"] = columns(task)
    return found
