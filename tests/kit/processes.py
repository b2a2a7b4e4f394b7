"""Real processes against the tests' database and broker: Celery workers, and whatever a test runs by itself."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection

PATIENCE = 30.0  # seconds a process may take to start on a busy machine

StartWorker = Callable[..., "Worker"]


def environment(**changes: str) -> dict[str, str]:
    """Return the environment for a process that shares this test's database and Redis, with `changes`."""
    return {**os.environ, "DATABASE_URL": database_url(connection.settings_dict), **changes}


def database_url(config: Mapping[str, Any]) -> str:
    """Return `DATABASE_URL` for the database that the tests use right now."""
    if "sqlite" in config["ENGINE"]:
        return f"sqlite:///{config['NAME']}"
    password = f":{quote(config['PASSWORD'], safe='')}" if config["PASSWORD"] else ""
    user = f"{quote(config['USER'], safe='')}{password}@" if config["USER"] else ""
    port = f":{config['PORT']}" if config["PORT"] else ""
    return f"postgresql://{user}{config['HOST']}{port}/{config['NAME']}"


class Worker:
    """A Celery worker process. Its log is in the file `log`."""

    def __init__(self, name: str, log: Path, **changes: str) -> None:
        self.name = f"{name}@test"
        self.log = log
        command = [sys.executable, "-m", "celery", "-A", "enrichment_project", "worker", "--hostname", self.name]
        options = ["--pool=prefork", "--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO"]
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=settings.BASE_DIR,
                env=environment(**changes),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Return once the worker answers a ping."""
        deadline = time.monotonic() + PATIENCE
        while not current_app.control.ping(destination=[self.name], timeout=0.2, limit=1):
            assert self.process.poll() is None, f"the worker ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"the worker did not get ready:\n{self.log.read_text()}"

    def kill(self) -> None:
        """End it as by kill -9, with the process that runs its tasks."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end after the task it runs; kill it when it does not."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        self.kill()


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """A directory whose path leaves room for a unix socket's name (pytest's own may be too long)."""
    path = Path(tempfile.mkdtemp(prefix="enr-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def start_worker(transactional_db: None, redis_server: object, tmp_path: Path) -> Iterator[StartWorker]:
    """A function that starts a worker and waits until it is ready; its arguments are environment variables.

    `start_worker(ENRICHMENT_DNS_SERVERS="127.0.0.1:5353")`. All are killed at the end of the test.
    """
    workers: list[Worker] = []

    def start(**changes: str) -> Worker:
        number = len(workers) + 1
        workers.append(Worker(f"worker-{os.getpid()}-{number}", tmp_path / f"worker-{number}.log", **changes))
        workers[-1].wait_until_ready()
        return workers[-1]

    yield start
    for running in workers:
        running.kill()  # quicker than stop(), and before the database is emptied


@pytest.fixture
def worker(start_worker: StartWorker) -> Worker:
    """A Celery worker process against the test's database and broker."""
    return start_worker()
