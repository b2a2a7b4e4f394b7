"""The guard on the tests' own connections."""

import asyncio
import socket

import pytest

from tests.kit import sockets


def attempt_tcp() -> None:
    socket.create_connection(("192.0.2.1", 80), timeout=0.1)


def attempt_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"?", ("192.0.2.1", 53))


def attempt_name() -> None:
    socket.getaddrinfo("www.example.com", 443)


def attempt_asyncio() -> None:
    asyncio.run(asyncio.wait_for(asyncio.open_connection("192.0.2.1", 80), 0.1))


def attempt_ipv6() -> None:
    with socket.socket(socket.AF_INET6) as client:
        client.connect(("2001:db8::1", 80))


def attempt_mapped() -> None:
    with socket.socket(socket.AF_INET6) as client:
        client.connect(("::ffff:192.0.2.1", 80))


@pytest.mark.parametrize(
    "attempt", [attempt_tcp, attempt_udp, attempt_name, attempt_asyncio, attempt_ipv6, attempt_mapped]
)
def test_reaching_out_is_refused_and_noted(attempt, outside_attempts: list[str]) -> None:
    with pytest.raises(sockets.OutsideThisMachine):
        attempt()
    assert len(outside_attempts) == 1
    outside_attempts.clear()  # or this test would fail


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_may_be_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("demo.localhost", True),
        (b"localhost", True),
        (None, True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("fe80::1%lo", False),
        ("localhost.example.com", False),
    ],
)
def test_what_counts_as_this_machine(host: object, local: bool) -> None:
    assert sockets.is_local(host) is local
