import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command

from crm.outcomes import Outcome, record_many

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def happen(right: int, wrong: int, probability: float | None, operator: str = "") -> None:
    record_many(
        Outcome(
            f"ada{n}.{probability}@{operator or 'nobody'}.example",
            "delivered" if n < right else "bounced",
            NOON,
            probability,
            "pattern",
            operator,
        )
        for n in range(right + wrong)
    )


def as_json() -> Any:
    output = io.StringIO()
    call_command("calibration_report", json=True, stdout=output)
    return json.loads(output.getvalue())


def for_people() -> str:
    output = io.StringIO()
    call_command("calibration_report", stdout=output)
    return output.getvalue()


def test_without_outcomes_it_says_that_declared_priors_hold() -> None:
    assert "There are no outcomes yet" in for_people()
    assert "declared priors" in for_people()
    assert as_json() == {
        "count": 0,
        "brier": None,
        "expectedCalibrationError": None,
        "bins": [],
        "operators": [],
        "outcomes": {"delivered": 0, "bounced": 0, "replied": 0, "complained": 0},
    }


def test_outcomes_of_what_nobody_predicted_leave_declared_priors_too() -> None:
    happen(2, 1, None)
    assert for_people().startswith("Outcomes on record: 3. But no address")
    assert as_json()["count"] == 0
    assert as_json()["outcomes"]["delivered"] == 2


def test_predicted_stands_against_observed_in_bins_and_for_operators() -> None:
    happen(6, 4, 0.42, "google")
    happen(5, 5, 0.92, "mail.example")
    report = as_json()
    assert report["count"] == 20
    assert report["brier"] == pytest.approx((6 * 0.58**2 + 4 * 0.42**2 + 5 * 0.08**2 + 5 * 0.92**2) / 20, abs=1e-4)
    assert report["expectedCalibrationError"] == pytest.approx((0.18 + 0.42) / 2, abs=1e-4)
    assert report["bins"] == [
        {"from": 0.4, "to": 0.5, "predicted": 0.42, "observed": 0.6, "low": 0.3127, "high": 0.8318, "count": 10},
        {"from": 0.9, "to": 0.95, "predicted": 0.92, "observed": 0.5, "low": 0.2366, "high": 0.7634, "count": 10},
    ]
    assert [(row["operator"], row["count"], len(row["bins"])) for row in report["operators"]] == [
        ("google", 10, 1),
        ("mail.example", 10, 1),
    ]
    assert report["operators"][1]["expectedCalibrationError"] == pytest.approx(0.42)


def test_a_person_reads_tables_that_say_where_chances_are_off() -> None:
    happen(6, 4, 0.42, "google")
    happen(5, 5, 0.92, "mail.example")
    lines = [" ".join(line.split()) for line in for_people().splitlines()]
    assert "40% to 50% 42.0% 60.0% 31% to 83% 10" in lines
    assert "90% to 95% 92.0% 50.0% 24% to 76% 10 too high" in lines
    assert "google 10 60% 0.272 18.0%" in lines
    assert lines[-1] == (
        "20 addresses. Brier score 0.349 (0 is best, 0.25 is a coin); chances are off by 30.0% on average."
    )


def test_the_operators_of_whom_least_is_known_are_only_counted() -> None:
    for n in range(25):
        happen(2 if n else 1, 0, 0.5, f"mail{n}.example")
    printed = for_people()
    assert "and 5 more" in printed
    assert "mail0.example" not in printed
    assert len(as_json()["operators"]) == 25
