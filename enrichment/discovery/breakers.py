"""Leaving a service alone for a while after it failed, so that it gets no worse and jobs do not wait for it.

A state for each service and process, in memory: nothing is lost when it is forgotten.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from enrichment.discovery.base import Diagnostic

FAILURES = 3  # in a row, of those that may pass by themselves
REST = 300.0  # seconds
# What more asking makes no better, and how many seconds it takes before one look again makes sense.
AT_ONCE = {"rate_limited": 60.0, "quota": 3600.0, "bad_key": 600.0}
PASSING = frozenset({"timeout", "unreachable", "unavailable", "malformed", "engines_failed", "source_failed"})


@dataclass(slots=True)
class _State:
    failures: int = 0
    until: float = 0.0
    reason: str = ""


class Breakers:
    """The breakers of all services, safe among threads. `clock` as `time.monotonic`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._states: dict[str, _State] = {}
        self._lock = threading.Lock()

    def closed_for(self, source: str) -> Diagnostic | None:
        """Return what to tell the user while `source` is left alone; None when it may be asked."""
        with self._lock:
            state = self._states.get(source)
            if state is None or state.until <= self._clock():
                return None
            minutes = max(round((state.until - self._clock()) / 60), 1)
            sentence = f"{source} is left alone for about {minutes} min, since it failed: {state.reason}"
        return Diagnostic("left_alone", sentence, source)

    def succeeded(self, source: str) -> None:
        with self._lock:
            self._states.pop(source, None)

    def failed(self, source: str, diagnostic: Diagnostic) -> None:
        """Count a failure. The one that opens the breaker, and each one after a rest, begins a new rest."""
        with self._lock:
            state = self._states.setdefault(source, _State())
            if diagnostic.code in PASSING:
                state.failures += 1
            rest = AT_ONCE.get(diagnostic.code) or (REST if state.failures >= FAILURES else 0.0)
            if rest:
                state.until, state.reason = self._clock() + rest, diagnostic.sentence
