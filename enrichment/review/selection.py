"""Which contacts somebody chose in the list: those whose boxes are ticked, or all that its filters leave."""

from django.db.models import QuerySet
from django.http import QueryDict

from core.ids import parse_id
from enrichment.models import EnrichedContact

from .filters import matching


def chosen(data: QueryDict) -> QuerySet[EnrichedContact] | None:
    """Return the contacts that a form of the list names, in no order; None when it names none.

    It posts `contact`, an id for each box that is ticked, or `everything` with `filters`, the list's query string.
    """
    if data.get("everything"):
        return matching(QueryDict(data.get("filters", "")))
    keys = [key for text in data.getlist("contact") if (key := parse_id(text))]
    return EnrichedContact.objects.filter(pk__in=keys).order_by() if keys else None
