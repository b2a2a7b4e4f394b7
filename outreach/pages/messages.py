"""Messages: the outbox (what waits or is uncertain), what was sent, one message with its receipt, and the decisions."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from core.pages import action, allowed, back, paginated, user_of
from core.templatetags.pages import moment
from crm.models import Contact
from outreach import composing, judging, mailboxes, sending
from outreach.models import Channel, Message, Sequence
from outreach.texts import Text

from .common import Filters, choices, noted, page, people, without_secrets
from .texts import text_of

State = Message.State

OUTBOX = (State.UNKNOWN, State.HELD, State.PLANNED, State.SENDING, State.FAILED)
_UPPER = re.compile("[A-Z]")  # the receipt's names are those of the API

ELSEWHERE = ("reasons", "mailbox")  # of a receipt: the page says them already

NOT_SENT = "Noted as not sent. It is never sent again by itself, and its enrolment waits for you: resume or stop it."
NOT_SHOWN = ["body", "receipt", "email", "subject", *without_secrets("enrolment__contact__")]


class MessageFilters(Filters):
    q = forms.CharField(label="Person", required=False, help_text="Name, company or a whole address")
    state = forms.ChoiceField(choices=choices([(s, s.label) for s in OUTBOX]), required=False)
    sequence = forms.ModelChoiceField(Sequence.objects.all(), required=False, empty_label="All")
    channel = forms.ChoiceField(choices=choices(Channel.choices), required=False)


class SentFilters(MessageFilters):
    state = None  # type: ignore[assignment]


@allowed("outreach.view_message")
def outbox(request: HttpRequest) -> HttpResponse:
    """What may still go out: the uncertain first, then what is held, then by date."""
    filters = MessageFilters(request.GET)
    first = Case(When(state=State.UNKNOWN, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = _rows().filter(state__in=OUTBOX).order_by(first, "due_at", "id")
    counts = {state: Message.objects.filter(state=state).count() for state in (State.UNKNOWN, State.HELD)}
    return page(
        request,
        "outreach/outbox.html",
        filters=filters,
        page=noted("messages.listed", paginated(request, _filtered(rows, filters)), request),
        unknown=counts[State.UNKNOWN],
        held=counts[State.HELD],
    )


@allowed("outreach.view_message")
def sent(request: HttpRequest) -> HttpResponse:
    filters = SentFilters(request.GET)
    rows = _rows().filter(state=State.SENT).order_by("-sent_at", "-id")
    shown = noted("messages.listed", paginated(request, _filtered(rows, filters)), request)
    return page(request, "outreach/sent.html", filters=filters, page=shown)


def _rows() -> QuerySet[Message]:
    related = ("enrolment__contact__brand", "enrolment__sequence", "step__template", "template", "mailbox")
    return Message.objects.select_related(*related).defer(*NOT_SHOWN).annotate(verdict=F("receipt__action"))


def _filtered(rows: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    for name, field in (("state", "state"), ("sequence", "enrolment__sequence"), ("channel", "step__channel")):
        if value := filters.value(name):
            rows = rows.filter(**{field: value})
    if text := filters.value("q"):
        rows = rows.filter(enrolment__contact__in=Contact.objects.filter(people(text)).values("pk"))
    return rows


@allowed("outreach.view_message")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One message: its text, why it is held, and the receipt of what the gate looked at."""
    related = (
        "enrolment__contact__brand",
        "enrolment__sequence__mailbox",
        "enrolment__address",
        "enrolment__enrolled_by",
        "enrolment__mailbox",
        "step__template",
        "template",
        "mailbox",
        "released_by",
        "experiment",
    )
    rows = Message.objects.select_related(*related).annotate(verdict=F("receipt__action"))
    message = get_object_or_404(rows, pk=pk)
    return page(
        request,
        "outreach/message.html",
        message=message,
        section="outreach:sent" if message.state == State.SENT else "outreach:outbox",
        text=_text(message),
        receipt=_flat({name: said for name, said in message.receipt.items() if name not in ELSEWHERE}),
        events=message.events.all()[:20],
    )


def _text(message: Message) -> Text:
    """Return the text as it went out; of an e-mail that waits, as it would go today, with signature and footer."""
    if message.body or message.step.channel != Channel.EMAIL or message.state not in Message.WAITING:
        return text_of(message)
    composed = composing.compose(message, mailboxes.for_enrolment(message.enrolment))
    return Text(composed.subject, composed.text, composed.problem)


def _flat(receipt: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a receipt as lines of a table."""
    lines: list[tuple[str, str]] = []
    for name, value in receipt.items():
        label = _UPPER.sub(lambda letter: f" {letter[0].lower()}", name)
        if isinstance(value, dict):
            lines += [(f"{label}, {inner}", said) for inner, said in _flat(value)]
        elif isinstance(value, list):
            lines.append((label, " ".join(map(str, value)) or "none"))
        elif isinstance(value, bool):
            lines.append((label, "yes" if value else "no"))
        else:
            lines.append((label, "not known" if value is None else _readable(value)))
    return lines


def _readable(value: Any) -> str:
    """Return a value as people read it: a moment by the server's clock, a word without its underscores."""
    if isinstance(value, str):
        found = parse_datetime(value) if len(value) > len("2026-11-24") else None
        return moment(found) if found else value.replace("_", " ")
    return str(value)


@action("outreach.change_message")
def change(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Release or cancel a message that waits; or say of an uncertain one whether it was sent."""
    message = get_object_or_404(Message.objects.select_related("enrolment__contact"), pk=pk)
    user, whom = user_of(request), message.enrolment.contact
    try:
        if do == "release":
            judging.release(message, user)
            said = f"The message to {whom} is released and goes when it is due."
        elif do == "cancel":
            judging.cancel(message, user)
            said = f"The message to {whom} is cancelled."
        elif do in ("was-sent", "not-sent"):
            sending.settle_unknown(message, do == "was-sent", user)
            said = "Noted as sent; the sequence goes on." if do == "was-sent" else NOT_SENT
        else:
            raise Http404
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return back(request, "outreach:outbox")
