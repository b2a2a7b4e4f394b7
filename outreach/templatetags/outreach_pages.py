"""Badges of outreach: each state has its tone."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.templatetags.pages import badge
from outreach.models import Enrolment, Event, Experiment, Message, Task

register = template.Library()

TONES = {
    Enrolment.State.ACTIVE: "good",
    Enrolment.State.PAUSED: "wait",
    Enrolment.State.STOPPED: "bad",
    Enrolment.State.FINISHED: "off",
    Message.State.PLANNED: "info",
    Message.State.HELD: "wait",
    Message.State.SENDING: "info",
    Message.State.SENT: "good",
    Message.State.UNKNOWN: "bad",
    Message.State.FAILED: "bad",
    Message.State.CANCELLED: "off",
    Task.State.OPEN: "info",
    Task.State.DONE: "good",
    Task.State.SKIPPED: "off",
    Task.State.REPLIED: "good",
    Task.State.EXPIRED: "bad",
    Experiment.State.DRAFT: "off",
    Experiment.State.RUNNING: "good",
    Experiment.State.ENDED: "off",
}
KINDS = {
    Event.Kind.DELIVERED: "good",
    Event.Kind.HARD: "bad",
    Event.Kind.SOFT: "wait",
    Event.Kind.BLOCKED: "bad",
    Event.Kind.COMPLAINT: "bad",
    Event.Kind.AUTO_REPLY: "off",
    Event.Kind.REPLY: "good",
    Event.Kind.UNSUBSCRIBED: "wait",
    Event.Kind.UNCERTAIN: "bad",
    Event.Kind.UNKNOWN: "wait",
}


@register.simple_tag
def state(row: Any) -> SafeString:
    """Return the state of an enrolment, message, task or experiment as a badge."""
    return badge(row.get_state_display(), TONES.get(row.state, "off"))


@register.simple_tag
def kind(event: Event) -> SafeString:
    """Return what kind of event it is as a badge."""
    return badge(event.get_kind_display(), KINDS.get(Event.Kind(event.kind), "off"))


@register.simple_tag
def state_word(value: str) -> SafeString:
    """Return a message's state, given as its word, as a badge."""
    known = Message.State(value)
    return badge(known.label, TONES[known])
