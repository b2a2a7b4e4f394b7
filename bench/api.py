"""How long `POST discover` takes on the embedded default, beside the server's cheapest answer in the same run.

Starts `manage.py up` in a directory of its own, and one client that asks one thing after the other. The brands
have no website, so that the workers have their jobs behind them at once. Prints one line.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUESTS = 200
KEPT = {"PATH", "HOME", "LANG", "TMPDIR"}
UNLIMITED = {f"ENRICHMENT_LIMIT_{name}": "100000" for name in ("DISCOVERIES", "PARALLEL_JOBS", "BRAND_JOBS")}


def main() -> None:
    """Print the line of figures."""
    with running() as (port, var_dir, seconds, launcher):
        api = Api(port)
        password = (var_dir / "admin-password").read_text().strip()
        api.token = api.ask("POST", "/api/auth/token", {"username": "admin", "password": password})["access"]
        for _ in range(20):
            api.timed("GET", "/healthz")
        cheap = [api.timed("GET", "/healthz") for _ in range(REQUESTS)]
        posts = [api.timed("POST", "/api/enrichment/discover", {"brandName": f"Acme {n}"}) for n in range(REQUESTS)]
        memory = resident_megabytes(launcher)
    middle, tail = statistics.median(posts), statistics.quantiles(posts, n=100)[94]
    ratio = middle / statistics.median(cheap)
    print(
        f"POST discover: {middle * 1000:.1f} ms median, {tail * 1000:.1f} ms p95, {ratio:.0f} times the bare /healthz; "
        f"up answers after {seconds:.1f} s; {memory:.0f} MB resident in all processes"
    )


class Api:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.token = ""

    def ask(self, method: str, path: str, body: object = None) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            sys.exit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return json.loads(content)

    def timed(self, method: str, path: str, body: object = None) -> float:
        began = time.perf_counter()
        self.ask(method, path, body)
        return time.perf_counter() - began


@contextmanager
def running() -> Iterator[tuple[int, Path, float, int]]:
    """Run the product; yield its port, VAR_DIR, the seconds until it answered, and the launcher's process id."""
    var_dir = Path(tempfile.mkdtemp(prefix="enr-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    own = {"VAR_DIR": str(var_dir), "PORT": str(port), "ENV_FILE": "", "LOG_LEVEL": "WARNING"}
    environment = {**kept, **UNLIMITED, **own}
    command = [sys.executable, "manage.py", "up"]
    with (var_dir / "log").open("wb") as log:
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        began = time.perf_counter()
        launcher = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        while not _answers(port):
            if launcher.poll() is not None or time.perf_counter() - began > 60:
                sys.exit((var_dir / "log").read_text())
            time.sleep(0.01)
        yield port, var_dir, time.perf_counter() - began, launcher.pid
    finally:
        launcher.send_signal(signal.SIGTERM)
        launcher.wait(30)
        shutil.rmtree(var_dir, ignore_errors=True)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def resident_megabytes(launcher: int) -> float:
    """Return the memory that the launcher and its descendants hold for themselves (proportional set size; Linux)."""
    total, waiting = 0, [launcher]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            rollup = (process / "smaps_rollup").read_text()
            total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            for task in (process / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return total / 1024


if __name__ == "__main__":
    main()
