"""The figures of `GET stats` (spec, "Get Enrichment Statistics"), and those that the home page draws."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from enrichment.metrics import jobs_by_status
from enrichment.models import (
    ContactEmail,
    EnrichedContact,
    EnrichmentJob,
    JobStatus,
    ReviewStatus,
    VerificationStatus,
)

COMPLETED, FAILED = JobStatus.COMPLETED, JobStatus.FAILED


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    total: int
    verified: int

    @property
    def percentage(self) -> int:
        """Whole percent, halves rounded up; of nothing 0."""
        return (200 * self.verified + self.total) // (2 * self.total) if self.total else 0


def contacts() -> Share:
    """Return how many contacts there are, and of how many an address has proof (design: `verifiedAt`)."""
    return Share(EnrichedContact.objects.count(), proven())


def proven() -> int:
    """Return of how many contacts an address has proof."""
    return EnrichedContact.objects.filter(verified_at__isnull=False).count()


def addresses() -> Share:
    """Return how many addresses there are, and how many score 80 or more."""
    # The status is counted and not the id: that, its index answers alone.
    verified = Q(verification_status=VerificationStatus.VERIFIED)
    return Share(
        **ContactEmail.objects.aggregate(total=Count("*"), verified=Count("verification_status", filter=verified))
    )


def jobs() -> dict[str, int]:
    """Return the number of jobs by status."""
    return jobs_by_status()


@dataclass(frozen=True, slots=True)
class Confidence:
    """How many contacts have which confidence: `by_score` counts for every score that there is, `to_review` of those
    that nobody has looked at."""

    by_score: Mapping[int, int]
    to_review: int

    @property
    def total(self) -> int:
        return sum(self.by_score.values())

    @property
    def tens(self) -> list[int]:
        """Return the counts of 0-9, 10-19 … 90-100."""
        counts = [0] * 10
        for score, number in self.by_score.items():
            counts[min(score // 10, 9)] += number
        return counts

    def between(self, lowest: int, highest: int) -> int:
        return sum(number for score, number in self.by_score.items() if lowest <= score <= highest)


def confidence() -> Confidence:
    """Return how many contacts have which confidence, in one query that an index answers."""
    by_score: Counter[int] = Counter()
    to_review = 0
    rows = (
        EnrichedContact.objects.order_by().values_list("review_status", "confidence_score").annotate(number=Count("*"))
    )
    for status, score, number in rows:
        by_score[score] += number
        to_review += number if status == ReviewStatus.NEW else 0
    return Confidence(dict(by_score), to_review)


@dataclass(frozen=True, slots=True)
class Day:
    """The jobs that were started on a day, by what became of them; `other`: under way, or cancelled."""

    date: date
    completed: int = 0
    failed: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        return self.completed + self.failed + self.other


def jobs_per_day(days: int = 14) -> list[Day]:
    """Return the last `days` days on the viewer's clock, today last."""
    today = timezone.localdate()
    first = today - timedelta(days=days - 1)
    began = timezone.make_aware(datetime.combine(first, time.min))
    rows = EnrichmentJob.objects.filter(created_at__gte=began).order_by()
    counted = rows.annotate(day=TruncDate("created_at")).values_list("day", "status").annotate(Count("pk"))
    numbers: dict[date, Counter[str]] = defaultdict(Counter)
    for day, status, number in counted:
        numbers[day]["failed" if status == FAILED else "completed" if status == COMPLETED else "other"] += number
    every = (first + timedelta(days=offset) for offset in range(days))
    return [Day(day, **numbers[day]) for day in every]
