"""How outreach reads in the admin: states in colour, reasons, texts, and the receipt of what the gate looked at."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from core.badges import AMBER, BLUE, GREEN, GREY, RED, badge, link
from outreach import composing, mailboxes
from outreach.models import Channel, Enrolment, Experiment, Message, Task
from outreach.pages.texts import text_of
from outreach.texts import Text

COLOURS: dict[str, str] = {
    Enrolment.State.ACTIVE: GREEN,
    Enrolment.State.PAUSED: AMBER,
    Enrolment.State.STOPPED: RED,
    Enrolment.State.FINISHED: GREY,
    Message.State.PLANNED: BLUE,
    Message.State.HELD: AMBER,
    Message.State.SENDING: BLUE,
    Message.State.SENT: GREEN,
    Message.State.UNKNOWN: RED,
    Message.State.FAILED: RED,
    Message.State.CANCELLED: GREY,
    Experiment.State.DRAFT: GREY,
    Experiment.State.RUNNING: GREEN,
    Experiment.State.ENDED: BLUE,
    Task.State.OPEN: AMBER,
    Task.State.DONE: GREEN,
    Task.State.SKIPPED: GREY,
    Task.State.REPLIED: GREEN,
    Task.State.EXPIRED: RED,
}

# What a receipt (gate.py) holds, in the order in which it is read; its reasons stand above it.
RECEIPT = {
    "action": "decision",
    "judgedAt": "judged",
    "channel": "channel",
    "region": "country",
    "policy": "rule there",
    "lawfulBasis": "lawful basis",
    "consent": "consent recorded",
    "origin": "address",
    "probability": "chance that it exists",
    "suppressed": "suppressed",
    "released": "released by a person",
    "mailbox": "sender",
    "cap": "sent by it that day",
}


def state(row: Any) -> SafeString:
    """Return the state of an enrolment, a message, an experiment or a task."""
    return badge(row.get_state_display(), COLOURS[row.state])


def to_page(name: str, text: str, *args: object) -> SafeString:
    """Return a link to a page of outreach, by its name."""
    return format_html('<a href="{}">{}</a>', reverse(f"outreach:{name}", args=args), text)


def reasons(message: Message) -> SafeString | str:
    return format_html_join("", "<p>{}</p>", ((reason,) for reason in message.reasons)) or "-"


def text(message: Message) -> SafeString:
    """Return the text as it went out; before that, as it would read today, ready to be copied."""
    return _shown(text_of(message))


def whole_text(message: Message) -> SafeString:
    """Return the text as `text` does; of an e-mail that waits, with its signature and footer."""
    if message.body or message.step.channel != Channel.EMAIL or message.state not in Message.WAITING:
        return text(message)
    composed = composing.compose(message, mailboxes.for_enrolment(message.enrolment))
    return _shown(Text(composed.subject, composed.text, composed.problem))


def _shown(written: Text) -> SafeString:
    return format_html(
        '<b>{}</b><div class="as-written breaks">{}</div>', written.subject, written.body or written.problem
    )


def receipt(message: Message) -> SafeString | str:
    """Return what the gate looked at when it judged a message last, a line for each thing."""
    if not message.receipt:
        return "Not judged yet."
    return format_html_join("", "<p>{}: <b>{}</b></p>", _lines(message.receipt))


def _lines(kept: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for name, label in RECEIPT.items():
        if name in kept:
            yield label, _value(name, kept[name])


def _value(name: str, value: Any) -> object:
    if name == "mailbox":
        return link("look at it", "outreach_mailbox_change", value) if value else "none"
    if name == "cap":
        return f"{value['used']} of {value['of']}" if value else "-"
    if name == "judgedAt":
        at = parse_datetime(value)
        return date_format(localtime(at), "DATETIME_FORMAT") if at else value
    if name == "probability" and value is not None:
        return f"{value:.0%}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not known" if value in (None, "") else str(value).replace("_", " ")
