"""A guard: tests talk to this machine alone. A connection or look-up of anything else fails the test.

It is an audit hook (PEP 578), so that asyncio, urllib3, smtplib and dnspython all pass through it, and the attempt
is noted even where the code under test takes the error for an unreachable host.
"""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

attempts: list[str] = []  # of the running test; one that means its attempt clears it

CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
RESOLVING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class OutsideThisMachine(OSError):
    """A test tried to reach another machine."""


def _servers() -> set[str]:
    """Return the hosts that `DATABASE_URL` and `REDIS_URL` name, with their addresses."""
    names = {urlsplit(os.environ.get(name, "")).hostname for name in ("DATABASE_URL", "REDIS_URL")} - {None}
    found = {str(name) for name in names}
    for name in list(found):
        try:
            found.update(str(entry[4][0]) for entry in socket.getaddrinfo(name, None))
        except OSError:
            pass  # whoever needs the server will say so
    return found


ALLOWED = {"", "localhost", socket.gethostname(), *_servers()}


def is_local(host: object) -> bool:
    """Return whether `host`, a name or an address, is this machine or one of the servers the tests were given."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if name in ALLOWED or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _is_address(host: object) -> bool:
    """Return whether `host` is an address already: resolving it asks nobody."""
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in str(host) else socket.AF_INET, str(host))
    except OSError:
        return False
    return True


def _guard(event: str, args: tuple[object, ...]) -> None:
    if event in CONNECTING:
        address = args[1]
        if not isinstance(address, tuple) or is_local(address[0]):
            return
        what = f"{event} to {address[0]} port {address[1]}"
    elif event in RESOLVING:
        if is_local(args[0]) or _is_address(args[0]):
            return
        what = f"{event} of {args[0]!r}"
    else:
        return
    attempts.append(what)
    raise OutsideThisMachine(f"tests may only talk to this machine: {what}")


sys.addaudithook(_guard)


@pytest.fixture
def _only_loopback() -> Iterator[None]:
    attempts.clear()
    yield
    if attempts:
        pytest.fail(f"The test reached beyond this machine: {'; '.join(attempts)}")


@pytest.fixture
def outside_attempts() -> list[str]:
    """What this test tried to reach. A test that means to try looks, then clears the list."""
    return attempts
