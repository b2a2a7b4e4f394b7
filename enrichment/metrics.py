"""What monitoring may know of the work: counts and ages, read from the database at each scrape. No personal data."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core import counts
from crm import outcomes
from crm.models import AddressOutcome
from enrichment import calibrating
from enrichment.emails import scoring
from enrichment.jobs import ENDED
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob, JobStatus, VerificationStatus

# spec, "Confidence Indicators"
BANDS = {"verified": "green", "unknown": "yellow", "risky": "red"}


# What is counted of regions (core/counts.py), as the spec's "Regional restriction violations"
VIOLATIONS = {"refused": counts.REGION_REFUSED, "blocked": counts.REGION_BLOCKED, "warned": counts.REGION_WARNED}
DAY = timedelta(days=1)


class EnrichmentCollector(Collector):
    """Yields the figures. Raises django.db.DatabaseError when the database does not answer."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("enrichment_jobs", "Jobs by status.", "status", jobs_by_status())
        ended = jobs_ended(timezone.now() - DAY)
        yield _gauge("enrichment_jobs_ended_day", "Jobs that ended in the last 24 hours, by status.", "status", ended)
        yield _rate("enrichment_job_failure_rate", "Share of the jobs of the last 24 hours that failed, 0-1.", ended)
        yield _gauge("enrichment_contacts", "Contacts by band of confidence.", "band", contacts_by_band())
        yield _gauge(
            "enrichment_addresses",
            "Addresses by verification status.",
            "verification_status",
            addresses_by_verification_status(),
        )
        yield GaugeMetricFamily(
            "enrichment_oldest_pending_job_age_seconds",
            "Age of the job that has waited longest; 0 when none waits.",
            value=oldest_pending_job_age(),
        )
        yield _gauge("enrichment_address_outcomes", "What came of messages, by kind.", "kind", outcomes.counts())
        yield GaugeMetricFamily(
            "enrichment_bounce_rate", "Share of the addresses written to that bounced, 0-1.", bounce_rate()
        )
        hits = CounterMetricFamily("enrichment_limit_hits", "Requests and jobs that met a limit.", labels=["limit"])
        for limit, number in sorted(counts.totals(counts.LIMIT_HIT).items()):
            hits.add_metric([limit], number)
        yield hits
        yield region_violations()
        yield from calibration()


def jobs_by_status() -> dict[str, int]:
    """Return the number of jobs in each status."""
    counted = dict(EnrichmentJob.objects.order_by().values_list("status").annotate(Count("pk")))
    return {status: counted.get(status, 0) for status in JobStatus.values}


def jobs_ended(since: datetime) -> dict[str, int]:
    """Return how many jobs ended since then, by how they did."""
    rows = EnrichmentJob.objects.filter(completed_at__gte=since, status__in=ENDED).order_by()
    counted = dict(rows.values_list("status").annotate(Count("pk")))
    return {status: counted.get(status, 0) for status in sorted(ENDED)}


def bounce_rate() -> float:
    """Return which share of the addresses of which something is known bounced; 0 while nothing is."""
    rows, index = AddressOutcome.objects.order_by(), "email_index"
    bounced = Count(index, distinct=True, filter=Q(kind=AddressOutcome.Kind.BOUNCED))
    found = rows.aggregate(known=Count(index, distinct=True), bounced=bounced)
    return found["bounced"] / found["known"] if found["known"] else 0.0


def region_violations() -> CounterMetricFamily:
    """Return how often a region stood in the way: discovery refused, a message blocked, one sent under conditions."""
    family = CounterMetricFamily(
        "enrichment_region_violations", "What a region refused, by kind and region.", labels=["kind", "region"]
    )
    for kind, name in VIOLATIONS.items():
        for region, number in sorted(counts.totals(name).items()):
            family.add_metric([kind, region], number)
    return family


def contacts_by_band() -> dict[str, int]:
    """Return the number of contacts in each band of confidence."""
    counted: Counter[str] = Counter()
    # Grouped by score, which is indexed, and not by band: the database reads the index alone.
    for score, number in EnrichedContact.objects.order_by().values_list("confidence_score").annotate(Count("pk")):
        counted[BANDS[scoring.status(score)]] += number
    return {band: counted[band] for band in BANDS.values()}


def addresses_by_verification_status() -> dict[str, int]:
    """Return the number of addresses in each verification status."""
    counted = dict(ContactEmail.objects.order_by().values_list("verification_status").annotate(Count("pk")))
    return {status: counted.get(status, 0) for status in VerificationStatus.values}


def oldest_pending_job_age() -> float:
    """Return for how many seconds the oldest pending job has waited, 0 when there is none."""
    # One that was handed on has waited for nothing but its turn.
    waiting = EnrichmentJob.objects.filter(status=JobStatus.PENDING, started_at__isnull=True)
    oldest = waiting.aggregate(Min("created_at"))["created_at__min"]
    return max((timezone.now() - oldest).total_seconds(), 0.0) if oldest else 0.0


def calibration() -> Iterator[GaugeMetricFamily]:
    """Yield how the chances that were given compare with what came of messages; no figures while nothing is known."""
    report = calibrating.report()
    if report.brier is None or report.expected_calibration_error is None:
        return
    yield GaugeMetricFamily(
        "enrichment_brier_score", "Mean squared error of chances; 0 is best, 0.25 a coin.", value=report.brier
    )
    yield GaugeMetricFamily(
        "enrichment_calibration_error",
        "How far chances are off on average, 0-1.",
        value=report.expected_calibration_error,
    )
    bins = {f"{item.low:g}-{item.high:g}": item for item in report.bins}
    for name, documentation, values in (
        ("predicted", "Mean chance given, by band.", {band: item.predicted for band, item in bins.items()}),
        ("observed", "Share that proved right, by band.", {band: item.observed for band, item in bins.items()}),
        ("count", "Addresses that this is known of, by band.", {band: item.count for band, item in bins.items()}),
    ):
        yield _gauge(f"enrichment_calibration_{name}", documentation, "bin", values)


def _rate(name: str, documentation: str, ended: Mapping[str, int]) -> GaugeMetricFamily:
    whole = ended[JobStatus.COMPLETED] + ended[JobStatus.FAILED]  # who cancelled one knows why
    return GaugeMetricFamily(name, documentation, value=ended[JobStatus.FAILED] / whole if whole else 0.0)


def _gauge(name: str, documentation: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
