"""Enrolments undone before anything of them has begun."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm import history
from crm.models import Contact

from . import audited, enrolments
from .models import Enrolment, Event, Message

REASON = "approval undone"


def begun(now: datetime) -> Q:
    """Return which messages have begun: they wait no more, were due, or became a person's task."""
    return ~Q(state__in=Message.WAITING) | Q(due_at__lte=now) | Q(task__isnull=False)


@transaction.atomic
def take_back(enrolment_ids: Iterable[UUID], user: User | None) -> set[UUID]:
    """Undo those of these enrolments that are open and of which no message has begun; return them.

    They go with their messages. One to which something came in is stopped instead, so that this is kept.
    """
    chosen = Q(pk__in=list(enrolment_ids))
    enrolments.hold(chosen)
    rows = dict(Enrolment.objects.filter(chosen, state__in=Enrolment.OPEN).order_by().values_list("pk", "contact_id"))
    late = Message.objects.filter(begun(timezone.now()), enrolment__in=rows).order_by()
    undone = rows.keys() - set(late.values_list("enrolment_id", flat=True))
    about = Event.objects.filter(enrolment__in=undone).order_by()
    answered = set(about.values_list("enrolment_id", flat=True))
    enrolments.stop_these(answered, REASON, user)
    gone = undone - answered
    Message.objects.filter(enrolment__in=gone).delete()
    Enrolment.objects.filter(pk__in=gone).delete()
    people = {rows[pk]: Contact(pk=rows[pk]) for pk in gone}
    undone_rows = [Enrolment(pk=pk, contact_id=rows[pk]) for pk in gone]
    audited.of_enrolments("enrolment.taken_back", undone_rows, user)
    history.record_many(people.values(), "enrolment_undone", "The enrolment was taken back.", user)
    return undone
