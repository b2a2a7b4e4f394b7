"""What of outreach is not kept for ever: texts and addresses of old messages, answers and notices; people never told.

Rows whose text is emptied stay, so that what was sent can still be counted.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from crm.models import Consent, Contact, ContactAddress, LawfulBasis
from crm.retention import restricted

from .models import Event, Message, Notice

BATCH = 500
AGE = "age"  # what each of the querysets calls the moment from which its period counts

BY_PEOPLE = (LawfulBasis.CONTACT_REQUEST, LawfulBasis.MANUAL)  # nobody found them first

_Row = TypeVar("_Row", Message, Event, Notice)


def messages() -> QuerySet[Message]:
    """Return the messages that are over and have a text or an address left."""
    over = Message.objects.exclude(state__in=[*Message.WAITING, Message.State.SENDING])
    return _with(over, "email", "subject", "body").annotate(age=Coalesce("sent_at", "claimed_at", "created_at"))


def events() -> QuerySet[Event]:
    """Return what came back and has a text or an address left."""
    return _with(Event.objects.all(), "email", "subject", "text").annotate(age=Coalesce("happened_at", "created_at"))


def notices() -> QuerySet[Notice]:
    """Return the notices that are over and have a text or an address left."""
    over = Notice.objects.exclude(state=Notice.State.SENDING)
    return _with(over, "email", "text").annotate(age=Coalesce("told_at", "claimed_at", "created_at"))


def empty(rows: QuerySet[_Row]) -> int:
    """Take text, address and its blind index out of these rows, which stay; return how many."""
    model, emptied = rows.model, 0
    names = {field.name for field in model._meta.concrete_fields}
    blank = dict.fromkeys(names & {"email", "email_index", "subject", "body", "text"})
    for batch in _batches(list(rows.order_by().values_list("pk", flat=True))):
        # Field and blind index together: nothing goes stale, which is what the usual manager guards against.
        emptied += model._base_manager.filter(pk__in=batch).update(**blank)
    return emptied


def never_told() -> QuerySet[Contact]:
    """Return the people whose data we had from elsewhere, and who know nothing of it, by `obtained_at`.

    Nobody wrote to them, not even perhaps, nobody gave them notice (GDPR art. 14), and they never wrote or consented.
    Those who asked to be written to, those whom somebody had entered by hand before they were found, and those whose
    data is restricted, are left out.
    """
    of_them = {"contact": OuterRef("pk")}
    written = Message.objects.filter(enrolment__contact=OuterRef("pk"), state__in=Message.PERHAPS_SENT)
    told = Notice.objects.filter(state__in=Notice.PERHAPS_TOLD, **of_them)
    heard = Event.objects.filter(**of_them).exclude(kind=Event.Kind.UNKNOWN)
    left_alone = ContactAddress.objects.filter(email_index__in=restricted(), **of_them)
    rows = Contact.objects.filter(obtained_at__isnull=False, relationship_status=Contact.Relationship.NEW)
    rows = rows.filter(Q(lawful_basis__isnull=True) | ~Q(lawful_basis__in=BY_PEOPLE), created_at__gte=F("obtained_at"))
    for found in (written, told, heard, Consent.objects.filter(**of_them), left_alone):
        rows = rows.filter(~Exists(found.order_by()))
    return rows.order_by()


def never_told_since(moment: datetime) -> QuerySet[Contact]:
    """Return those of `never_told` whose data we had before a moment."""
    return never_told().filter(obtained_at__lt=moment)


def _with(rows: QuerySet[_Row], *names: str) -> QuerySet[_Row]:
    """Return the rows that have one of these columns left, without those of people whose data is restricted."""
    some = Q()
    for name in names:
        some |= Q(**{f"{name}__isnull": False})
    return rows.filter(some).filter(Q(email_index__isnull=True) | ~Q(email_index__in=restricted())).order_by()


def _batches(keys: Iterable[UUID]) -> Iterator[list[UUID]]:
    iterator = iter(keys)
    while batch := list(islice(iterator, BATCH)):
        yield batch
