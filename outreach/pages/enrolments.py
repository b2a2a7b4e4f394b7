"""Who is in a sequence: the list, one enrolment with its messages, and pausing, resuming and stopping."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from core.pages import NoColons, action, allowed, back, paginated, user_of
from crm.models import Brand, Contact, ContactAddress
from outreach import enrolments
from outreach.models import Enrolment, Message, Sequence

from .common import Filters, choices, noted, page, people, without_secrets
from .texts import text_of

BY_HAND = "by hand"


class EnrolmentFilters(Filters):
    q = forms.CharField(label="Person", required=False, help_text="Name, company or a whole address")
    state = forms.ChoiceField(choices=choices(Enrolment.State.choices), required=False)
    sequence = forms.ModelChoiceField(Sequence.objects.all(), required=False, empty_label="All")
    company = forms.UUIDField(widget=forms.HiddenInput, required=False)


@allowed("outreach.view_enrolment")
def listing(request: HttpRequest) -> HttpResponse:
    filters = EnrolmentFilters(request.GET)
    waiting = Message.objects.filter(enrolment=OuterRef("pk"), state__in=Message.WAITING).order_by("due_at")
    rows = (
        Enrolment.objects.select_related("contact__brand", "sequence")
        .defer(*without_secrets("contact__"))
        .annotate(next_due=Subquery(waiting.values("due_at")[:1]), next_state=Subquery(waiting.values("state")[:1]))
    )
    return page(
        request,
        "outreach/enrolments.html",
        filters=filters,
        page=noted("enrolments.listed", paginated(request, _filtered(rows, filters)), request),
        company=Brand.objects.filter(pk=filters.value("company")).first() if filters.value("company") else None,
    )


def _filtered(rows: QuerySet[Any], filters: EnrolmentFilters) -> QuerySet[Any]:
    for name, field in (("state", "state"), ("sequence", "sequence"), ("company", "contact__brand_id")):
        if value := filters.value(name):
            rows = rows.filter(**{field: value})
    if text := filters.value("q"):
        found = Contact.objects.filter(people(text)).values("pk")
        rows = rows.filter(contact__in=found)
    return rows


@allowed("outreach.view_enrolment", "outreach.view_message")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    rows = Enrolment.objects.select_related(
        "contact__brand", "sequence", "version", "address", "mailbox", "enrolled_by"
    )
    enrolment = get_object_or_404(rows, pk=pk)
    related = ("step__template", "template", "released_by", "mailbox", "experiment__variant")
    shown = enrolment.messages.select_related(*related)
    planned = list(shown.annotate(verdict=F("receipt__action")).order_by("due_at", "step__position"))
    for message in planned:
        message.enrolment = enrolment
    return page(
        request,
        "outreach/enrolment.html",
        enrolment=enrolment,
        messages_of=[(message, text_of(message)) for message in planned],
        events=enrolment.events.all()[:20],
        others=_others(enrolment),
    )


def _others(enrolment: Enrolment) -> dict[str, int]:
    """Return how many enrolments are open of the person and of the company."""
    open_ones = Enrolment.objects.filter(state__in=Enrolment.OPEN)
    return {
        "person": open_ones.filter(contact=enrolment.contact_id).count(),
        "company": open_ones.filter(contact__brand=enrolment.contact.brand_id).count(),
    }


@action("outreach.change_enrolment")
def change(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Pause, resume or stop: this enrolment, or all of its person or company (`scope`)."""
    enrolment = get_object_or_404(Enrolment.objects.select_related("contact").only("contact__brand"), pk=pk)
    which = {
        "person": Q(contact_id=enrolment.contact_id),
        "company": Q(contact__brand_id=enrolment.contact.brand_id),
    }.get(request.POST.get("scope", ""), Q(pk=pk))
    count = apply(do, which, request)
    messages.success(request, sentence(do, count))
    return back(request, "outreach:enrolment", pk)


@action("outreach.change_enrolment")
def change_company(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Pause, resume or stop whoever is enrolled at a company."""
    brand = get_object_or_404(Brand.objects.only("pk"), pk=pk)
    messages.success(request, sentence(do, apply(do, Q(contact__brand=brand), request)))
    return back(request, "crm:brand", pk)


def apply(do: str, which: Q, request: HttpRequest) -> int:
    """Pause, resume or stop these enrolments by hand; return how many changed."""
    if do == "pause":
        return enrolments.pause(which, f"Paused by {user_of(request).get_username()}.", user_of(request))
    if do == "resume":
        return enrolments.resume(which, user_of(request))
    if do == "stop":
        return enrolments.stop_where(which, BY_HAND, user_of(request))
    raise Http404


def sentence(do: str, count: int) -> str:
    """Return what was done to so many enrolments."""
    if not count:
        return "Nothing was there to change: no enrolment was in a state for it."
    counted = f"{count} enrolment{'' if count == 1 else 's'}"
    return {
        "pause": f"{counted} paused: nothing goes out until somebody resumes.",
        "resume": f"{counted} resumed. What was overdue is planned anew from today.",
        "stop": f"{counted} stopped; the messages that waited are cancelled.",
    }[do]


class EnrolForm(NoColons, forms.Form):
    sequence = forms.ModelChoiceField(Sequence.objects.filter(active=True), empty_label=None)
    address = forms.ModelChoiceField(ContactAddress.objects.none(), required=False, empty_label="The primary one")

    def __init__(self, data: Any, contact: Contact) -> None:
        super().__init__(data)
        self.fields["address"].queryset = contact.addresses.all()  # type: ignore[attr-defined]


@allowed("outreach.add_enrolment", "crm.view_contact", methods=("GET", "HEAD", "POST"))
def enrol(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enrol a contact in the sequence chosen, to be written to at the address chosen."""
    contact = get_object_or_404(Contact.objects.select_related("brand"), pk=pk)
    form = EnrolForm(request.POST or None, contact)
    if request.method == "POST" and form.is_valid():
        before = set(contact.enrolments.values_list("pk", flat=True))
        try:
            enrolment = enrolments.enrol(contact, user=user_of(request), **form.cleaned_data)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            if enrolment.pk in before:
                messages.warning(request, f"{contact} is or was in this sequence already: nobody gets it twice.")
            else:
                messages.success(request, f"{contact} is enrolled. Below is what is planned.")
            return redirect("outreach:enrolment", enrolment.pk)
    return page(request, "outreach/enrol.html", contact=contact, form=form)
