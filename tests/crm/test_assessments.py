"""Assessments of legitimate interest: drafts, versions, and what is missing."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User

from core.models import AuditEntry
from crm import assessments
from crm.models import Assessment

pytestmark = pytest.mark.django_db

TEXTS = dict.fromkeys(assessments.FIELDS, "It is so.") | {"holds": True}
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
        yield


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", first_name="Grace", last_name="Admin")


@pytest.mark.parametrize("purpose", Assessment.Purpose.values)
def test_a_draft_speaks_of_the_configuration_and_fits_the_columns(purpose) -> None:
    facts = assessments.Facts(
        company="Sender Ltd",
        sources=["Website", "Wikidata"],
        providers=["Hunter"],
        retention_days=27,
        restricted_regions=["DE", "AT"],
    )
    draft = assessments.draft(purpose, facts)
    assert list(draft) == list(assessments.FIELDS)
    assert all(100 < len(text) < 5000 for text in draft.values())
    text = " ".join(draft.values())
    assert all(words in text for words in ("Sender Ltd", "27 days", "DE, AT"))
    if purpose == "discovery":
        assert "Website, Wikidata" in text
        assert "Hunter" in text


def test_versions_are_added_and_never_edited(boss) -> None:
    first = assessments.save("outreach", TEXTS | {"interest": "  First.  "}, boss)
    second = assessments.save("outreach", TEXTS | {"holds": False, "review_on": TODAY + timedelta(days=1)}, boss)
    assert (first.version, first.interest, first.assessed_by_name) == (1, "First.", "Grace Admin")
    assert first.review_on == TODAY + timedelta(days=365)
    assert assessments.current("outreach") == second
    assert assessments.current("discovery") is None
    entry = AuditEntry.objects.filter(action="assessment.made").latest("id")
    assert entry.facts == {"holds": False, "purpose": "outreach", "version": 2}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"balance": " "}, "needs balance"),
        ({"review_on": TODAY}, "in the future"),
        ({"review_on": "tomorrow"}, "in the future"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(boss, changed, words) -> None:
    with pytest.raises(ValueError, match=words):
        assessments.save("outreach", TEXTS | changed, boss)
    assert not Assessment.objects.exists()


def test_an_unknown_purpose_is_refused(boss) -> None:
    for act in (lambda: assessments.save("sport", TEXTS, boss), lambda: assessments.draft("sport")):
        with pytest.raises(ValueError, match="is no purpose"):
            act()


def test_what_is_missing_old_or_negative_is_told(boss) -> None:
    assert list(assessments.missing_or_old(TODAY)) == ["discovery", "outreach"]
    assessments.save("discovery", TEXTS, boss)
    assessments.save("outreach", TEXTS | {"holds": False}, boss)
    told = assessments.missing_or_old(TODAY)
    assert list(told) == ["outreach"]
    assert "does not outweigh" in told["outreach"]
    assessments.save("outreach", TEXTS, boss)
    assert assessments.missing_or_old(TODAY) == {}
    assert "looked at again on 2027-11-24" in assessments.missing_or_old(TODAY + timedelta(days=365))["discovery"]
