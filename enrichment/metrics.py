"""What monitoring may know of the work: counts and ages, read from the database at each scrape. No personal data."""

from collections import Counter
from collections.abc import Iterator, Mapping

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crm import outcomes
from enrichment import calibrating
from enrichment.emails import scoring
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob, JobStatus, VerificationStatus

# spec, "Confidence Indicators"
BANDS = {"verified": "green", "unknown": "yellow", "risky": "red"}


class EnrichmentCollector(Collector):
    """Yields the gauges. Raises django.db.DatabaseError when the database does not answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge("enrichment_jobs", "Jobs by status.", "status", jobs_by_status())
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
        yield from calibration()


def jobs_by_status() -> dict[str, int]:
    """Return the number of jobs in each status."""
    counted = dict(EnrichmentJob.objects.order_by().values_list("status").annotate(Count("pk")))
    return {status: counted.get(status, 0) for status in JobStatus.values}


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


def _gauge(name: str, documentation: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
