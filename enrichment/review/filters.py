"""Which found contacts a list shows: the filters of its address, what they leave, and how they are put in words.

The list, its selections (“all that match”), its export and its saved views read the same query string here. Whatever
of it is not valid is left out of account: an old address or a mistyped one shows a list and no error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format

from core.ids import parse_id
from crm import brands, regions
from crm.models import Brand
from enrichment import searching
from enrichment.models import EnrichedContact, EnrichmentJob

from .filter_form import NO, NO_ADDRESS, YES, ContactFilters

Chosen = Mapping[str, Any]


def chosen(data: QueryDict) -> dict[str, Any]:
    """Return the filters that are set and valid, under their names."""
    form = ContactFilters(data)
    form.full_clean()
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "", [])}


def matching(data: QueryDict) -> QuerySet[EnrichedContact]:
    """Return the contacts that a list's query string leaves, in no order of its own. Raises nothing."""
    return narrowed(chosen(data))


def narrowed(filters: Chosen) -> QuerySet[EnrichedContact]:
    """Return the contacts that `chosen` filters leave."""
    conditions = [_condition(name, value) for name, value in filters.items()]
    return EnrichedContact.objects.filter(*conditions).order_by()


def as_text(value: Any) -> list[str]:
    """Return a filter's value as a query string has it."""
    values = value if isinstance(value, list) else [value]
    return [one.isoformat() if isinstance(one, date) else str(one) for one in values]


_LOOKUPS = {
    "job": "jobs",
    "source": "source__in",
    "reviewed": "review_status",
    "seniority": "seniority__in",
    "department": "department__in",
    "confidence_min": "confidence_score__gte",
    "confidence_max": "confidence_score__lte",
    "region": "region_code",
}


def _condition(name: str, value: Any) -> Q:
    return Q(**{_LOOKUPS[name]: value}) if name in _LOOKUPS else _CONDITIONS[name](value)


def _of_brand(text: str) -> Q:
    """Return the condition for a brand's id, its whole name, or else a part of the company's name."""
    if key := parse_id(text):
        return Q(linked_brand=key)
    named = list(Brand.objects.filter(name_key=brands.name_key(text)).values_list("pk", flat=True))
    if named:
        return Q(linked_brand__in=named)
    return searching.contains(text) & Q(company__icontains=text)  # the first has an index, the second is meant


def _with_status(statuses: list[str]) -> Q:
    return Q(best_status__in=["" if status == NO_ADDRESS else status for status in statuses])


def _likely(percent: int) -> Q:
    return Q(best_probability__gte=percent / 100)


def _with_address(answer: str) -> Q:
    return ~Q(best_status="") if answer == YES else Q(best_status="")


def _deciding(answer: str) -> Q:
    return Q(decision_maker=answer == YES)


def _in_crm(answer: str) -> Q:
    return Q(linked_contact__isnull=answer == NO)


def _found_since(day: date) -> Q:
    return Q(discovered_at__gte=timezone.make_aware(datetime.combine(day, time())))


_CONDITIONS: dict[str, Callable[[Any], Q]] = {
    "q": searching.found_by,
    "brand": _of_brand,
    "status": _with_status,
    "chance_min": _likely,
    "address": _with_address,
    "decision_maker": _deciding,
    "crm": _in_crm,
    "since": _found_since,
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: its name, and what it says."""

    name: str
    text: str


def in_words(data: QueryDict) -> list[str]:
    """Return what the filters of a list's query string say, a short text for each."""
    return [chip.text for chip in chips(chosen(data))]


def chips(filters: Chosen) -> list[Chip]:
    """Return what `chosen` filters say."""
    return [Chip(name, _text(name, value)) for name, value in filters.items()]


def _text(name: str, value: Any) -> str:
    if name in _PHRASES:
        return _PHRASES[name].format(value)
    if name in _TEXTS:
        return _TEXTS[name](value)
    field = ContactFilters.base_fields[name]
    labels = {str(code): str(label) for code, label in field.choices}  # type: ignore[attr-defined]
    return f"{field.label}: {' or '.join(labels[code] for code in as_text(value))}"


def _brand_text(text: str) -> str:
    key = parse_id(text)
    names = Brand.objects.filter(pk=key).values_list("name", flat=True) if key else [text]
    return f"Brand: {next(iter(names), 'deleted')}"


def _job_text(key: Any) -> str:
    names = EnrichmentJob.objects.filter(pk=key).values_list("brand_name", flat=True)
    return f"Found by the job for {next(iter(names), None) or 'a brand'}"


def _region_text(code: str) -> str:
    return f"Region: {regions.policy(code).country if code in regions.REGIONS else code}"


def _since_text(day: date) -> str:
    return f"Found since {date_format(day, 'j M Y')}"


_PHRASES = {
    "q": "“{}”",
    "confidence_min": "Confidence from {}",
    "confidence_max": "Confidence to {}",
    "chance_min": "Chance from {}%",
}
_TEXTS: dict[str, Callable[[Any], str]] = {
    "brand": _brand_text,
    "job": _job_text,
    "region": _region_text,
    "since": _since_text,
}
