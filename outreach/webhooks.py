"""What mail services report by webhook (django-anymail): what became of a message, and mail that came in.

The services deliver a report more than once, late, and in any order; and an account may send for others than us. So
each report counts once, by what it says, and one of which no message of ours is known does next to nothing. That
somebody opened a message or clicked in it is passed over.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent, EventType, RejectReason, inbound, tracking
from django.utils import timezone

from . import bounce_kinds, bounce_verdict, matching
from . import inbound as reading
from .bounce_kinds import Meaning
from .bounce_verdict import Evidence
from .inbound import Kind, News, Source
from .inbound_bounces import STILL_TRYING
from .matching import Found
from .models import Event

FAILED = "The mail service could not send this message. See what it says of it there, and write again if need be."
REFUSED = "The mail service refuses to write to this address, by its own list or rules. See what it says there."

_OWN_LIST = {  # why a service did not even try
    RejectReason.INVALID: (Kind.HARD, "invalid_address"),
    RejectReason.BOUNCED: (Kind.HARD, "bounced_before"),
    RejectReason.TIMED_OUT: (Kind.SOFT, "expired"),
    RejectReason.SPAM: (Kind.COMPLAINT, "complained_before"),
    RejectReason.UNSUBSCRIBED: (Kind.UNSUBSCRIBED, "unsubscribed"),
}
_PLAIN = {
    EventType.DELIVERED: (Kind.DELIVERED, ""),
    EventType.COMPLAINED: (Kind.COMPLAINT, "abuse"),
    EventType.UNSUBSCRIBED: (Kind.UNSUBSCRIBED, "unsubscribed"),
    EventType.AUTORESPONDED: (Kind.AUTO_REPLY, "automatic"),
}
# Where services say in a word of their own how lasting a bounce is, and with which words.
_TOLD_BY = ("event", "Type", "type", "bounceType", "bounce_type", "severity", "bounce_class_name", "hard_bounce")
_SOFT_WORDS = frozenset({"soft_bounce", "softbounce", "soft", "transient", "temporary", "blocked"})
_HARD_WORDS = frozenset({"hard_bounce", "hardbounce", "hard", "permanent", "bounce", "invalid_email", "true"})


def connect() -> None:
    """Let the services' reports come here."""
    tracking.connect(on_tracking, dispatch_uid="outreach.tracking")
    inbound.connect(on_inbound, dispatch_uid="outreach.inbound")


class NotRecorded(RuntimeError):
    """A report was understood and could not be written down: the service is to send it again."""


def on_tracking(event: AnymailTrackingEvent, esp_name: str, **_rest: Any) -> None:
    """Write down what became of a message. Raises NotRecorded."""
    _recorded(lambda: _track(event, esp_name))


def on_inbound(event: AnymailInboundEvent, **_rest: Any) -> None:
    """Read a mail that a service took in for us. Raises NotRecorded."""
    _recorded(lambda: _take_in(event))


def _recorded(work: Callable[[], None]) -> None:
    try:
        work()
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotRecorded("A report of the mail service could not be written down.") from error


def _track(event: AnymailTrackingEvent, esp_name: str) -> None:
    address = _text(event.recipient)
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    told = news(event, address)
    if told is None:
        return
    message = matching.by_service(metadata.get("message"), _text(event.message_id))
    found = Found(Event.Match.HEADERS, message) if message else matching.of_address(address)
    if found.message is None and told.kind in {Kind.DELIVERED, Kind.SOFT, Kind.AUTO_REPLY, Kind.UNKNOWN}:
        return  # of somebody else's mail by the same account
    key = _key(event, esp_name, found, address)
    reading.record(told, found, source=Source.WEBHOOK, key=key, happened_at=_moment(event.timestamp))


def _take_in(event: AnymailInboundEvent) -> None:
    if event.message is not None:
        raw = _raw(event.message)
        reading.receive(raw, source=Source.WEBHOOK, key=reading.key_of(raw))


def news(event: AnymailTrackingEvent, address: str) -> News | None:
    """Return what a report says; None for what we do not ask for, such as that a message was opened."""
    kind = event.event_type
    if kind in _PLAIN:
        return News(_PLAIN[kind][0], address, "", _PLAIN[kind][1])
    if kind == EventType.FAILED:
        return News(Kind.UNKNOWN, address, "", "failed", FAILED)
    if kind not in {EventType.BOUNCED, EventType.REJECTED, EventType.DEFERRED}:
        return None
    meaning, status = _meaning(event)
    if kind == EventType.DEFERRED:
        return News(Kind.SOFT, address, status, STILL_TRYING)
    if meaning.kind != bounce_kinds.Kind.UNKNOWN:
        return News(Kind(meaning.kind.value), address, status, meaning.reason)
    return _by_its_word(event, address, status)


def _by_its_word(event: AnymailTrackingEvent, address: str, status: str) -> News:
    """Return what a service says where no mail server's answer tells: it refused by itself, or it keeps it short."""
    if event.event_type == EventType.REJECTED or event.reject_reason == RejectReason.INVALID:
        if own := _OWN_LIST.get(event.reject_reason):
            return News(own[0], address, status, own[1])
        return News(Kind.UNKNOWN, address, status, "refused_by_service", REFUSED)
    words = set(_words(event.esp_event))
    if words & _SOFT_WORDS:
        return News(Kind.SOFT, address, status, bounce_kinds.TEMPORARY.reason)
    if words & _HARD_WORDS:
        return News(Kind.HARD, address, status, bounce_kinds.NO_SUCH_USER.reason)
    return News(Kind.UNKNOWN, address, status, "unknown")


def _meaning(event: AnymailTrackingEvent) -> tuple[Meaning, str]:
    """Return what the other mail server's answer means; without one, what the service writes about it."""
    said, around = _text(event.mta_response), _text(event.description)
    return bounce_verdict.judge(Evidence(said=said or around, around=around if said else ""))


def _words(told: Any) -> Iterator[str]:
    """Yield the words by which a service calls its report, from its top level and one below."""
    if not isinstance(told, dict):
        return
    for part in [told, *(value for value in told.values() if isinstance(value, dict))]:
        for name in _TOLD_BY:
            if isinstance(value := part.get(name), str | bool):
                yield str(value).lower()


def _key(event: AnymailTrackingEvent, esp_name: str, found: Found, address: str) -> str:
    """Return the key of a report by what it says: a service may give each delivery of it an id of its own.

    Of delays only the first of a message counts.
    """
    about = str(found.message.pk) if found.message else _text(event.message_id)
    at = "" if event.event_type == EventType.DEFERRED else _text(event.timestamp or event.event_id)
    said = "\n".join([esp_name, str(event.event_type), about, address.lower(), at])
    return "webhook:" + hashlib.sha256(said.encode()).hexdigest()


def _moment(told: Any) -> datetime:
    if not isinstance(told, datetime):
        return timezone.now()
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _text(value: Any) -> str:
    """Return what a service wrote in some field as text that can be stored, whatever it is."""
    return "" if value is None else str(value).encode("utf-8", "replace").decode().replace("\0", "")


def _raw(message: Any) -> bytes:
    """Return a mail as it came, as far as the service gave it."""
    try:
        raw: bytes = message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError):  # headers that the standard library cannot write
        raw = message.as_string().encode("utf-8", "replace") if not message.is_multipart() else _plain(message)
    empty_sender = message.envelope_sender == ""  # anymail takes it out of the headers; bounces are known by it
    return (b"Return-Path: <>\r\n" if empty_sender else b"") + raw


def _plain(message: Any) -> bytes:
    """Return a mail's headers and text alone."""
    names = ("From", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")
    headers = [f"{name}: {' '.join(str(message[name]).split())}" for name in names if message[name]]
    text = message.text or message.html or ""
    kind = "text/plain" if message.text else "text/html"
    lines = [*headers, f"Content-Type: {kind}; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", text]
    return "\r\n".join(lines).encode("utf-8", "replace")
