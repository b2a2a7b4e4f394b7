"""A PostgreSQL and a Redis of a test's own, on free ports, to be killed and started again."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from enrichment_project import valkey

PATIENCE = 30.0
MISSING = "no PostgreSQL server is installed (initdb; Debian and Ubuntu: apt install postgresql)"


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_postgres() -> Path | None:
    """Return the directory of PostgreSQL's server programs, the newest there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class OwnPostgres:
    """A cluster in a temporary directory, without disk syncs: it is the process that is killed, not the machine."""

    def __init__(self) -> None:
        programs = find_postgres()
        if programs is None:
            if os.environ.get("REQUIRE_BROWSER") == "1":  # where every test must run
                pytest.fail(MISSING)
            pytest.skip(MISSING)
        self.programs, self.port = programs, free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="enr-pg-"))
        self.user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.directory, entry.pw_uid, entry.pw_gid)
        self._run(
            "initdb", "-D", str(self.directory / "data"), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"
        )
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self._run(
            *("pg_ctl", "-D", str(self.directory / "data"), "-w", "-l", str(self.directory / "log"), "start", "-o"),
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off",
        )

    def kill(self) -> None:
        """End all its processes at once, as a crash would: what was committed is there at the next start."""
        self._run("pg_ctl", "-D", str(self.directory / "data"), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        try:
            self.kill()
        except subprocess.CalledProcessError:
            pass  # it does not run
        shutil.rmtree(self.directory, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.directory,
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )


class OwnRedis:
    """A server that keeps nothing: killed and started again, it has forgotten everything."""

    def __init__(self, *options: str) -> None:
        self.port, self.options = free_port(), options
        self.directory = Path(tempfile.mkdtemp(prefix="enr-redis-"))
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [valkey.find_server(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [*command, "--dir", str(self.directory), *self.options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "the server does not start"
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
