"""Learning from outcomes, and not learning anew without need."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from crm.models import AddressOutcome
from enrichment import calibrating

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def happen(right: int, wrong: int, *, probability: float = 0.85, operator: str = "", start: int = 0) -> None:
    AddressOutcome.objects.bulk_create(
        AddressOutcome(
            email_index=f"{operator}{start + n}",
            domain="acme.example",
            kind="delivered" if n < right else "bounced",
            probability=probability,
            mail_operator=operator,
            happened_at=NOON,
            created_at=timezone.now(),
        )
        for n in range(right + wrong)
    )


def test_without_outcomes_chances_stay_as_they_are() -> None:
    assert calibrating.calibrator().adjust(0.85, "google") == 0.85
    assert calibrating.report().count == 0


def test_chances_move_towards_what_messages_showed() -> None:
    happen(120, 180)
    assert calibrating.calibrator().adjust(0.85) == pytest.approx(0.4, abs=0.1)
    report = calibrating.report()
    assert report.count == 300
    assert report.expected_calibration_error == pytest.approx(0.45)


def test_what_was_corrected_before_is_not_corrected_twice() -> None:
    """The model said 0.85 and 0.5 was told, which held: the model's chance is still what needs the correction."""
    happen(250, 250, probability=0.5)
    AddressOutcome.objects.update(model_probability=0.85)
    assert calibrating.calibrator().adjust(0.85) == pytest.approx(0.5, abs=0.05)
    assert calibrating.report().expected_calibration_error == pytest.approx(0)


def test_an_operator_of_its_own_kind_is_learnt_apart() -> None:
    happen(300, 0, operator="google")
    happen(60, 240, operator="microsoft")
    learnt = calibrating.calibrator()
    assert learnt.adjust(0.85, "google") > learnt.adjust(0.85) > learnt.adjust(0.85, "microsoft")


def test_new_outcomes_are_learnt_at_once_while_they_are_few() -> None:
    happen(5, 5)
    before = calibrating.calibrator().adjust(0.85)
    happen(0, 1, start=10)
    assert calibrating.calibrator().adjust(0.85) < before
    assert calibrating.report().count == 11


def test_outcomes_that_have_gone_are_unlearnt() -> None:
    happen(0, 50)
    assert calibrating.calibrator().adjust(0.85) < 0.85
    AddressOutcome.objects.all().delete()
    assert calibrating.calibrator().adjust(0.85) == 0.85
    happen(0, 50)
    assert calibrating.calibrator().adjust(0.85) < 0.85


def test_nothing_new_costs_one_query(django_assert_num_queries) -> None:
    happen(5, 5)
    calibrating.calibrator()
    with django_assert_num_queries(1):
        calibrating.calibrator()


def test_among_many_a_few_more_wait_but_not_for_long(monkeypatch, django_assert_num_queries) -> None:
    happen(500, 500)
    calibrating.calibrator()
    happen(3, 0, start=1000)
    with django_assert_num_queries(1):
        assert calibrating.report().count == 1000
    monkeypatch.setattr(calibrating, "PATIENCE", -1.0)
    assert calibrating.report().count == 1003
    monkeypatch.undo()
    happen(20, 0, start=2000)
    assert calibrating.report().count == 1023
