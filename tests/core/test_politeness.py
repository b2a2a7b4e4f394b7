"""core/politeness.py: turns per host, under a clock of the test's own."""

import threading

from core.politeness import AT_ONCE, Politeness


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(round(seconds, 6))
        self.now += seconds


def polite(delay: float, clock: Clock) -> Politeness:
    return Politeness(delay, clock.time, clock.sleep)


def test_starts_at_one_host_keep_their_distance() -> None:
    clock = Clock()
    politeness = polite(0.2, clock)
    waits = []
    for _ in range(3):
        with politeness.turn("example.com") as waited:
            waits.append(round(waited, 6))
    assert waits == [0.0, 0.2, 0.2]


def test_time_that_passed_anyway_is_not_waited_again() -> None:
    clock = Clock()
    politeness = polite(0.2, clock)
    with politeness.turn("example.com"):
        clock.now += 0.15
    with politeness.turn("example.com"):
        pass
    assert clock.naps == [0.05]


def test_other_hosts_do_not_wait() -> None:
    clock = Clock()
    politeness = polite(0.2, clock)
    with politeness.turn("a.example"), politeness.turn("b.example"), politeness.turn("c.example"):
        pass
    assert clock.naps == []


def test_the_operators_own_hosts_are_not_kept_waiting() -> None:
    clock = Clock()
    politeness = polite(0.2, clock)
    for _ in range(3):
        with politeness.turn("listed.example", exempt=True):
            pass
    with politeness.turn("found-out.example"):
        politeness.exempt("found-out.example")
    with politeness.turn("found-out.example"):
        pass
    assert clock.naps == []


def test_no_more_than_two_are_at_one_host_at_once() -> None:
    politeness = Politeness(0)
    inside, most, lock = 0, 0, threading.Lock()

    def visit() -> None:
        nonlocal inside, most
        for _ in range(50):
            with politeness.turn("example.com"):
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= AT_ONCE


def test_a_full_host_lets_the_others_pass() -> None:
    politeness = Politeness(0)
    with politeness.turn("a.example"), politeness.turn("a.example"):
        queued = threading.Thread(target=lambda: politeness.turn("a.example").__enter__())
        queued.daemon = True
        queued.start()
        with politeness.turn("b.example"):
            assert queued.is_alive()
    queued.join(10)
    assert not queued.is_alive()


def test_idle_hosts_are_forgotten_and_their_pause_is_not() -> None:
    clock = Clock()
    politeness = polite(5, clock)
    for number in range(10_000):
        clock.now += 0.1
        with politeness.turn(f"host{number}.example"):
            pass
    assert len(politeness._hosts) <= 200
    with politeness.turn("host9999.example"):
        pass
    assert clock.naps == [5.0]


def test_a_failure_gives_the_turn_back() -> None:
    politeness = Politeness(0)
    for _ in range(AT_ONCE + 1):
        try:
            with politeness.turn("example.com"):
                raise KeyError
        except KeyError:
            pass
    with politeness.turn("example.com") as waited:
        assert waited >= 0
