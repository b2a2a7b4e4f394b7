"""Processes of our own: watched, stopped in order, killed with all they started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

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
    supervisor.add(shell("lasting", "sleep 300"))
    supervisor.add(shell("short", "exit 3"))
    assert supervisor.watch() == "short stopped unexpectedly (exit code 3)."
    supervisor.stop()


def test_a_look_that_finds_something_wrong_ends_the_watch() -> None:
    supervisor = Supervisor(print)
    supervisor.add(shell("lasting", "sleep 300"))
    assert supervisor.watch(lambda: "The roof leaks.") == "The roof leaks."
    supervisor.stop()


def test_groups_stop_in_the_reverse_order(tmp_path: Path) -> None:
    ended, ready = tmp_path / "ended", tmp_path / "ready"
    supervisor = Supervisor(print)
    for name in ("first", "second", "third"):
        supervisor.add(
            shell(name, f"trap 'echo {name} >> {ended}; exit' TERM; echo >> {ready}; while :; do sleep 0.01; done")
        )
    while not ready.exists() or len(ready.read_text()) < 3:
        time.sleep(0.01)
    supervisor.stop()
    assert ended.read_text().split() == ["third", "second", "first"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_child_that_will_not_stop_is_killed_with_what_it_started(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    pids = tmp_path / "pids"
    stubborn = f"trap '' TERM; sleep 300 & echo $! > {pids}.new; mv {pids}.new {pids}; wait"
    supervisor.add(shell("stubborn", stubborn, stop_seconds=0.1))
    while not pids.exists():
        time.sleep(0.01)
    supervisor.stop()
    assert said == ["stubborn did not stop in time and was killed."]
    grandchild = int(pids.read_text())
    while not is_gone(grandchild):
        time.sleep(0.01)


def test_a_second_signal_ends_the_waiting() -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    child = spawn("stubborn", ["sh", "-c", STUBBORN], stop_seconds=1000, stdout=subprocess.PIPE)
    assert child.process.stdout is not None
    assert child.process.stdout.readline() == b"ready\n"
    supervisor.add(child)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor.catch_signals()
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        assert supervisor.watch() is None
        os.kill(os.getpid(), signal.SIGINT)
        supervisor.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        child.process.stdout.close()
    assert said == ["stubborn did not stop in time and was killed."]


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
