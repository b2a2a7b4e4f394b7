"""Processes of our own: started so that none outlives us, watched, and stopped in order.

Each child leads a session of its own, so that Ctrl-C in the terminal reaches the launcher alone. On Linux the
kernel ends a child when its parent dies, even by kill -9; a child that forks workers must ask for the same
(`die_with_parent`; Celery's pool does so itself).
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

PR_SET_PDEATHSIG = 1  # prctl(2)
POLL_SECONDS = 0.05
# Signals that come together are one wish: make hands on what the whole process group received already.
TOGETHER_SECONDS = 1.0

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process the signal `number` when its parent dies. Only Linux can.

    A fork does not inherit the wish. Call it in the process concerned, early.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number)


@dataclass(frozen=True)
class Child:
    """A process of ours. `stop_seconds` is how long it may take to end once asked."""

    name: str
    process: subprocess.Popen[bytes]
    stop_seconds: float

    def ended(self) -> bool:
        return self.process.poll() is not None

    def ask(self) -> None:
        """Ask it to end (SIGTERM)."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and every process of its session's group at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # the group is empty (macOS says EPERM for zombies)
        self.process.wait()


def spawn(
    name: str,
    command: Sequence[str],
    *,
    environment: dict[str, str] | None = None,
    keep_open: Iterable[int] = (),
    gentle_death: bool = False,
    stop_seconds: float = 10.0,
    stdout: int | None = None,
) -> Child:
    """Start `command` as the leader of a session, to end with this process.

    `environment` is the whole environment (default: ours), `keep_open` names descriptors it inherits;
    `gentle_death` has the kernel send SIGTERM instead of SIGKILL when this process dies.
    """
    parent = os.getpid()
    number = signal.SIGTERM if gentle_death else signal.SIGKILL

    def prepare() -> None:
        die_with_parent(number)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    process = subprocess.Popen(  # noqa: S603 - the commands are ours
        list(command),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.STDOUT if stdout is not None else None,
        start_new_session=True,
        pass_fds=tuple(keep_open),
        preexec_fn=prepare,  # noqa: PLW1509 - the launcher has one thread, and prctl allocates nothing
    )
    return Child(name, process, stop_seconds)


class Supervisor:
    """Children that are watched together, and stopped in turns."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self.say = say
        self.turns: dict[int, list[Child]] = {}
        self.asked = 0  # wishes to stop: the first asks the children, the second kills them
        self._last_signal = float("-inf")

    def catch_signals(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: object) -> None:
        now = time.monotonic()
        if now - self._last_signal >= TOGETHER_SECONDS:
            self.asked += 1
        self._last_signal = now

    def add(self, child: Child, turn: int) -> None:
        """Watch `child`. Those of turn 1 stop first, together; then those of turn 2, and so on."""
        self.turns.setdefault(turn, []).append(child)

    def watch(self, still_well: Callable[[], str | None] = lambda: None) -> str | None:
        """Return when asked to stop (None), or when a child has ended: a sentence that names it.

        `still_well` is called about once a second; a sentence it returns ends the watch too.
        """
        next_look = time.monotonic() + 1
        while not self.asked:
            for child in self._children():
                if child.ended():
                    return f"{child.name} stopped unexpectedly ({_how_it_ended(child.process.returncode)})."
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + 1
                if sentence := still_well():
                    return sentence
            time.sleep(POLL_SECONDS)
        return None

    def stop(self) -> None:
        """Stop every child: those of a turn are asked, waited for, then killed with all they started."""
        for _, children in sorted(self.turns.items()):
            for child in children:
                child.ask()
            for child in children:
                self._wait_or_kill(child)
        self.turns.clear()

    def _wait_or_kill(self, child: Child) -> None:
        deadline = time.monotonic() + child.stop_seconds
        while not child.ended() and time.monotonic() < deadline and self.asked < 2:
            time.sleep(POLL_SECONDS / 5)
        if not child.ended():
            self.say(f"{child.name} did not stop in time and was killed.")
        child.kill()

    def _children(self) -> Iterable[Child]:
        return (child for children in self.turns.values() for child in children)


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"exit code {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
