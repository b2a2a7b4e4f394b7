"""What stands with a contact of its best address is true after a test: for tests of whatever writes addresses."""

from collections.abc import Iterator

import pytest

from enrichment.models import EnrichedContact


@pytest.fixture
def best_addresses_noted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the copies (store.note_best) with the addresses when the test has ended, before its rows go."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    yield
    for contact in EnrichedContact.objects.prefetch_related("emails"):
        best = next(iter(contact.emails.all()), None)
        told = (contact.best_status, contact.best_score, contact.best_probability)
        true = (best.verification_status, best.verification_score, best.probability or 0.0) if best else ("", 0, 0.0)
        assert told == true, contact.pk
