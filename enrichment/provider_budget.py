"""How many requests of each provider may still be used this calendar month (UTC): ENRICHMENT_PROVIDER_BUDGET.

What was used is the sum of the month's rows of ProviderUsage. Whoever takes a request holds a lock on one row of the
month while the sum is read and raised: of any number who reach for the last request one gets it.
"""

import re
from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from enrichment.emails.providers.registry import NAMES
from enrichment.models import ProviderUsage

EVERYBODY = ""
_GATE = "find"  # the operation whose row of the month's first day is locked
_HINT = "Write one number for each provider (1000), or hunter=500,snov=100."


def hold(provider: str, operation: str, number: int = 1) -> bool:
    """Take `number` requests from this month's budget; False, and nothing taken, where it has no such number left."""
    budget, today = limit(provider), _today()
    with transaction.atomic():
        ProviderUsage.objects.get_or_create(provider=provider, operation=_GATE, day=today.replace(day=1))
        list(_month(provider, today).filter(operation=_GATE, day=today.replace(day=1)).select_for_update())
        if _sum(provider, today) + number > budget:
            return False
        row, _ = ProviderUsage.objects.get_or_create(provider=provider, operation=operation, day=today)
        ProviderUsage.objects.filter(pk=row.pk).update(calls=F("calls") + number)
    return True


def release(provider: str, operation: str, number: int = 1) -> None:
    """Give back requests that were held and not used: to the last day on which so many were taken."""
    with transaction.atomic():
        rows = ProviderUsage.objects.filter(provider=provider, operation=operation, calls__gte=number)
        row = rows.order_by("-day").select_for_update().first()
        if row is not None:
            ProviderUsage.objects.filter(pk=row.pk).update(calls=F("calls") - number)


def used(provider: str) -> int:
    """Return how many requests of the provider were used this month."""
    return _sum(provider, _today())


def limit(provider: str) -> int:
    """Return the provider's monthly budget, 0 for one that has none. Raises ImproperlyConfigured."""
    budgets = limits()
    return budgets.get(provider, budgets.get(EVERYBODY, 0))


def limits() -> Mapping[str, int]:
    """Return the budgets as configured, by provider; EVERYBODY's is that of those not named.

    Raises ImproperlyConfigured with a sentence for what cannot be read.
    """
    budgets: dict[str, int] = {}
    for entry in settings.ENRICHMENT_PROVIDER_BUDGET:
        name, equals, text = entry.rpartition("=")
        name, text = name.strip().lower(), text.strip()
        if not re.fullmatch(r"[0-9]{1,9}", text) or bool(name) != bool(equals):
            raise ImproperlyConfigured(f"ENRICHMENT_PROVIDER_BUDGET: {entry!r} is no budget. {_HINT}")
        if name and name not in NAMES:
            raise ImproperlyConfigured(
                f"ENRICHMENT_PROVIDER_BUDGET: there is no provider {name!r}. Known are: {', '.join(NAMES)}."
            )
        if name in budgets:
            raise ImproperlyConfigured(f"ENRICHMENT_PROVIDER_BUDGET names a budget twice ({entry!r}). {_HINT}")
        budgets[name] = int(text)
    return budgets


def _today() -> date:
    return timezone.now().date()


def _month(provider: str, today: date) -> QuerySet[ProviderUsage]:
    return ProviderUsage.objects.filter(provider=provider, day__gte=today.replace(day=1), day__lte=today)


def _sum(provider: str, today: date) -> int:
    return _month(provider, today).aggregate(calls=Sum("calls"))["calls"] or 0
