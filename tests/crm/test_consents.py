"""Consent: when and how it was given, and that it can be withdrawn."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from crm import consents
from crm.models import Consent
from tests.factories import CrmContactFactory

pytestmark = pytest.mark.django_db


def test_a_consent_counts_until_it_is_withdrawn() -> None:
    contact, user = CrmContactFactory(), get_user_model().objects.create_user("grace")
    assert consents.valid(contact) is None
    older = consents.record(contact, timezone.now() - timedelta(days=9), " form ", user)
    newer = consents.record(contact, timezone.now(), "by telephone", user)
    assert (older.source, older.recorded_by) == ("form", user)
    assert consents.valid(contact) == newer
    withdrawn = consents.withdraw(newer, user)
    assert consents.valid(contact) == older
    assert consents.withdraw(newer, user).withdrawn_at == withdrawn.withdrawn_at
    consents.withdraw(older, user)
    assert consents.valid(contact) is None
    assert (
        sorted(contact.history.values_list("kind", flat=True)) == ["consent_recorded"] * 2 + ["consent_withdrawn"] * 2
    )
    assert consents.valid(CrmContactFactory()) is None


@pytest.mark.parametrize(
    ("given_at", "source", "sentence"),
    [
        (datetime(2026, 1, 1), "form", "no time zone"),
        (timezone.now() + timedelta(days=400), "form", "in the future"),
        (timezone.now() - timedelta(days=1), " ", "from is missing"),
        (timezone.now() - timedelta(days=1), "x" * 2001, "shorten it"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(given_at: datetime, source: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        consents.record(CrmContactFactory(), given_at, source, None)
    assert not Consent.objects.exists()
