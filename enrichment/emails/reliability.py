"""What came of messages -> how far our chances hold, and what they should have been. Pure.

A hierarchical beta-binomial: in each band of predicted chances, the outcomes at a mail operator pull away from those
at all operators, and these from the prediction itself. So nothing moves until outcomes are many.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import NormalDist, fmean

# The bands of predicted chances, narrower where a mistake is dear: messages go to addresses above nine in ten.
EDGES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)

# How many outcomes in a band the prediction weighs as much as. Patterns are measured on 27,300 addresses, but the
# likelihoods of checks are declared (calibration.py): some dozens of outcomes are worth more.
PREDICTION_STRENGTH = 30.0
# Likewise what all operators show, for one of them. They differ less from each other than we may be wrong.
OPERATOR_STRENGTH = 60.0

_Z = NormalDist().inv_cdf(0.975)  # 95%, two-sided


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was predicted of an address (0-1) and whether it proved right; `operator` as operators.operator_of."""

    probability: float
    right: bool
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A monotone curve through points (predicted, true), both rising, 0-1; straight between them.

    Beyond the outer points it keeps their proportion: of chance to certainty above, of chance to nothing below,
    whichever shows the greater doubt of the prediction.
    """

    predicted: tuple[float, ...]
    true: tuple[float, ...]

    def at(self, probability: float) -> float:
        """Return the true chance (0-1) of what was predicted at `probability` (0-1)."""
        place = bisect_right(self.predicted, probability)
        if place == 0 or place == len(self.predicted):
            return _in_proportion(probability, *self._point(0 if place == 0 else -1))
        (left, low), (right, high) = self._point(place - 1), self._point(place)
        return low + (high - low) * (probability - left) / (right - left)

    def _point(self, place: int) -> tuple[float, float]:
        return self.predicted[place], self.true[place]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """What outcomes have taught. Without any it changes nothing."""

    overall: Curve | None = None
    operators: Mapping[str, Curve] = field(default_factory=dict)

    def adjust(self, probability: float, operator: str = "") -> float:
        """Return the chance (0-1) that an address predicted at `probability` (0-1) is right; monotone.

        `operator` is the one that has its mailbox (operators.operator_of), "" when it is not known.
        """
        curve = self.operators.get(operator, self.overall)
        return probability if curve is None else min(1.0, max(0.0, curve.at(probability)))


@dataclass(frozen=True, slots=True)
class Bin:
    """The outcomes predicted between `low` and `high`: how many, their mean chance, and the share that was right.

    `interval` is the 95% interval of that share (Wilson).
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Report:
    """How well predictions held. `bins` leaves empty bands out; `operators` is empty in an operator's own report.

    `brier`: mean squared error (0 is best, 0.25 is a coin). `expected_calibration_error`: how far bins are off (0-1),
    weighted by their count. `base_rate`: the share that was right. The three are None without outcomes.
    """

    count: int
    base_rate: float | None
    brier: float | None
    expected_calibration_error: float | None
    bins: tuple[Bin, ...]
    operators: Mapping[str, "Report"] = field(default_factory=dict)


def fit(outcomes: Iterable[Outcome]) -> Calibrator:
    """Return what `outcomes` teach; their probabilities are 0-1, before any calibration."""
    outcomes = list(outcomes)
    if not outcomes:
        return Calibrator()
    overall = _curve(outcomes, None, PREDICTION_STRENGTH)
    return Calibrator(
        overall,
        {operator: _curve(own, overall, OPERATOR_STRENGTH) for operator, own in _by_operator(outcomes).items()},
    )


def report(outcomes: Iterable[Outcome]) -> Report:
    """Return how well the predictions of `outcomes` held, in all and for each operator that is known."""
    outcomes = list(outcomes)
    return _report(outcomes, {operator: _report(own, {}) for operator, own in _by_operator(outcomes).items()})


def _report(outcomes: Sequence[Outcome], operators: Mapping[str, Report]) -> Report:
    bins = tuple(_bin(band, own) for band, own in enumerate(_in_bands(outcomes)) if own)
    count = len(outcomes)
    if not count:
        return Report(0, None, None, None, (), operators)
    return Report(
        count=count,
        base_rate=_share(outcomes),
        brier=fmean((outcome.probability - outcome.right) ** 2 for outcome in outcomes),
        expected_calibration_error=sum(item.count * abs(item.predicted - item.observed) for item in bins) / count,
        bins=bins,
        operators=operators,
    )


def _bin(band: int, outcomes: Sequence[Outcome]) -> Bin:
    share = _share(outcomes)
    interval = wilson(sum(outcome.right for outcome in outcomes), len(outcomes))
    return Bin(EDGES[band], EDGES[band + 1], len(outcomes), _mean(outcomes), share, interval)


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return the 95% interval of a share of `right` in `count` (1 or more). E. B. Wilson, JASA 22 (1927)."""
    share, spread = right / count, _Z * _Z / count
    middle = share + spread / 2
    reach = _Z * math.sqrt((share * (1 - share) + spread / 4) / count)
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return min(share, max(0.0, low)), max(share, min(1.0, high))  # at 0 and 1 rounding would pass the share


def _curve(outcomes: Sequence[Outcome], prior: Curve | None, strength: float) -> Curve:
    """Return the curve of `outcomes`, drawn towards `prior` (None: the prediction) by the weight of `strength`."""
    points = []
    for band, own in enumerate(_in_bands(outcomes)):
        predicted = _mean(own) if own else (EDGES[band] + EDGES[band + 1]) / 2
        expected = predicted if prior is None else prior.at(predicted)
        weight = strength + len(own)
        right = sum(outcome.right for outcome in own)
        points.append((predicted, (strength * expected + right) / weight, weight))
    return Curve(tuple(point[0] for point in points), tuple(_pooled([(true, weight) for _, true, weight in points])))


def _pooled(values: Iterable[tuple[float, float]]) -> list[float]:
    """Return (value, weight) made monotone by pooling neighbours that fall (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []  # value, weight, how many were pooled
    for single in values:
        block = (*single, 1)
        while blocks and blocks[-1][0] > block[0]:
            (low, heavy, many), (value, weight, size) = blocks.pop(), block
            block = ((low * heavy + value * weight) / (heavy + weight), heavy + weight, many + size)
        blocks.append(block)
    return [value for value, _, size in blocks for _ in range(size)]


def _in_proportion(probability: float, predicted: float, true: float) -> float:
    if true <= predicted:
        return probability * true / predicted
    return 1 - (1 - probability) * (1 - true) / (1 - predicted)


def _in_bands(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    bands: list[list[Outcome]] = [[] for _ in pairwise(EDGES)]
    for outcome in outcomes:
        bands[min(bisect_right(EDGES, outcome.probability), len(bands)) - 1].append(outcome)
    return bands


def _by_operator(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.operator:
            found.setdefault(outcome.operator, []).append(outcome)
    return found


def _mean(outcomes: Sequence[Outcome]) -> float:
    probabilities = [outcome.probability for outcome in outcomes]
    return min(max(probabilities), fmean(probabilities))  # rounding must not carry it over the band's edge


def _share(outcomes: Sequence[Outcome]) -> float:
    return fmean(outcome.right for outcome in outcomes)
