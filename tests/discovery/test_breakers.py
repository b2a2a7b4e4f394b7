"""Leaving a service alone after it failed."""

from dataclasses import dataclass

import pytest

from enrichment.discovery.base import Diagnostic
from enrichment.discovery.breakers import FAILURES, REST, Breakers


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def trouble(code: str) -> Diagnostic:
    return Diagnostic(code, f"It says {code}.", "brave")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(clock)


def test_a_service_that_fails_now_and_then_goes_on_being_asked(breakers: Breakers) -> None:
    for _ in range(FAILURES):
        breakers.failed("brave", trouble("timeout"))
        breakers.succeeded("brave")
    breakers.failed("brave", trouble("timeout"))
    assert breakers.closed_for("brave") is None


def test_after_failures_in_a_row_it_is_left_alone_then_tried_once_and_left_alone_again(
    breakers: Breakers, clock: Clock
) -> None:
    for _ in range(FAILURES):
        assert breakers.closed_for("brave") is None
        breakers.failed("brave", trouble("timeout"))
    note = breakers.closed_for("brave")
    assert note is not None
    assert (note.code, note.source) == ("left_alone", "brave")
    assert "about 5 min" in note.sentence
    assert "It says timeout." in note.sentence
    assert breakers.closed_for("serpapi") is None, "the others are asked"
    clock.now += REST
    assert breakers.closed_for("brave") is None
    breakers.failed("brave", trouble("timeout"))
    assert breakers.closed_for("brave") is not None
    clock.now += REST
    breakers.succeeded("brave")
    breakers.failed("brave", trouble("timeout"))
    assert breakers.closed_for("brave") is None, "what came before a success is forgotten"


@pytest.mark.parametrize(("code", "minutes"), [("rate_limited", 1), ("quota", 60), ("bad_key", 10)])
def test_what_asking_makes_no_better_is_left_alone_at_once(breakers: Breakers, code: str, minutes: int) -> None:
    breakers.failed("brave", trouble(code))
    note = breakers.closed_for("brave")
    assert note is not None
    assert f"about {minutes} min" in note.sentence


def test_what_concerns_one_brand_alone_never_opens_the_breaker(breakers: Breakers) -> None:
    for _ in range(10):
        breakers.failed("brave", trouble("no_contact"))
    assert breakers.closed_for("brave") is None
