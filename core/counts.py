"""Counting what happens: limits that were reached, regions that were refused. Read by /metrics."""

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from core.models import DailyCount
from core.refusals import Refusal

LIMIT_HIT = "limit_hit"
REGION_REFUSED, REGION_BLOCKED, REGION_WARNED = "region_refused", "region_blocked", "region_warned"
PURGE_RUN = "purge_run"

log = structlog.get_logger(__name__)


def add(name: str, label: str = "", number: int = 1) -> None:
    """Count `number` more of `name` today. Call outside of a transaction that may be rolled back.

    That a count is lost harms nobody: a database that fails is written to the log and to nothing else.
    """
    try:
        with transaction.atomic():
            row, made = DailyCount.objects.get_or_create(
                name=name, label=label[:60], day=timezone.now().date(), defaults={"number": number}
            )
            if not made:
                DailyCount.objects.filter(pk=row.pk).update(number=F("number") + number)
    except DatabaseError as error:
        log.warning("not counted", name=name, error=type(error).__name__)


def refused(error: BaseException | None) -> None:
    """Count a refusal that is one of those that are counted. Call where it is answered, outside of transactions."""
    if isinstance(error, Refusal) and error.counted:
        add(*error.counted)


def totals(name: str) -> dict[str, int]:
    """Return how often `name` happened in all, by label."""
    rows = DailyCount.objects.filter(name=name).order_by().values_list("label").annotate(Sum("number"))
    return dict(rows)
