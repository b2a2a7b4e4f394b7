"""Being a polite visitor: few requests at once to one host (and port), and a pause between their starts."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

AT_ONCE = 2
_HOSTS_BEFORE_SWEEP = 128


@dataclass(slots=True)
class _Host:
    slots: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    users: int = 0
    next_start: float = 0.0
    exempt: bool = False


class Politeness:
    """Gives out turns per host, to any number of threads; one host's queue holds up no other. Idle hosts are forgotten.

    `delay`: seconds between the starts of two requests to one host. `clock` and `sleep` as in `time`.
    """

    def __init__(
        self,
        delay: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._delay = delay
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextmanager
    def turn(self, host: str, exempt: bool = False) -> Iterator[float]:
        """Wait for a turn at `host` and hold it; the value is the seconds waited. `exempt` skips the pause."""
        asked = self._clock()
        with self._lock:
            if len(self._hosts) >= _HOSTS_BEFORE_SWEEP:
                self._forget_idle(asked)
            state = self._hosts.setdefault(host, _Host())
            state.users += 1
        try:
            with state.slots:
                self._pause(state, exempt)
                yield self._clock() - asked
        finally:
            with self._lock:
                state.users -= 1

    def exempt(self, host: str) -> None:
        """Skip the pause at `host` from now on: it is the operator's own."""
        with self._lock:
            if host in self._hosts:
                self._hosts[host].exempt = True

    def _pause(self, state: _Host, exempt: bool) -> None:
        with self._lock:
            now = self._clock()
            start = now if exempt or state.exempt else max(now, state.next_start)
            state.next_start = start + self._delay
        if start > now:
            self._sleep(start - now)

    def _forget_idle(self, now: float) -> None:
        idle = [name for name, state in self._hosts.items() if not state.users and state.next_start <= now]
        for name in idle:
            del self._hosts[name]
