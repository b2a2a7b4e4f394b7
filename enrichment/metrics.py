"""What monitoring may know of the work: counts and ages, read from the database at each scrape. No personal data."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

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
    oldest = EnrichmentJob.objects.filter(status=JobStatus.PENDING).aggregate(Min("created_at"))["created_at__min"]
    return max((timezone.now() - oldest).total_seconds(), 0.0) if oldest else 0.0


def _gauge(name: str, documentation: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
