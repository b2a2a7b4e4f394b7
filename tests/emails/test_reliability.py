import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.emails.reliability import Calibrator, Outcome, fit, report, wilson

chance = st.floats(0, 1)
outcomes = st.lists(
    st.builds(Outcome, chance, st.booleans(), st.sampled_from(["", "google", "microsoft"])), max_size=60
)
GRID = [step / 100 for step in range(101)]

fuzz = settings(derandomize=True, max_examples=200, deadline=None, database=None)


def drawn(count: int, truth, operator: str = "", seed: int = 7) -> list[Outcome]:
    """Outcomes whose chance of being right is `truth` of what was predicted."""
    dice = random.Random(seed)
    predicted = [dice.random() for _ in range(count)]
    return [Outcome(one, dice.random() < truth(one), operator) for one in predicted]


@given(chance, st.sampled_from(["", "google"]))
@fuzz
def test_without_outcomes_nothing_changes(probability: float, operator: str) -> None:
    assert fit([]).adjust(probability, operator) == probability
    assert Calibrator().adjust(probability, operator) == probability


@given(outcomes, chance, chance, st.sampled_from(["", "google", "microsoft", "unheard-of"]))
@fuzz
def test_a_corrected_chance_is_a_chance_and_keeps_the_order(
    taught: list[Outcome], one: float, other: float, operator: str
) -> None:
    calibrator = fit(taught)
    low, high = (calibrator.adjust(value, operator) for value in sorted((one, other)))
    assert 0 <= low <= high + 1e-12 <= 1 + 1e-12


@pytest.mark.parametrize(
    "truth",
    [lambda p: p * p, lambda p: 0.3 + 0.6 * p, lambda p: p**0.5, lambda p: 0.5, lambda p: p],
    ids=["too sure", "too unsure below", "too unsure", "worthless", "right"],
)
def test_many_outcomes_bring_out_the_truth(truth) -> None:
    calibrator = fit(drawn(60_000, truth))
    for probability in GRID[5:96]:
        assert calibrator.adjust(probability) == pytest.approx(truth(probability), abs=0.04)


def test_every_operator_has_a_truth_of_its_own() -> None:
    taught = drawn(40_000, lambda p: p * p, "google") + drawn(40_000, lambda p: p**0.5, "microsoft")
    calibrator = fit(taught)
    assert calibrator.adjust(0.5, "google") == pytest.approx(0.25, abs=0.04)
    assert calibrator.adjust(0.5, "microsoft") == pytest.approx(0.707, abs=0.04)
    assert 0.3 < calibrator.adjust(0.5, "unheard-of") < 0.65  # what all of them show together


def test_few_outcomes_move_little_and_many_move_much() -> None:
    moved = [fit([Outcome(0.85, False)] * count).adjust(0.85) for count in (0, 1, 10, 100, 1000)]
    assert all(later < earlier for earlier, later in pairwise(moved))
    assert moved[1] > 0.8
    assert moved[-1] < 0.15  # the bands around it have no outcomes, and pull


def test_an_operator_with_few_outcomes_follows_all_the_others() -> None:
    others = drawn(20_000, lambda p: p * p, "google")
    calibrator = fit([*others, *[Outcome(0.85, False, "small.example")] * 3])
    assert calibrator.adjust(0.85, "small.example") == pytest.approx(calibrator.adjust(0.85), abs=0.06)
    assert calibrator.adjust(0.85, "small.example") < calibrator.adjust(0.85)


def test_bands_that_contradict_the_order_are_pooled() -> None:
    taught = [Outcome(0.65, True)] * 500 + [Outcome(0.75, False)] * 500
    calibrator = fit(taught)
    assert calibrator.adjust(0.65) == pytest.approx(calibrator.adjust(0.75), abs=0.01)
    assert 0.4 < calibrator.adjust(0.7) < 0.6


def test_the_ends_keep_their_doubt() -> None:
    overrated = fit([Outcome(0.97, index % 2 == 0) for index in range(2000)])
    assert overrated.adjust(1.0) < 0.6
    underrated = fit([Outcome(0.02, index % 2 == 0) for index in range(2000)])
    assert underrated.adjust(0.0) > 0.4
    assert fit([Outcome(0.0, False)] * 100).adjust(0.0) == 0
    assert fit([Outcome(1.0, True)] * 100).adjust(1.0) == 1


def test_the_report_of_nothing_is_empty() -> None:
    empty = report([])
    assert (empty.count, empty.base_rate, empty.brier, empty.expected_calibration_error) == (0, None, None, None)
    assert (empty.bins, empty.operators) == ((), {})


def test_the_report_adds_up() -> None:
    known = [Outcome(0.9, True, "google"), Outcome(0.92, False, "google"), Outcome(0.3, False), Outcome(1.0, True)]
    told = report(known)
    assert (told.count, told.base_rate) == (4, 0.5)
    assert told.brier == pytest.approx((0.1**2 + 0.92**2 + 0.3**2 + 0) / 4)
    assert [(item.low, item.high, item.count) for item in told.bins] == [(0.3, 0.4, 1), (0.9, 0.95, 2), (0.95, 1.0, 1)]
    middle = told.bins[1]
    assert (middle.predicted, middle.observed) == (pytest.approx(0.91), 0.5)
    assert middle.interval[0] < 0.5 < middle.interval[1]
    assert told.expected_calibration_error == pytest.approx((0.3 + 2 * 0.41 + 0) / 4)
    assert {name: own.count for name, own in told.operators.items()} == {"google": 2}
    assert told.operators["google"].operators == {}


def test_a_good_forecast_has_a_small_error_and_a_bad_one_a_large_one() -> None:
    good, bad = report(drawn(20_000, lambda p: p)), report(drawn(20_000, lambda p: 1 - p))
    assert good.expected_calibration_error < 0.02
    assert bad.expected_calibration_error > 0.4
    assert good.brier < 0.2 < bad.brier


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(0, 1, 0, 0.793), (1, 1, 0.207, 1), (5, 10, 0.237, 0.763), (81, 263, 0.255, 0.366), (0, 100, 0, 0.037)],
)
def test_the_interval_of_a_share_is_wilsons(right: int, count: int, low: float, high: float) -> None:
    # 81 of 263 is the worked example of R. G. Newcombe, Statistics in Medicine 17 (1998).
    assert wilson(right, count) == pytest.approx((low, high), abs=0.001)


@given(outcomes)
@fuzz
def test_every_report_counts_each_outcome_once(known: list[Outcome]) -> None:
    told = report(known)
    assert sum(item.count for item in told.bins) == told.count == len(known)
    for item in told.bins:
        assert item.low <= item.predicted <= item.high
        assert 0 <= item.interval[0] <= item.observed <= item.interval[1] <= 1
