"""Bounces, replies and what else came back: what needs a person first, each with what can be done about it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core.pages import action, allowed, back, paginated, user_of
from crm.models import Contact
from outreach import handling
from outreach.models import Event, Mailbox

from .common import Filters, choices, noted, page, people, without_secrets

CANDIDATES = 20
OPEN = Q(needs_human=True, handled_at__isnull=True)


class EventFilters(Filters):
    q = forms.CharField(label="Person", required=False, help_text="Name, company or a whole address")
    kind = forms.ChoiceField(choices=choices(Event.Kind.choices), required=False)
    open = forms.ChoiceField(label="Show", choices=[("", "All"), ("1", "What needs a person")], required=False)
    mailbox = forms.ModelChoiceField(Mailbox.objects.all(), required=False, empty_label="All")


@allowed("outreach.view_event")
def listing(request: HttpRequest) -> HttpResponse:
    filters = EventFilters(request.GET)
    rows = (
        Event.objects.select_related("contact__brand", "brand")
        .defer("text", "brand__facts", *without_secrets("contact__"))
        .alias(first=Case(When(OPEN, then=Value(0)), default=Value(1), output_field=IntegerField()))
        .order_by("first", "-happened_at", "-id")
    )
    for name in ("kind", "mailbox"):
        if value := filters.value(name):
            rows = rows.filter(**{name: value})
    if filters.value("open"):
        rows = rows.filter(OPEN)
    if text := filters.value("q"):
        rows = rows.filter(contact__in=Contact.objects.filter(people(text)).values("pk"))
    shown = noted("events.listed", paginated(request, rows), request)
    return page(request, "outreach/events.html", filters=filters, page=shown)


@allowed("outreach.view_event")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    related = "contact__brand", "brand", "message__step", "enrolment__sequence", "mailbox", "handled_by"
    event = get_object_or_404(Event.objects.select_related(*related), pk=pk)
    asked = request.GET.get("q", "").strip()
    return page(
        request,
        "outreach/event.html",
        event=event,
        asked=asked,
        candidates=_candidates(event, asked),
        sentiments=Event.Sentiment.choices,
        is_bounce=event.kind == Event.Kind.HARD and event.handled_at is None,
        is_reply=event.kind == Event.Kind.REPLY,
        is_open=event.needs_human and not event.handled_at,
    )


def _candidates(event: Event, asked: str) -> list[Contact]:
    """Return whose it may be: whoever answers to what was asked for, else the people of the company."""
    if event.contact_id or event.kind != Event.Kind.REPLY:
        return []
    rows = Contact.objects.select_related("brand").defer(*without_secrets(""))
    if asked:
        return list(rows.filter(people(asked)).distinct()[:CANDIDATES])
    if event.brand_id:
        return list(rows.filter(brand=event.brand_id)[:CANDIDATES])
    return []


@action("outreach.change_event", "crm.view_contact")
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say whose it is."""
    event = get_object_or_404(Event, pk=pk)
    try:
        contact = Contact.objects.get(pk=request.POST.get("contact", ""))
        handling.assign(event, contact, user_of(request))
    except (Contact.DoesNotExist, ValidationError):
        messages.error(request, "This contact is not there any more: look for it again.")
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"It belongs to {contact} now.")
    return back(request, "outreach:event", pk)


@action("outreach.change_event")
def change(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Say what a reply means, that it is handled, or begin again with the person's next address after a bounce."""
    event, user = get_object_or_404(Event, pk=pk), user_of(request)
    try:
        if do in Event.Sentiment.values:
            handling.set_sentiment(event, do, user)
            said = f"Noted: {Event.Sentiment(do).label.lower()}."
        elif do in ("handled", "handled-go-on"):
            handling.mark_handled(event, user, resume=do == "handled-go-on")
            said = "Handled." if do == "handled" else "Handled; whoever waited because of it goes on."
        elif do == "next-address":
            if not user.has_perm("outreach.add_enrolment"):
                raise PermissionDenied
            handling.continue_with_next(event, user)
            said = "The sequence begins again with the next address that is known of the person."
        else:
            raise Http404
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return back(request, "outreach:event", pk)
