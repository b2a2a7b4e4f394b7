"""Processes of our own: watched, stopped in order, killed with all they started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from enrichment_project import supervisor as supervisor_module
from enrichment_project.supervisor import Child, Supervisor, spawn

STUBBORN = "trap '' TERM; echo ready; sleep 300 & wait"


def shell(name: str, script: str, stop_seconds: float = 10.0) -> Child:
    return spawn(name, ["sh", "-c", script], stop_seconds=stop_seconds)


def is_gone(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_a_child_that_ends_is_named_with_its_exit_code() -> None:
    supervisor = Supervisor(print)
    supervisor.add(shell("lasting", "sleep 300"), turn=1)
    supervisor.add(shell("short", "exit 3"), turn=1)
    assert supervisor.watch() == "short stopped unexpectedly (exit code 3)."
    supervisor.stop()


def test_a_look_that_finds_something_wrong_ends_the_watch() -> None:
    supervisor = Supervisor(print)
    supervisor.add(shell("lasting", "sleep 300"), turn=1)
    assert supervisor.watch(lambda: "The roof leaks.") == "The roof leaks."
    supervisor.stop()


def test_children_stop_in_turns(tmp_path: Path) -> None:
    ended, ready = tmp_path / "ended", tmp_path / "ready"
    supervisor = Supervisor(print)
    for turn, name in ((3, "third"), (1, "first"), (2, "second")):
        script = f"trap 'echo {name} >> {ended}; exit' TERM; echo >> {ready}; while :; do sleep 0.01; done"
        supervisor.add(shell(name, script), turn)
    while not ready.exists() or len(ready.read_text()) < 3:
        time.sleep(0.01)
    supervisor.stop()
    assert ended.read_text().split() == ["first", "second", "third"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_child_that_will_not_stop_is_killed_with_what_it_started(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    pids = tmp_path / "pids"
    stubborn = f"trap '' TERM; sleep 300 & echo $! > {pids}.new; mv {pids}.new {pids}; wait"
    supervisor.add(shell("stubborn", stubborn, stop_seconds=0.1), turn=1)
    while not pids.exists():
        time.sleep(0.01)
    supervisor.stop()
    assert said == ["stubborn did not stop in time and was killed."]
    grandchild = int(pids.read_text())
    while not is_gone(grandchild):
        time.sleep(0.01)


@pytest.fixture
def signalled() -> Iterator[Callable[..., Supervisor]]:
    """A function that makes a supervisor which has received two signals."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}

    def make(say: Callable[[str], object]) -> Supervisor:
        supervisor = Supervisor(say)
        supervisor.catch_signals()
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
        return supervisor

    yield make
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_second_signal_ends_the_waiting(monkeypatch, signalled) -> None:
    monkeypatch.setattr(supervisor_module, "TOGETHER_SECONDS", 0)
    said: list[str] = []
    supervisor = signalled(said.append)
    child = spawn("stubborn", ["sh", "-c", STUBBORN], stop_seconds=1000, stdout=subprocess.PIPE)
    assert child.process.stdout is not None
    with child.process.stdout as output:
        assert output.readline() == b"ready\n"
        supervisor.add(child, turn=1)
        assert supervisor.watch() is None
        supervisor.stop()
    assert said == ["stubborn did not stop in time and was killed."]


def test_signals_that_come_together_are_one_wish(monkeypatch, signalled) -> None:
    monkeypatch.setattr(supervisor_module, "TOGETHER_SECONDS", 1000)
    said: list[str] = []
    supervisor = signalled(said.append)
    assert supervisor.asked == 1
    supervisor.add(shell("quick", "exec sleep 300"), turn=1)
    assert supervisor.watch() is None
    supervisor.stop()
    assert said == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_child_does_not_outlive_its_parent() -> None:
    code = (
        "import time; from enrichment_project.supervisor import spawn; "
        "print(spawn('c', ['sleep', '300']).process.pid, flush=True); time.sleep(300)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=settings.BASE_DIR, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not is_gone(child)
    parent.kill()
    parent.communicate()
    while not is_gone(child):
        time.sleep(0.01)
