"""What of the CRM's own is not kept for ever, and whom no purge may touch."""

from typing import Any

from django.db.models import QuerySet

from .models import ContactAddress, Merge, Suppression


def restricted() -> QuerySet[Any, Any]:
    """Return the blind indexes of addresses whose owners asked that their data be left alone (GDPR art. 18).

    To be used in `email_index__in`: what is restricted may be stored and nothing else, so it is not purged either.
    """
    rows = Suppression.objects.filter(kind=Suppression.Kind.ADDRESS, reason=Suppression.Reason.RESTRICTION)
    return rows.order_by().values("value_index")


def left_alone() -> QuerySet[Any, Any]:
    """Return the contacts one of whose addresses is restricted, to be used in `pk__in`."""
    return ContactAddress.objects.filter(email_index__in=restricted()).order_by().values("contact")


def undone_merges() -> QuerySet[Merge]:
    """Return the merges that were undone: what undoing took is needed no more."""
    return Merge.objects.filter(undone_at__isnull=False)
