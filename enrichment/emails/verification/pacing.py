"""How fast a mail operator is asked, and when it is left alone: a pace, a circuit breaker and pauses for each."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

BURST = 3  # recipients that may follow at once after some quiet
FAILURES = 5  # sessions in a row that end without an answer
UNANSWERED_PAUSE = 300.0  # seconds
LONGEST_PAUSE = 86_400.0  # seconds; also how long an ended pause is remembered
UNANSWERED = "unanswered"
_CROWD = 10_000  # operators; the quiet ones are forgotten beyond it


@dataclass(frozen=True, slots=True)
class Pause:
    """An operator is left alone until then, by the clock of its Pacing; `reason` is a stable snake_case word."""

    until: float
    reason: str


@dataclass(slots=True)
class _State:
    full_at: float = 0.0  # when the whole burst is free again
    failures: int = 0
    pause: Pause | None = None
    repeats: int = 0  # how often the pause was renewed for the same reason


class Pacing:
    """Keeps the pace with every operator. Safe for threads: one lock, never held while anybody waits."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`rate`: recipients a second for each operator; zero or less means without limit. `clock` in seconds."""
        self._gap = 1 / rate if rate > 0 else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def delay(self, operator: str) -> float:
        """Take the operator's next turn and return how long to wait for it, in seconds. Pauses do not count here."""
        with self._lock:
            state, now = self._state(operator), self._clock()
            full_at = max(state.full_at, now)
            state.full_at = full_at + self._gap
            return max(0.0, full_at - now - (BURST - 1) * self._gap)

    def paused(self, operator: str) -> Pause | None:
        """Return the pause that lasts, or None."""
        with self._lock:
            state = self._states.get(operator)
            return state.pause if state and self._lasts(state.pause) else None

    def pause(self, operator: str, seconds: float, reason: str) -> None:
        """Leave an operator alone for so long.

        For the same reason again within a day of the last pause's end, the time doubles, up to a day. During a pause
        the later end counts.
        """
        with self._lock:
            self._pause(self._state(operator), seconds, reason)

    def failed(self, operator: str) -> None:
        """Note that a session ended unanswered (time-out, unreachable, dropped): enough in a row pause the operator.

        After the pause, the first one that fails again brings the next pause.
        """
        with self._lock:
            state = self._state(operator)
            state.failures += 1
            if state.failures >= FAILURES:
                self._pause(state, UNANSWERED_PAUSE, UNANSWERED)

    def succeeded(self, operator: str) -> None:
        """Note that a server of the operator answered."""
        with self._lock:
            state = self._state(operator)
            state.failures = 0
            if state.pause and state.pause.reason == UNANSWERED and not self._lasts(state.pause):
                state.pause = None

    def pauses(self) -> Mapping[str, Pause]:
        """Return the pauses that last, by operator: what to remember beyond this process."""
        with self._lock:
            return {name: state.pause for name, state in self._states.items() if self._lasts(state.pause)}

    def _pause(self, state: _State, seconds: float, reason: str) -> None:
        now, last = self._clock(), state.pause
        if self._lasts(last):
            if now + seconds > last.until:
                state.pause = Pause(now + seconds, reason)
            return
        again = last is not None and last.reason == reason and now < last.until + LONGEST_PAUSE
        state.repeats = state.repeats + 1 if again else 0
        length = max(seconds, min(seconds * 2**state.repeats, LONGEST_PAUSE))
        state.pause = Pause(now + length, reason)

    def _lasts(self, pause: Pause | None) -> TypeGuard[Pause]:
        return pause is not None and pause.until > self._clock()

    def _state(self, operator: str) -> _State:
        if len(self._states) >= _CROWD and operator not in self._states:
            self._states = {name: state for name, state in self._states.items() if self._counts(state)}
        return self._states.setdefault(operator, _State())

    def _counts(self, state: _State) -> bool:
        """Return whether a state is worth keeping in a crowd."""
        now = self._clock()
        return state.full_at > now or (state.pause is not None and now < state.pause.until + LONGEST_PAUSE)
