"""Who was told what we hold of them, and who must be told by when; what is in the way of telling them by mail."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from core import audit
from core.pages import NoColons, action, allowed, back, paginated, user_of
from crm.models import Contact
from outreach import mailboxes, notice_mail, notices
from outreach.models import Notice

PER_PAGE = 25
NOT_SHOWN = ["evidence", "linkedin_url", "region_basis", "brand__facts", "brand__region_basis"]
SHOWN = {"": "To be told", "told": "Told", "perhaps": "Perhaps told", "failed": "Failed"}
STATES = {
    "told": [Notice.State.SENT],
    "perhaps": [Notice.State.UNKNOWN, Notice.State.SENDING],
    "failed": [Notice.State.FAILED],
}


class ToldForm(NoColons, forms.Form):
    how = forms.CharField(
        label="How they were told",
        max_length=notices.HOW_LENGTH,
        help_text="Such as: by letter of 24 November, or at the fair.",
    )


@allowed("outreach.view_notice", "crm.view_contact")
def listing(request: HttpRequest) -> HttpResponse:
    return _page(request)


@action("outreach.add_notice", "crm.change_contact")
def tell(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down that a person was told by other means, and how."""
    contact = get_object_or_404(Contact, pk=pk)
    form = ToldForm(request.POST)
    if not form.is_valid():
        return _page(request, wrong=(pk, form))
    notices.tell_by_hand(contact, form.cleaned_data["how"], user_of(request))
    messages.success(request, f"Noted: {contact} was told.")
    return back(request, "oversight:notices")


def _page(request: HttpRequest, wrong: tuple[UUID, ToldForm] | None = None) -> HttpResponse:
    """Return the page; `wrong` is the form that came back with mistakes, and whom it is about."""
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN and wrong is None else ""
    now = timezone.now()
    context: dict[str, Any] = {
        "shown": shown,
        "tabs": SHOWN.items(),
        "due": notices.due(now).count(),
        "overdue": notices.due(now, notices.AHEAD * 0).count(),
        "obstacle": notice_mail.obstacle(mailboxes.default(), now),
        "wrong": wrong[0] if wrong else None,
        "form": wrong[1] if wrong else ToldForm(),
        "now": now,
        "page": paginated(request, _notices(shown)) if shown else None,
    }
    if not shown:
        waiting = notices.untold().select_related("brand").defer(*NOT_SHOWN).order_by("obtained_at", "pk")
        context["page"] = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
        context["people"] = notices.plan(list(context["page"]))
    people = [row.contact_id if shown else row.pk for row in context["page"]]
    if people:
        audit.record("notices.listed", ids=people, count=len(people), filters=["show"] if shown else [])
    return render(request, "oversight/notices.html", context, status=400 if wrong else 200)


def _notices(shown: str) -> QuerySet[Notice]:
    rows = Notice.objects.filter(state__in=STATES[shown]).select_related("contact__brand", "told_by", "message")
    left_out = [f"contact__{name}" for name in NOT_SHOWN]
    return rows.defer(*left_out, "email", "message__body", "message__subject", "message__email")
