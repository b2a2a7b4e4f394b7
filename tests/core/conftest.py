"""Fixtures of the tests of outward traffic: sites on loopback, and clients that may or may not reach them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from core.dns import Resolver
from core.guard import Allowed
from core.http import Client, Config
from tests.kit.dns import DnsServer, Zone
from tests.kit.web import Site, WebServer

MakeClient = Callable[..., Client]
Serve = Callable[[Mapping[str, Site]], WebServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a web server for some sites."""
    with ExitStack() as stack:
        yield lambda sites: stack.enter_context(WebServer(sites))


@pytest.fixture
def make_client() -> Iterator[MakeClient]:
    """Make a client that asks a DNS server of its own. `zone` is its zone, the rest goes into the Config."""
    with ExitStack() as stack:

        def make(zone: Zone | None = None, **config: Any) -> Client:
            dns_server = stack.enter_context(DnsServer(zone or {}))
            settings = {"user_agent": "TestAgent/1.0", "timeout": 30.0, "max_bytes": 1_000_000, "host_delay": 0.0}
            allowed = Allowed.parse(config.pop("allow", ()))
            client = Client(
                Config(**{**settings, "allowed": allowed, **config}),
                Resolver([dns_server.address], timeout=5, lifetime=20),
            )
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def client_for(make_client: MakeClient) -> MakeClient:
    """Make a client to whom every host of a web server is overridden."""

    def make(server: WebServer, **config: Any) -> Client:
        return make_client(overrides=dict.fromkeys(server.sites, server.endpoint), **config)

    return make
