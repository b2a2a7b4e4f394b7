"""What attackers' tests stand on: servers that nothing may reach, and one row of everything that is shown."""

import socket
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.core.conftest import client_for, make_client, serve
from tests.kit.web import WebServer

__all__ = ["client_for", "make_client", "serve"]


class Trap(WebServer):
    """A server on loopback that nothing here may reach."""

    def assert_untouched(self) -> None:
        """Fail when anybody connected so far."""
        with socket.create_connection(self.endpoint) as sock:
            # Connections are accepted in order: once ours is answered, every earlier one has been counted.
            sock.sendall(b"GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n")
            sock.recv(1)
        assert self.connections == 1


@pytest.fixture
def trap() -> Iterator[Trap]:
    with Trap({"*": {"/": "reached"}}) as server:
        yield server


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="!")


@pytest.fixture
def staff(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client
