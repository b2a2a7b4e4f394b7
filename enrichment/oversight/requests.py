"""Requests of people about their data: what is open and until when, and what is done about each."""

from typing import Any
from uuid import UUID

import orjson
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core.fields import blind_index, normalise_email
from core.pages import NoColons, action, allowed, paginated, user_of
from core.refusals import InputError
from crm.models import Contact
from enrichment import requests, subject_rights
from enrichment.models import EnrichedContact, RequestKind, RequestState, SubjectRequest
from enrichment.privacy import readable
from enrichment.privacy.pages import public_url
from enrichment.tasks import mail_privacy_link

VIEW, CHANGE = "enrichment.view_subjectrequest", "enrichment.change_subjectrequest"
ADD, DELETE = "enrichment.add_subjectrequest", "enrichment.delete_subjectrequest"


# What to mind of an address of which the mailed link does not say who asks (subject_rights.doubt).
DOUBTS = {
    "shared": "Several people are known by this address, so nobody is shown or erased by it. Find out who asks. Then "
    "delete or correct that person on their own page, or enter a request for an address that is theirs alone, and "
    "note here what you answered.",
    "role": "Several people may read the mail to this address. Make sure that whoever asks is the person below before "
    "you hand over or erase anything.",
    "guessed": "This address was formed from the person's name and nothing proves it. Make sure that whoever asks is "
    "the person below before you hand over or erase anything.",
}


class NewForm(NoColons, forms.Form):
    """A request that came by letter or telephone."""

    address = forms.CharField(label="E-mail address", max_length=254)
    kind = forms.ChoiceField(label="What they want", choices=RequestKind.choices)
    text = forms.CharField(
        label="What they wrote", max_length=requests.LONGEST, required=False, widget=forms.Textarea({"rows": 4})
    )
    how = forms.CharField(
        label="How you made sure who asks", max_length=500, help_text="Such as: called back under the company's number."
    )

    def clean_address(self) -> str:
        try:
            return subject_rights.clean_address(self.cleaned_data["address"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@allowed(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """What is open, the most urgent first, then what is closed."""
    rows = SubjectRequest.objects.select_related("handled_by").defer("text", "answer", "result")
    context = {
        "open": list(rows.filter(state=RequestState.OPEN).order_by("due_at", "id")),
        "page": paginated(request, rows.exclude(state=RequestState.OPEN)),
        "now": timezone.now(),
    }
    return render(request, "oversight/requests.html", context)


@allowed(ADD, methods=("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """Write down a request that came by letter or telephone."""
    form = NewForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            row = requests.enter(given["kind"], given["address"], given["text"], given["how"], user_of(request))
        except InputError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "The request is written down. Nothing was done about it yet.")
            return redirect("oversight:request", row.pk)
    return render(request, "oversight/request_new.html", {"form": form}, status=400 if form.is_bound else 200)


@allowed(VIEW)
def detail(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """What somebody asked, what is known of them, and what can be done. That it was looked at is in the audit trail."""
    return _page(request, get_object_or_404(SubjectRequest.objects.select_related("handled_by"), pk=request_id))


@action(VIEW)
def take(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Give the admin what is held as a file: `form` is json or html."""
    row = _held(request_id)
    data = subject_rights.access(row.email or "", user_of(request))
    if request.POST.get("form") == "html":
        body, kind, name = readable.html(data).encode(), "text/html; charset=utf-8", "data.html"
    else:
        body, kind, name = orjson.dumps(data, option=orjson.OPT_INDENT_2), "application/json", "data.json"
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@action(CHANGE)
def send(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Mail the person a link that shows them what is held."""
    row = _held(request_id)
    if row.kind != RequestKind.ACCESS or row.state not in (RequestState.OPEN, RequestState.UNPROVED):
        messages.error(request, "Only for an open request to see the data can a link be sent.")
    elif not requests.possible():
        messages.error(request, "No mail can be sent here: set EMAIL_URL and ACCOUNTS_FROM, or send the file.")
    else:
        try:
            mail_privacy_link.delay(str(row.pk), public_url(request), "en")
        except (RedisError, BrokerError, OSError):
            messages.error(request, "No mail can be sent at the moment. Try again in a few minutes.")
        else:
            messages.success(request, "The link is on its way. The request is done once it was opened.")
    return redirect("oversight:request", row.pk)


@action(CHANGE)
def carry_out(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Restrict or stop writing to the person, as they asked; for access, note that the copy was handed over.

    Erasing has a page of its own, since it asks for more. Of an address that several people share only an answer is
    noted: what is to be done is done on the page of the one who asks.
    """
    row = _held(request_id, RequestState.OPEN)
    answer = request.POST.get("answer", "")[: requests.LONGEST].strip()
    if row.kind == RequestKind.RECTIFICATION or (answer and _is_shared(row)):
        requests.finish(row, RequestState.DONE, user_of(request), answer=answer)
    elif row.kind == RequestKind.ERASURE or (_is_shared(row) and row.kind != RequestKind.OBJECTION):
        raise Http404
    else:
        requests.carry_out(row, user_of(request))
    messages.success(request, "Done. Tell the person, unless they saw it themselves.")
    return redirect("oversight:request", row.pk)


@action(DELETE)
def erase(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Erase the person, once their address was typed again."""
    row = _held(request_id, RequestState.OPEN)
    try:
        typed = subject_rights.clean_address(request.POST.get("address", ""))
    except ValueError:
        typed = ""
    if typed != row.email:
        return _page(request, row, erase_error="This is not the address of the request: type it again.", status=400)
    if _is_shared(row):
        return _page(request, row, erase_error=DOUBTS["shared"], status=400)
    if row.kind == RequestKind.ERASURE:
        requests.carry_out(row, user_of(request))
    else:
        subject_rights.erase(typed, user_of(request))
    messages.success(request, "All that was held of this person is erased.")
    return redirect("oversight:request", row.pk)


@action(CHANGE)
def lift(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """End a restriction. The person must be told before (art. 18(3))."""
    row = _held(request_id)
    lifted = subject_rights.lift_restriction(row.email or "", user_of(request))
    if lifted:
        messages.success(request, "The restriction is lifted. Sequences that it stopped stay stopped.")
    else:
        messages.info(request, "There was no restriction any more.")
    return redirect("oversight:request", row.pk)


@action(CHANGE)
def refuse(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Refuse a request with the reason that the person is told."""
    row = _held(request_id, RequestState.OPEN)
    try:
        requests.refuse(row, request.POST.get("reason", ""), user_of(request))
    except InputError as error:
        return _page(request, row, refuse_error=error.message, status=400)
    messages.success(request, "Refused. Tell the person why, and that they may complain to the authority.")
    return redirect("oversight:request", row.pk)


def _is_shared(row: SubjectRequest) -> bool:
    return subject_rights.doubt(row.email or "") == "shared"


def _held(request_id: UUID, *states: str) -> SubjectRequest:
    """Return a request whose address is still held, in one of these states if any are given; else 404."""
    rows = SubjectRequest.objects.filter(email__isnull=False)
    return get_object_or_404(rows.filter(state__in=states) if states else rows, pk=request_id)


def _page(request: HttpRequest, row: SubjectRequest, status: int = 200, **errors: str) -> HttpResponse:
    context: dict[str, Any] = {"row": row, "now": timezone.now(), **errors}
    if row.email:
        data = subject_rights.access(row.email, user_of(request))
        context |= {
            **readable.context_of(data),
            "restricted": subject_rights.restricted(row.email),
            "doubt": DOUBTS.get(doubt := subject_rights.doubt(row.email), ""),
            "shared": doubt == "shared",
            "holders": _holders(row.email) if doubt == "shared" else (),
            "contacts": data["enrichment"]["contacts"],
            "crm_contacts": data["crm"]["contacts"],
        }
    return render(request, "oversight/request.html", context, status=status)


def _holders(address: str) -> list[tuple[str, str]]:
    """Return the pages and names of all contacts who have an address."""
    index = blind_index(normalise_email(address))
    found = EnrichedContact.objects.filter(emails__email_index=index).distinct()
    known = Contact.objects.filter(addresses__email_index=index).distinct()
    return [
        *((reverse("review:contact", args=[row.pk]), f"{row}, found") for row in found),
        *((reverse("crm:contact", args=[row.pk]), f"{row}, in the CRM") for row in known),
    ]
