"""The calendar: four weeks of messages, and what stands in the way of each."""

from datetime import date, timedelta

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.pages import allowed
from outreach import calendar
from outreach.models import Sequence

from .common import Filters, page

WEEKS = 4


class CalendarFilters(Filters):
    start = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sequence = forms.ModelChoiceField(Sequence.objects.all(), required=False, empty_label="All")
    company = forms.UUIDField(widget=forms.HiddenInput, required=False)


@allowed("outreach.view_message")
def weeks(request: HttpRequest) -> HttpResponse:
    filters = CalendarFilters({"start": timezone.localdate().isoformat(), **request.GET.dict()})
    start = _in_range(filters.value("start") or timezone.localdate())
    chosen = Q()
    if sequence := filters.value("sequence"):
        chosen &= Q(enrolment__sequence=sequence)
    if company := filters.value("company"):
        chosen &= Q(enrolment__contact__brand=company)
    span = timedelta(weeks=WEEKS)
    days = calendar.weeks(start, span.days, chosen)
    return page(
        request,
        "outreach/calendar.html",
        filters=filters,
        days=[day for day in days if day.entries or day.more],
        start=start,
        end=start + span - timedelta(days=1),
        before=start - span,
        after=start + span,
    )


def _in_range(day: date) -> date:
    """Return a day from which four weeks can be counted both ways."""
    return min(max(day, date(2000, 1, 1)), date(2100, 1, 1))
