"""`manage.py up`, as real processes: it serves, tells, stops everything, and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from django.conf import settings

from enrichment_project import databases, valkey
from tests.environment import variables
from tests.kit.processes import PATIENCE

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")


def bare_environment(var_dir: Path, **changes: str) -> dict[str, str]:
    """Return the environment of somebody who has set nothing but VAR_DIR and `changes`."""
    ours = variables(settings.BASE_DIR / ".env.example")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "ENV_FILE": "", "VAR_DIR": str(var_dir), **changes}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def processes_of(var_dir: Path) -> dict[int, str]:
    """Return the running processes that work with `var_dir`: process id to command line (Linux).

    The server writes its title over its environment: it is known by its socket.
    """
    found = {}
    sockets = (f"{var_dir}/valkey.sock", f"enrichment-{databases.short_name(var_dir)}/valkey.sock")
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            environment = (directory / "environ").read_bytes().split(b"\0")
            command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it ended meanwhile
        if f"VAR_DIR={var_dir}".encode() in environment or any(path in command for path in sockets):
            found[int(directory.name)] = command
    return found


class Up:
    """A running `manage.py up`."""

    def __init__(self, var_dir: Path, command: list[str] | None = None, **changes: str) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(tempfile.mkstemp(prefix="enr-up-", suffix=".log")[1])
        with self.log.open("wb") as file:
            self.process = subprocess.Popen(
                command or [sys.executable, "manage.py", "up"],
                cwd=settings.BASE_DIR,
                env=bare_environment(var_dir, PORT=str(self.port), **changes),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def serves(self) -> bool:
        assert self.process.poll() is None, self.text()
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def wait_until_it_serves(self) -> "Up":
        eventually(self.serves, "it does not serve")
        return self

    def wait_until_it_is_ready(self) -> "Up":
        self.wait_until_it_serves()
        eventually(lambda: requests.get(f"{self.url}/readyz", timeout=10).status_code == 200, "it does not get ready")
        return self

    def wait_until_it_ends(self) -> int:
        return self.process.wait(PATIENCE)

    def text(self) -> str:
        return self.log.read_text()

    def clean_up(self) -> None:
        if sys.platform == "linux":
            self.process.kill()  # quicker, and nothing outlives it
        else:
            self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.unlink()


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VAR_DIR whose database is up to date, to begin with a copy of it: migrating takes longer than all the rest."""
    var_dir = tmp_path_factory.mktemp("set-up")
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=bare_environment(var_dir), check=True)
    return var_dir


@pytest.fixture
def up(short_dir: Path, set_up: Path) -> Iterator[Callable[..., Up]]:
    """A function that starts it; with `new`, on an empty VAR_DIR."""
    started: list[Up] = []

    def start(var_dir: Path = short_dir, command: list[str] | None = None, *, new: bool = False, **changes: str) -> Up:
        if not new and not (var_dir / "db.sqlite3").exists():
            shutil.copytree(set_up, var_dir, dirs_exist_ok=True)
        started.append(Up(var_dir, command, **changes))
        return started[-1]

    yield start
    for running in started:
        running.clean_up()


def run_up(var_dir: Path, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run `manage.py up` where it should refuse to start."""
    return subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=settings.BASE_DIR,
        env=bare_environment(var_dir, **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def nothing_is_left(var_dir: Path) -> None:
    eventually(lambda: not processes_of(var_dir), f"left behind: {processes_of(var_dir)}")


def test_one_command_gives_web_worker_scheduler_and_an_admin(up, short_dir: Path, tmp_path: Path) -> None:
    running = up(new=True).wait_until_it_is_ready()
    kept = short_dir / "admin-password"
    password = kept.read_text().strip()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert running.url in running.text()
    assert running.text().count(password) == 1
    assert str(kept) in running.text()
    signed_in = requests.post(
        f"{running.url}/api/auth/token", json={"username": "admin", "password": password}, timeout=10
    )
    assert set(signed_in.json()) == {"access", "refresh"}

    second = run_up(short_dir, PORT=str(free_port()))
    assert second.returncode == 1
    assert second.stderr.startswith(f"CommandError: Already running with the data in {short_dir}")

    other = run_up(tmp_path, PORT=str(running.port))
    assert other.returncode == 1
    assert f"Port {running.port} on 127.0.0.1 is in use" in other.stderr
    assert running.serves()


@linux_only
def test_sigterm_stops_everything_and_the_next_start_goes_on(up, short_dir: Path) -> None:
    first = up().wait_until_it_is_ready()
    password = (short_dir / "admin-password").read_text()
    first.process.terminate()
    assert first.wait_until_it_ends() == 0, first.text()
    assert processes_of(short_dir) == {}
    assert not (short_dir / "valkey.sock").exists()

    again = up().wait_until_it_serves()
    assert password.strip() not in again.text()
    assert (short_dir / "admin-password").read_text() == password


@linux_only
def test_ctrl_c_stops_everything_and_a_long_var_dir_has_a_short_socket_meanwhile(up, short_dir: Path) -> None:
    var_dir = short_dir / ("long" * 30)
    socket_path = Path(tempfile.gettempdir()) / f"enrichment-{databases.short_name(var_dir)}" / "valkey.sock"
    running = up(var_dir).wait_until_it_is_ready()
    assert len(str(var_dir / "valkey.sock")) > databases.MAX_SOCKET_PATH
    assert socket_path.is_socket()
    assert socket_path.parent.stat().st_mode & 0o777 == 0o700
    running.process.send_signal(signal.SIGINT)
    assert running.wait_until_it_ends() == 0, running.text()
    assert processes_of(var_dir) == {}
    assert not socket_path.parent.exists()


@linux_only
def test_kill_9_of_the_launcher_leaves_nothing_and_the_next_start_works_at_once(up, short_dir: Path) -> None:
    first = up(WEB_WORKERS="2").wait_until_it_is_ready()
    before = processes_of(short_dir)
    commands = " ".join(before.values())
    assert all(part in commands for part in ("enrichment_project.web", " worker ", " beat ", "valkey.sock"))
    first.process.kill()
    first.wait_until_it_ends()
    up().wait_until_it_serves()
    left = before.keys() & processes_of(short_dir).keys()
    assert not left, [before[number] for number in left]


@linux_only
@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("enrichment_project.web", "web stopped unexpectedly (SIGKILL)."),
        (" beat ", "scheduler stopped unexpectedly (SIGKILL)."),
        (" worker ", "worker stopped unexpectedly (SIGKILL)."),
        ("valkey.sock", "Valkey stopped unexpectedly (SIGKILL)."),
    ],
)
def test_a_part_that_dies_stops_the_rest_and_is_named(up, short_dir: Path, part: str, sentence: str) -> None:
    running = up().wait_until_it_serves()
    eventually(lambda: any(part in command for command in processes_of(short_dir).values()), f"no {part}")
    os.kill(min(number for number, command in processes_of(short_dir).items() if part in command), signal.SIGKILL)
    assert running.wait_until_it_ends() == 1
    assert sentence in running.text()
    assert processes_of(short_dir) == {}


@linux_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_make_run_hands_a_signal_on_and_is_not_outlived(up, short_dir: Path, number: int) -> None:
    command = ["make", "--no-print-directory", "-o", "setup", "run", f"BIN={Path(sys.executable).parent}"]
    running = up(command=command).wait_until_it_is_ready()
    running.process.send_signal(number)
    running.wait_until_it_ends()
    nothing_is_left(short_dir)


@linux_only
def test_a_server_that_answers_already_is_used_and_missed_when_it_goes(up, short_dir: Path) -> None:
    with valkey_of_another(short_dir) as other:
        running = up().wait_until_it_is_ready()
        servers = [number for number, command in processes_of(short_dir).items() if "valkey.sock" in command]
        assert servers == [other.pid]
        other.kill()
        assert running.wait_until_it_ends() == 1
    assert "The Valkey that ran before on" in running.text()
    assert processes_of(short_dir) == {}


def valkey_of_another(var_dir: Path) -> "subprocess.Popen[bytes]":
    """Start a server as somebody else might: on our socket, without our lock."""
    socket_path = var_dir / "valkey.sock"
    process = subprocess.Popen(
        [valkey.find_server(), "--port", "0", "--unixsocket", str(socket_path), "--save", "", "--dir", str(var_dir)],
        stdout=subprocess.DEVNULL,
    )
    eventually(lambda: valkey.answers(socket_path), "no server")
    return process


def test_a_database_of_ones_own_is_not_changed_but_checked(up, short_dir: Path) -> None:
    own = {
        "DATABASE_URL": f"sqlite:///{short_dir / 'own.sqlite3'}",
        "SECRET_KEY": "own" * 20,
        "FIELD_ENCRYPTION_KEYS": settings.FIELD_ENCRYPTION_KEYS[0],
        "BLIND_INDEX_KEY": "own",
    }
    refused = run_up(short_dir, PORT=str(free_port()), **own)
    assert refused.returncode == 1
    assert "Run manage.py migrate" in refused.stderr
    assert not valkey.answers(short_dir / "valkey.sock")

    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0"],
        cwd=settings.BASE_DIR,
        env=bare_environment(short_dir, **own),
        check=True,
    )
    running = up(new=True, **own).wait_until_it_serves()
    assert not (short_dir / "admin-password").exists()
    assert "reset_admin_password" in running.text()


def test_a_database_that_does_not_answer_is_a_sentence_without_the_password(short_dir: Path) -> None:
    refused = run_up(
        short_dir,
        PORT=str(free_port()),
        DATABASE_URL=f"postgresql://ann:hush-hush@127.0.0.1:{free_port()}/x",
        SECRET_KEY="own" * 20,
        FIELD_ENCRYPTION_KEYS=settings.FIELD_ENCRYPTION_KEYS[0],
        BLIND_INDEX_KEY="own",
    )
    assert refused.returncode == 1
    assert "CommandError: The database does not answer" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "hush-hush" not in refused.stderr


def test_an_address_that_cannot_be_listened_on_is_a_sentence(short_dir: Path) -> None:
    refused = run_up(short_dir, BIND="192.0.2.1")
    assert refused.returncode == 1
    assert "CommandError: Cannot listen on 192.0.2.1" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_wrong_setting_is_a_sentence_before_anything_starts(short_dir: Path) -> None:
    refused = run_up(short_dir, LOG_FORMAT="xml")
    assert refused.returncode == 1
    assert "LOG_FORMAT is 'xml'." in refused.stderr
    assert not (short_dir / "db.sqlite3").exists()
