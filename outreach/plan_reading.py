"""The messages of contacts as they read: what went out as it went, the rest as it would be written today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch

from . import mailboxes, texts
from .models import Channel, Enrolment, Message
from .texts import Text


@dataclass(frozen=True, slots=True)
class Planned:
    """A message as a reader sees it: `step` is its position from 1, `address` where an e-mail goes."""

    sequence: str
    step: int
    channel: str
    due_at: datetime
    state: str
    reasons: tuple[str, ...]
    address: str | None
    subject: str
    body: str


def plan(contact_ids: Iterable[UUID]) -> dict[UUID, list[Planned]]:
    """Return for each of these contacts its messages, by enrolment and date.

    A text that cannot be written is empty, and its reasons say why. Three queries, whatever the number.
    """
    planned: dict[UUID, list[Planned]] = {contact_id: [] for contact_id in contact_ids}
    messages = Message.objects.select_related("step__template", "template", "experiment__variant")
    enrolments = (
        Enrolment.objects.filter(contact_id__in=planned.keys())
        .select_related("contact__brand", "sequence__mailbox", "mailbox", "address", "enrolled_by")
        .prefetch_related(Prefetch("messages", messages.order_by("due_at", "step__position")))
        .order_by("created_at", "id")
    )
    default = mailboxes.default() if enrolments else None
    for enrolment in enrolments:
        known = texts.values(enrolment.contact, enrolment.enrolled_by, mailboxes.chosen(enrolment) or default)
        planned[enrolment.contact_id] += [_planned(enrolment, message, known) for message in enrolment.messages.all()]
    return planned


def _planned(enrolment: Enrolment, message: Message, known: Mapping[str, str]) -> Planned:
    gone = message.state in Message.PERHAPS_SENT and message.body is not None
    text = Text(message.subject or "", message.body or "") if gone else texts.write_message(message, known)
    by_mail = message.step.channel != Channel.LINKEDIN
    planned_for = enrolment.address.email if enrolment.address else None
    return Planned(
        sequence=enrolment.sequence.name,
        step=message.step.position,
        channel=message.step.channel,
        due_at=message.due_at,
        state=message.state,
        reasons=tuple(dict.fromkeys([*message.reasons, *filter(None, [text.problem])])),
        address=(message.email or planned_for) if by_mail else None,
        subject=text.subject,
        body=text.body,
    )
