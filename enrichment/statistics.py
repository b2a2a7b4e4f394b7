"""The figures of `GET stats` (spec, "Get Enrichment Statistics")."""

from dataclasses import dataclass

from django.db.models import Count, Q

from enrichment.metrics import jobs_by_status
from enrichment.models import ContactEmail, EnrichedContact, VerificationStatus


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
    return Share(**EnrichedContact.objects.aggregate(total=Count("pk"), verified=Count("verified_at")))


def addresses() -> Share:
    """Return how many addresses there are, and how many score 80 or more."""
    verified = Q(verification_status=VerificationStatus.VERIFIED)
    return Share(**ContactEmail.objects.aggregate(total=Count("pk"), verified=Count("pk", filter=verified)))


def jobs() -> dict[str, int]:
    """Return the number of jobs by status."""
    return jobs_by_status()
