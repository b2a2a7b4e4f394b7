"""How far our chances hold, learnt from what came of messages: the calibrator that mends them, and the report.

Both are kept in the process and made anew when outcomes have been recorded since.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from crm.models import AddressOutcome
from enrichment import outcomes
from enrichment.emails import reliability
from enrichment.emails.reliability import Calibrator, Outcome, Report

# A few more outcomes move nothing that many have settled: so much growth may wait, but no longer than so many seconds.
GROWTH = 0.01
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What was learnt from the outcomes that there were: how many, and when the newest was written down."""

    count: int
    newest: datetime | None
    at: float  # time.monotonic()
    calibrator: Calibrator
    report: Report


_kept: _Learnt | None = None


def calibrator() -> Calibrator:
    """Return the calibrator fitted to all outcomes; without any it leaves chances as they are. One cheap query."""
    return _learnt().calibrator


def report() -> Report:
    """Return how the chances that were given compare with what came of them. One cheap query, as above."""
    return _learnt().report


def _learnt() -> _Learnt:
    global _kept  # noqa: PLW0603  # one for the process; two threads that learn at once learn the same
    if _kept is None or _is_stale(_kept):
        _kept = _learn()
    return _kept


def _is_stale(kept: _Learnt) -> bool:
    later = Q(created_at__gt=kept.newest) if kept.newest else Q()
    now = AddressOutcome.objects.aggregate(count=Count("pk"), new=Count("pk", filter=later))
    if now["count"] - now["new"] != kept.count:
        return True  # some have gone, or were written down at the same moment
    many = now["new"] > GROWTH * kept.count
    return many or (now["new"] > 0 and time.monotonic() - kept.at > PATIENCE)


def _learn() -> _Learnt:
    now = AddressOutcome.objects.aggregate(count=Count("pk"), newest=Max("created_at"))
    lessons = list(outcomes.teachers())
    # The model's chances are what is corrected; whether the corrected ones hold is what the report says.
    model = [Outcome(lesson.model, lesson.right, lesson.operator) for lesson in lessons]
    told = [Outcome(lesson.told, lesson.right, lesson.operator) for lesson in lessons]
    return _Learnt(now["count"], now["newest"], time.monotonic(), reliability.fit(model), reliability.report(told))
