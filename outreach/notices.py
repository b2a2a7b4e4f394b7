"""Telling people what we hold of them, where from and what for (GDPR art. 14): all that others need of it.

With the first message, by a mail of its own before the deadline (notice_mail.py), or by other means.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import audit
from core.fields import blind_index, normalise_email
from crm import history
from crm.models import Contact, ContactAddress
from crm.telling import deadline

from . import footers, unsubscribing
from .models import Mailbox, Message, Notice
from .notice_links import privacy_url, read, token
from .notice_text import NoticeText, Section, text_for
from .notices_due import AHEAD, Untold, due, is_told, overdue, plan, told, untold

__all__ = [
    "AHEAD",
    "NoticeText",
    "Section",
    "Untold",
    "came_back",
    "claimed",
    "deadline",
    "due",
    "is_told",
    "not_sent",
    "overdue",
    "perhaps_sent",
    "plan",
    "privacy_url",
    "read",
    "sent",
    "short_text",
    "tell_by_hand",
    "text_for",
    "token",
    "told",
    "untold",
]

HOW_MISSING = "Say how they were told, such as by letter on which day."
HOW_LENGTH = 2000
TOO_LONG = f"Say it in at most {HOW_LENGTH} characters."
CAME_BACK = "The mail came back."
COMES_BACK = timedelta(days=7)
State = Notice.State


def tell_by_hand(contact: Contact, how_text: str, user: User | None, message: Message | None = None) -> Notice:
    """Write down that a person told a contact, and how; `message` is the step with which they did, if any.

    Raises ValueError, in a sentence, when it is not said how.
    """
    how_text = how_text.strip()
    if not how_text or len(how_text) > HOW_LENGTH:
        raise ValueError(TOO_LONG if how_text else HOW_MISSING)
    now = timezone.now()
    with transaction.atomic():
        row = Notice.objects.create(
            contact=contact,
            how=Notice.How.HAND,
            state=State.SENT,
            message=message,
            text=how_text,
            told_by=user,
            told_at=now,
        )
        history.record(contact, "told", "Was told by hand what we know of them.", user, now)
        _record("notice.sent", row, user)
    return row


def short_text(contact: Contact, address: ContactAddress | None, mailbox: Mailbox | None) -> str:
    """Return the essence of a contact's notice, with the link to the whole, for a person to send along by hand.

    No query where contact and brand are loaded.
    """
    sender = mailbox or Mailbox(sender_name=settings.CONTROLLER_NAME, postal_address=settings.CONTROLLER_ADDRESS)
    language = footers.language_of(contact.region_code or contact.brand.region_code)
    email, origin = (address.email, address.origin) if address else ("", "")
    links = (unsubscribing.url(email), privacy_url(email)) if email else ("", "")
    first = footers.first(contact, origin, language)
    return footers.footer(language, sender, "", links[0], origin=origin, notice_url=links[1], first=first)


# With a message: these are called in the transaction of what becomes of it -------------------------


def claimed(message: Message, text: str, now: datetime) -> None:
    """Write down that a message that is about to go tells its recipient; `text` is what it says of that."""
    Notice.objects.create(
        contact_id=message.enrolment.contact_id,
        how=Notice.How.FIRST_MESSAGE,
        state=State.SENDING,
        message=message,
        mailbox=message.mailbox,
        email=message.email,
        text=text,
        claimed_at=now,
    )


def sent(message: Message, at: datetime, user: User | None = None) -> None:
    """Write down that a message went out, which told its recipient if it was claimed so. Once only."""
    for row in _of(message, State.SENDING, State.UNKNOWN):
        row.state, row.told_at = State.SENT, at
        row.save(update_fields=["state", "told_at"])
        _record("notice.sent", row, user)


def perhaps_sent(message: Message) -> None:
    """Write down that it is not known whether a message went out, and so whether its recipient was told."""
    _of(message, State.SENDING).update(state=State.UNKNOWN)


def not_sent(message: Message) -> None:
    """Forget that a message was to tell its recipient: it surely did not go."""
    _of(message, State.SENDING, State.UNKNOWN).delete()


def came_back(email: str, at: datetime) -> int:
    """Write down that mail to an address came back at `at`: what it was to tell lately told nobody. Return how many."""
    rows = Notice.objects.select_related("contact").filter(
        email_index=blind_index(normalise_email(email)),
        how__in=[Notice.How.FIRST_MESSAGE, Notice.How.MAIL],
        state__in=[State.SENT, State.UNKNOWN],
        claimed_at__gte=at - COMES_BACK,  # later it says nothing of a mail that arrived
    )
    found = list(rows)
    for row in found:
        row.state, row.told_at, row.error = State.FAILED, None, CAME_BACK
        row.save(update_fields=["state", "told_at", "error"])
        history.record(row.contact, "not_told", "The mail that told what we know of them came back.", at=at)
        _record("notice.failed", row, None)
    return len(found)


def _of(message: Message, *states: str) -> QuerySet[Notice]:
    return Notice.objects.filter(message=message, how=Notice.How.FIRST_MESSAGE, state__in=states)


def _record(action: str, row: Notice, user: User | None) -> None:
    about = audit.person(Contact(pk=row.contact_id))
    after = {"email": row.email} if row.email else {"text": row.text}
    audit.record(action, of=row, subject=about, after=after, actor=user, how=row.how, message=row.message_id)
