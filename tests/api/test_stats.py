"""GET stats."""

import pytest
from django.utils import timezone

from enrichment.statistics import Share
from tests.factories import ContactFactory, EmailFactory, JobFactory

STATS = "/api/enrichment/stats"


def test_of_nothing_every_percentage_is_0(api) -> None:
    body = api.get(STATS).json()
    assert body["success"] is True
    assert body["stats"]["contacts"] == {"total": 0, "verified": 0, "percentage": 0}
    assert body["stats"]["emails"] == {"total": 0, "verified": 0, "percentage": 0}
    assert (body["stats"]["jobs"]["completed"], body["stats"]["jobs"]["failed"]) == (0, 0)


def test_contacts_count_as_verified_by_proof_and_addresses_by_status(api) -> None:
    EmailFactory(enriched_contact=ContactFactory(verified_at=timezone.now()))
    EmailFactory(verification_status="unknown")
    EmailFactory()
    for status in ("completed", "completed", "failed", "pending"):
        JobFactory(status=status)
    stats = api.get(STATS).json()["stats"]
    assert stats["contacts"] == {"total": 3, "verified": 1, "percentage": 33}
    assert stats["emails"] == {"total": 3, "verified": 2, "percentage": 67}
    assert (stats["jobs"]["completed"], stats["jobs"]["failed"], stats["jobs"]["pending"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("total", "verified", "percentage"), [(145, 98, 68), (165, 142, 86), (8, 1, 13), (200, 1, 1), (3, 3, 100)]
)
def test_percentages_are_whole_and_halves_go_up(total, verified, percentage) -> None:
    assert Share(total, verified).percentage == percentage
