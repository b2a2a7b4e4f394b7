"""What comes back: read, matched to what we sent, acted upon and written down, in one transaction and once for a key.

Mailboxes, webhooks and the sending itself all come here. Whatever a mail holds, reading it never raises.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from crm import contacts
from crm.models import Brand, Contact

from . import bounce_mime, bounce_verdict, bounces, going_out, inbound_bounces, inbound_replies, matching, replies
from .bounce_mime import Mail
from .bounce_verdict import Evidence
from .matching import NOTHING, Found
from .models import Enrolment, Event, Mailbox, Message
from .replies import Answer

Kind = Event.Kind
Source = Event.Source
Match = Event.Match

MAX_BYTES = 1_000_000  # of a mail; a report, and a person's words, stand before what is attached
MAX_TEXT = 20_000  # characters of a reply that are kept
MAX_SUBJECT = 500
_OLDEST = timedelta(days=30)  # a mail's own date is its sender's word
_ANSWERS = ("re:", "aw:", "sv:", "antw:", "rif:", "odp:", "ynt:", "vs:")

_EVENT = {
    bounces.Kind.HARD: Kind.HARD,
    bounces.Kind.SOFT: Kind.SOFT,
    bounces.Kind.BLOCKED: Kind.BLOCKED,
    bounces.Kind.COMPLAINT: Kind.COMPLAINT,
    bounces.Kind.AUTO_REPLY: Kind.AUTO_REPLY,
    bounces.Kind.REPLY: Kind.REPLY,
    bounces.Kind.UNKNOWN: Kind.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class News:
    """What is told of one recipient: `address` as it was told, `status` an enhanced code or "", `reason` a word."""

    kind: Kind
    address: str = ""
    status: str = ""
    reason: str = ""
    advice: str = ""


def key_of(raw: bytes) -> str:
    """Return the key of a mail: the same however it comes and how often, with whatever headers its way added."""
    mail = bounce_mime.read(raw[:MAX_BYTES])
    words = next((part.text for part in mail.parts if part.text.strip()), "")
    told = [mail.header("message-id"), str(_written(mail) or ""), matching.sender_of(mail), mail.header("subject")]
    said = "".join([*told, words[:2000]])
    return "mail:" + hashlib.sha256("".join(said.split()).encode("utf-8", "replace")).hexdigest()


def receive(
    raw: bytes, *, source: Event.Source, key: str, mailbox: Mailbox | None = None, now: datetime | None = None
) -> list[Event]:
    """Read a mail that came to us, do what it means, and return its events: one for each recipient that it tells of.

    A `key` (key_of) that is known gives none. `mailbox` is the one it came to, when that is known.
    """
    now = now or timezone.now()
    mail = bounce_mime.read(raw[:MAX_BYTES])
    report = bounces.read(raw[:MAX_BYTES])
    several = len(report.recipients) > 1
    events: list[Event] = []
    try:
        with transaction.atomic():
            for number, one in enumerate(report.recipients):
                event = _claim(f"{key}:{number}" if number else key, source, now)
                news = News(_EVENT[one.kind], one.address, one.status, one.reason)
                if news.kind in {Kind.REPLY, Kind.AUTO_REPLY}:
                    _answer(event, news, mail, mailbox, now)
                else:
                    found = matching.of_report(report.about, one.address, alone=not several)
                    _returned(event, news, found, _happened(mail, found, now), mailbox)
                events.append(event)
    except IntegrityError:
        if not Event.objects.filter(key=key).exists():
            raise
        return []
    return events


def record(
    news: News,
    found: Found,
    *,
    source: Event.Source,
    key: str,
    happened_at: datetime,
    now: datetime | None = None,
) -> Event | None:
    """Write down what a mail server or service told of one recipient, and do what it means; None for a known key."""
    now = now or timezone.now()
    try:
        with transaction.atomic():
            event = _claim(key, source, now)
            _returned(event, news, found, min(happened_at, now), None)
    except IntegrityError:
        if not Event.objects.filter(key=key).exists():
            raise
        return None
    return event


def record_smtp_refusal(message: Message, code: int, text: str, now: datetime | None = None) -> Event | None:
    """Write down that a mail server refused a message for good, and do what a bounce of it would.

    `code` and `text` are the server's (code 0: none). Once for each attempt: None when it is known.
    """
    now = now or timezone.now()
    meaning, status = bounce_verdict.judge(Evidence(said=f"{code} {text}" if code else text))
    news = News(_EVENT[meaning.kind], message.email or "", status, meaning.reason)
    key = f"smtp:{message.pk}:{message.attempts}"
    return record(news, Found(Match.HEADERS, message), source=Source.SMTP, key=key, happened_at=now, now=now)


def record_unreadable(key: str, source: Event.Source, mailbox: Mailbox | None, now: datetime) -> None:
    """Write down that a mail could not be dealt with, for a person to look at it in the mailbox. Once for a key."""
    defaults = {
        "kind": Kind.UNKNOWN,
        "source": source,
        "happened_at": now,
        "mailbox": mailbox,
        "reason": "unreadable",
        "needs_human": True,
        "advice": "A mail that came in could not be read. Look at it in the mailbox.",
    }
    event, made = Event.objects.get_or_create(key=key, defaults=defaults)
    if made:
        written_down(event)


def about(event: Event) -> str:
    """Return under which subject the audit trail speaks of whom an event concerns; "" where that is not known."""
    if event.contact_id:
        return audit.person(Contact(pk=event.contact_id))
    return audit.address(event.email) if event.email else ""


def written_down(event: Event) -> None:
    """Write into the audit trail what came in; mail that has nothing to do with us leaves nothing there."""
    subject = about(event)
    if not subject and not event.needs_human:
        return
    after = {"email": event.email} if subject and event.email else None
    audit.record(
        "event.received",
        of=event,
        subject=subject,
        after=after,
        kind=event.kind,
        source=event.source,
        reason=event.reason,
        message=event.message_id,
    )


def _claim(key: str, source: Event.Source, now: datetime) -> Event:
    """Return a new event of a key. Whoever comes second waits for the first here, and gets an IntegrityError."""
    return Event.objects.create(kind=Kind.UNKNOWN, source=source, key=key, happened_at=now)


def _returned(event: Event, news: News, found: Found, happened_at: datetime, mailbox: Mailbox | None) -> None:
    _lock(found, proof=news.kind != Kind.UNKNOWN or news.reason == "delivered")
    _fill(event, news, found, happened_at, mailbox)
    if found.message and found.message.subject:
        event.subject = found.message.subject[:MAX_SUBJECT]
    if news.kind == Kind.AUTO_REPLY:
        inbound_replies.answered_by_itself(found, Answer(automatic=True, reason=news.reason), happened_at)
    else:
        inbound_bounces.act(event, found.message)
    event.save()
    written_down(event)


def _answer(event: Event, news: News, mail: Mail, mailbox: Mailbox | None, now: datetime) -> None:
    answer, sender = replies.of_mail(mail), matching.sender_of(mail)
    if matching.is_ours(mail, sender):
        _fill(event, News(Kind.UNKNOWN, reason="own_message"), NOTHING, now, mailbox)
        event.save()
        return
    found = matching.of_answer(answer.answers, sender)
    _lock(found, proof=True)
    _fill(event, News(news.kind, sender, "", answer.reason), found, _happened(mail, found, now), mailbox)
    looks = bool(answer.answers) or mail.header("subject").lower().startswith(_ANSWERS)
    if news.kind == Kind.REPLY:
        inbound_replies.replied(event, found, opts_out=answer.opt_out, looks_like_answer=looks)
    else:
        inbound_replies.answered_by_itself(found, answer, now)
    if found.how != Match.NONE or event.needs_human:
        event.subject, event.text = mail.header("subject")[:MAX_SUBJECT], answer.text[:MAX_TEXT]
    else:
        event.email = None  # mail that has nothing to do with us is not kept
    event.save()
    written_down(event)


def _fill(event: Event, news: News, found: Found, happened_at: datetime, mailbox: Mailbox | None) -> None:
    message = found.message
    event.kind, event.status, event.reason = news.kind, news.status[:12], news.reason[:60]
    event.advice, event.needs_human = news.advice[:300], bool(news.advice)
    event.happened_at, event.matched = happened_at, found.how
    event.message, event.enrolment, event.contact, event.brand = message, found.enrolment, found.contact, found.brand
    # Of reports that belong to nothing the sender's health is not to suffer: anybody can write one.
    blameless = message is None and news.kind in {Kind.HARD, Kind.COMPLAINT}
    event.mailbox = (message.mailbox if message else None) or (None if blameless else mailbox)
    # A report may name the mailbox to which the recipient's was forwarded: ours is the one that counts.
    answers = news.kind in {Kind.REPLY, Kind.AUTO_REPLY}
    event.email = (news.address if answers else found.address or news.address) or None


def _lock(found: Found, *, proof: bool) -> None:
    """Let nobody else change what a message belongs to, in the order in which all lock these.

    `proof`: what came back names a message that perhaps went out, and so tells that it did.
    """
    if found.message and found.message.mailbox_id:
        Mailbox.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.message.mailbox_id)
    if found.brand:
        Brand.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=found.brand.pk)
        people = Contact.objects.filter(brand_id=found.brand.pk, enrolments__state__in=Enrolment.OPEN).order_by()
        contacts.hold(people.values_list("pk", flat=True))  # an answer concerns colleagues too
    if found.enrolment:
        going_out.lock_contact(found.enrolment)
        found.enrolment.refresh_from_db(fields=["state"])
    if found.message and found.how == Match.HEADERS and proof:
        going_out.proved(found.message)


def _happened(mail: Mail, found: Found, now: datetime) -> datetime:
    """Return when a mail was written, as it says: not in the future, and not before what it answers."""
    written = _written(mail)
    if written is None:
        return now
    message = found.message
    earliest = (message.sent_at or message.claimed_at if message else None) or now - _OLDEST
    return min(max(written, earliest), now)


def _written(mail: Mail) -> datetime | None:
    try:
        written = parsedate_to_datetime(mail.header("date")[:100])
        return written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
