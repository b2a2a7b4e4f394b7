import threading

import pytest

from enrichment.emails.verification.pacing import (
    BURST,
    FAILURES,
    LONGEST_PAUSE,
    UNANSWERED,
    UNANSWERED_PAUSE,
    Pacing,
    Pause,
)

HOUR = 3600.0


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_after_a_small_burst_recipients_follow_at_the_given_rate(clock: Clock) -> None:
    pacing = Pacing(2, clock)
    assert [pacing.delay("google") for _ in range(BURST + 3)] == [0.0] * BURST + [0.5, 1.0, 1.5]


def test_a_quiet_time_fills_the_burst_and_no_more(clock: Clock) -> None:
    pacing = Pacing(2, clock)
    for _ in range(BURST):
        pacing.delay("google")
    clock.now += 0.5
    assert [pacing.delay("google"), pacing.delay("google")] == [0.0, 0.5]
    clock.now += HOUR
    assert [pacing.delay("google") for _ in range(BURST + 1)] == [0.0] * BURST + [0.5]


def test_every_operator_has_a_pace_of_its_own(clock: Clock) -> None:
    pacing = Pacing(1, clock)
    for _ in range(BURST + 5):
        pacing.delay("google")
    assert pacing.delay("microsoft") == 0.0


@pytest.mark.parametrize("rate", [0, -1])
def test_without_a_rate_nobody_waits(clock: Clock, rate: float) -> None:
    pacing = Pacing(rate, clock)
    assert {pacing.delay("google") for _ in range(1000)} == {0.0}


def test_in_the_long_run_the_rate_is_kept(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    asked = 0
    until = clock.now + 100
    while clock.now < until:
        clock.now += pacing.delay("google")
        asked += 1
    assert 500 <= asked <= 500 + BURST


def test_threads_share_one_pace(clock: Clock) -> None:
    pacing, delays = Pacing(10, clock), []

    def ask() -> None:
        for _ in range(50):
            delays.append(pacing.delay("google"))  # noqa: PERF401 (each one is asked for by itself)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(delays) == pytest.approx([0.0] * BURST + [turn / 10 for turn in range(1, 401 - BURST)])


def test_a_pause_ends(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    pacing.pause("google", 60, "blocked")
    assert pacing.paused("google") == Pause(clock.now + 60, "blocked")
    assert pacing.paused("microsoft") is None
    clock.now += 60
    assert pacing.paused("google") is None
    assert pacing.pauses() == {}


def test_pauses_are_told_by_operator(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    pacing.pause("google", 60, "blocked")
    pacing.pause("microsoft", 90, "unanswered")
    pacing.delay("yahoo")
    assert pacing.pauses() == {
        "google": Pause(clock.now + 60, "blocked"),
        "microsoft": Pause(clock.now + 90, "unanswered"),
    }


def test_a_block_that_comes_again_lasts_longer_up_to_a_day(clock: Clock) -> None:
    pacing, lengths = Pacing(5, clock), []
    for _ in range(7):
        pacing.pause("google", HOUR, "blocked")
        pause = pacing.paused("google")
        assert pause
        lengths.append((pause.until - clock.now) / HOUR)
        clock.now = pause.until + 1
    assert lengths == [1, 2, 4, 8, 16, 24, 24]


def test_a_day_without_a_block_is_forgiving(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    pacing.pause("google", HOUR, "blocked")
    clock.now += HOUR + LONGEST_PAUSE
    pacing.pause("google", HOUR, "blocked")
    assert pacing.paused("google") == Pause(clock.now + HOUR, "blocked")


def test_sessions_that_meet_the_same_block_make_one_pause_of_it(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    for _ in range(20):
        pacing.pause("google", HOUR, "blocked")
    assert pacing.paused("google") == Pause(clock.now + HOUR, "blocked")


def test_a_shorter_pause_does_not_end_a_longer_one(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    pacing.pause("google", HOUR, "blocked")
    pacing.pause("google", 60, "unanswered")
    assert pacing.paused("google") == Pause(clock.now + HOUR, "blocked")
    pacing.pause("google", 2 * HOUR, "blocked")
    assert pacing.paused("google") == Pause(clock.now + 2 * HOUR, "blocked")


def test_an_operator_that_does_not_answer_rests(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    for _ in range(FAILURES - 1):
        pacing.failed("acme.example")
    assert pacing.paused("acme.example") is None
    pacing.failed("acme.example")
    assert pacing.paused("acme.example") == Pause(clock.now + UNANSWERED_PAUSE, UNANSWERED)


def test_an_answer_in_between_starts_the_count_anew(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            pacing.failed("acme.example")
        pacing.succeeded("acme.example")
    assert pacing.pauses() == {}


def test_after_the_rest_one_failure_is_enough_for_a_longer_one(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    for _ in range(FAILURES):
        pacing.failed("acme.example")
    clock.now += UNANSWERED_PAUSE
    pacing.failed("acme.example")
    assert pacing.paused("acme.example") == Pause(clock.now + 2 * UNANSWERED_PAUSE, UNANSWERED)


def test_after_the_rest_an_answer_makes_all_good(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    for _ in range(FAILURES):
        pacing.failed("acme.example")
    clock.now += UNANSWERED_PAUSE
    pacing.succeeded("acme.example")
    for _ in range(FAILURES):
        pacing.failed("acme.example")
    assert pacing.paused("acme.example") == Pause(clock.now + UNANSWERED_PAUSE, UNANSWERED)


def test_an_answer_does_not_end_a_block(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    pacing.pause("google", HOUR, "blocked")
    pacing.succeeded("google")
    assert pacing.paused("google") == Pause(clock.now + HOUR, "blocked")


def test_a_crowd_of_operators_does_not_pile_up(clock: Clock) -> None:
    pacing = Pacing(5, clock)
    pacing.pause("google", HOUR, "blocked")
    for number in range(25_000):
        pacing.delay(f"company{number}.example")
        clock.now += 0.01
    assert len(pacing._states) <= 10_000
    assert pacing.paused("google")
