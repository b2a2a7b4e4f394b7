"""`manage.py up`: everything a single machine needs, in one foreground command.

Valkey (unless `REDIS_URL` is set), then the web server, the worker and the scheduler. By Ctrl-C or SIGTERM web and
scheduler stop first, then the worker, Valkey last; when one of them ends by itself, all are stopped.
docs/adr/0001-embedded-default.md says why.
"""

import contextlib
import errno
import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core import key_check

from . import admin_user, setting_trail, valkey, web
from .supervisor import Child, Supervisor, spawn

Say = Callable[[str], object]

WEB_START_SECONDS = 5.0  # after which worker and scheduler start all the same


class CannotStart(Exception):
    """Something stands in the way; the message says what, and what to do."""


def up(say: Say) -> str | None:
    """Run until stopped. Returns None when asked to stop, else a sentence that says which process failed.

    `say` prints a line. Raises CannotStart before anything is left running.
    """
    supervisor = Supervisor(say)
    supervisor.catch_signals()
    with _only_one(settings.VAR_DIR / "up.lock"):
        _check_port()
        server = _start_valkey(supervisor)
        try:
            password = prepare_database()
            setting_trail.note("up")
            if not supervisor.asked:
                say(banner(password))
                _start_children(supervisor)
            failure = supervisor.watch(lambda: _valkey_lost(server))
            say(failure or "Stopping…")
            return failure
        finally:
            supervisor.stop()
            if server is not None:
                valkey.stop(server)


def prepare_database() -> str | None:
    """Bring the embedded database up to date and return the password of the first admin, when one was made.

    A database of your own is only looked at: what it misses is a CannotStart.
    """
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        reason = str(error).strip().split("\n")[0]
        raise CannotStart(f"The database does not answer ({reason}). Check DATABASE_URL and that it runs.") from error
    if settings.DATABASE_URL:
        if missing:
            raise CannotStart(
                f"The database lacks {len(missing)} migrations. Run manage.py migrate, then manage.py "
                "reset_admin_password for the first admin (or manage.py createsuperuser to choose name and password)."
            )
        _check_keys()
        return None
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    _check_keys()
    password = admin_user.create_first()
    connection.close()
    return password


def _check_keys() -> None:
    try:
        key_check.require()
    except ImproperlyConfigured as error:
        raise CannotStart(str(error)) from error


def banner(password: str | None) -> str:
    """Return what the terminal shows first. `password` is that of an admin made just now."""
    host = settings.BIND if settings.BIND not in {"0.0.0.0", "::"} else "localhost"  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    kept = admin_user.password_file()
    if password:
        sign_in = f"admin, password {password} (shown once, kept in {kept})"
    elif kept.exists():
        sign_in = f"admin, password in {kept} (manage.py reset_admin_password makes a new one)"
    else:
        sign_in = "with an admin's name and password (manage.py reset_admin_password makes a new one)"
    return "\n".join(
        [
            "",
            f"  Contact enrichment on http://{host}:{settings.PORT}/",
            f"  Sign in   {sign_in}",
            f"  Data      {connection.vendor}; queue: {'REDIS_URL' if settings.REDIS_URL else 'embedded Valkey'}",
            "  Stop      Ctrl-C",
            "",
        ]
    )


def _start_valkey(supervisor: Supervisor) -> valkey.Server | None:
    if settings.EMBEDDED_REDIS_SOCKET is None:
        return None
    try:
        server = valkey.start(settings.EMBEDDED_REDIS_SOCKET, settings.VAR_DIR / "valkey")
    except valkey.ValkeyError as error:
        raise CannotStart(str(error)) from error
    if server.child is not None:
        supervisor.add(server.child, turn=3)
    return server


def _valkey_lost(server: valkey.Server | None) -> str | None:
    """Return a sentence when a server that is not our child has gone (the supervisor watches children)."""
    if server is None or server.child is not None or server.answers():
        return None
    return f"The Valkey that ran before on {server.socket} has gone."


def _start_children(supervisor: Supervisor) -> None:
    celery = [sys.executable, "-m", "celery", "-q", "-A", "enrichment_project"]
    level = f"--loglevel={settings.LOG_LEVEL}"
    worker = ["worker", "--pool=prefork", f"--concurrency={settings.WORKER_PROCESSES}", "--without-gossip"]
    server = _spawn("web", [sys.executable, "-m", web.__name__], web.STOP_SECONDS + 2)
    supervisor.add(server, turn=1)
    _wait_for_web(server, supervisor)
    if not supervisor.asked:
        supervisor.add(_spawn("worker", [*celery, *worker, "--without-mingle", level], 10), turn=2)
        supervisor.add(_spawn("scheduler", [*celery, "beat", level], 5), turn=1)


def _wait_for_web(server: Child, supervisor: Supervisor) -> None:
    """Return once the web server listens, or will not: it has the processor to itself while it starts."""
    deadline = time.monotonic() + WEB_START_SECONDS
    while time.monotonic() < deadline and not server.ended() and not supervisor.asked:
        with contextlib.suppress(OSError), socket.create_connection((settings.BIND, settings.PORT), timeout=0.1):
            return
        time.sleep(0.01)


def _spawn(name: str, command: list[str], stop_seconds: float) -> Child:
    path = os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH")]))
    return spawn(name, command, environment={**os.environ, "PYTHONPATH": path}, stop_seconds=stop_seconds)


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock in `path`. Raises CannotStart when another launcher has it."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CannotStart(
                f"Already running with the data in {settings.VAR_DIR} (process {file.read().strip() or '?'}). "
                "Stop it first, or set VAR_DIR to another directory and PORT to another port."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _check_port() -> None:
    """Raise CannotStart when `BIND` and `PORT` cannot be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(settings.BIND, settings.PORT, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = (
                f"Port {settings.PORT} on {settings.BIND} is in use: stop what listens there, or set another PORT."
            )
            raise CannotStart(sentence) from error
        raise CannotStart(
            f"Cannot listen on {settings.BIND}:{settings.PORT} ({error}). Check BIND and PORT."
        ) from error
