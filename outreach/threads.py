"""How a follow-up joins the e-mails before it: its subject, and the headers that mail programs go by."""

from . import texts
from .models import Channel, Mailbox, Message
from .rendering import one_line

MAX_REFERENCES = 20


def sent_before(message: Message) -> list[Message]:
    """Return the e-mails of the enrolment that surely went out, the oldest first."""
    sent = Message.objects.filter(enrolment=message.enrolment, state=Message.State.SENT, message_id__isnull=False)
    return list(sent.exclude(pk=message.pk).order_by("sent_at", "step__position").only("message_id", "subject"))


def follow_up_subject(message: Message, mailbox: Mailbox, sent: list[Message]) -> str:
    """Return the subject of a step that has none of its own: that of the first e-mail, sent or still to be sent."""
    first = next((one.subject for one in sent if one.subject), "") or _planned_subject(message, mailbox)
    return first if not first or first.lower().startswith("re:") else f"Re: {first}"


def _planned_subject(message: Message, mailbox: Mailbox) -> str:
    enrolment = message.enrolment
    waiting = (
        Message.objects.filter(enrolment=enrolment, state__in=Message.WAITING, step__channel=Channel.EMAIL)
        .filter(step__position__lt=message.step.position)
        .select_related("step__template", "template", "experiment__variant")
        .order_by("step__position")
    )
    known = texts.values(enrolment.contact, enrolment.enrolled_by, mailbox)
    return next((subject for one in waiting if (subject := texts.write_message(one, known).subject.strip())), "")


def headers(sent: list[Message]) -> dict[str, str]:
    """Return what makes a follow-up stand below the e-mails before it (RFC 5322 section 3.6.4)."""
    ids = [one_line(one.message_id or "") for one in sent]
    if not ids:
        return {}
    if len(ids) > MAX_REFERENCES:
        ids = [ids[0], *ids[1 - MAX_REFERENCES :]]
    return {"In-Reply-To": ids[-1], "References": " ".join(ids)}
