"""Connections under guard: every socket goes to a checked address, and knows the request's deadline and budget.

requests' adapter is used without its Session: a session would follow redirects, keep cookies and read
proxies and passwords from the environment. The guard sits where urllib3 opens the socket, so that the
address checked is the address connected to, whatever the name resolves to a moment later, and the Host
header, SNI and certificate checks stay those of the name.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import certifi
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from core.dns import Resolver, Status
from core.guard import Allowed, is_public
from core.hosts import IPAddress, is_localhost
from core.http_address import blocked, parse
from core.http_errors import FetchError, OverBudget, StaleConnection, connect_failed

MAX_ADDRESSES = 4
MAX_HEADER_BYTES = 262_144
CONNECTIONS_PER_HOST = 2
_HOSTS_KEPT = 32


class Exchange:
    """One request with its redirects: the seconds and the bytes it has left. Belongs to one thread.

    `fresh`: it must have a connection that nothing was sent over before.
    """

    def __init__(self, seconds: float, *, fresh: bool = False) -> None:
        self.fresh = fresh
        self._deadline = time.monotonic() + seconds
        self._budget = 0
        self.url = ""

    def allow(self, count: int) -> None:
        """Let `count` more bytes in, whatever was left before."""
        self._budget = count

    def extend(self, seconds: float) -> None:
        """Give back time that was spent waiting for this side, not for the server."""
        self._deadline += seconds

    def remaining(self) -> float:
        """Return the seconds left, more than 0. Raises TimeoutError when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("The time for this request is over.")
        return left

    def received(self, count: int) -> None:
        """Take `count` bytes off the budget. Raises OverBudget when it is spent."""
        self._budget -= count
        if self._budget < 0:
            raise OverBudget

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make the sockets that this thread reads answer to this exchange."""
        token = _exchange.set(self)
        try:
            yield
        finally:
            _exchange.reset(token)


_exchange: ContextVar[Exchange] = ContextVar("exchange")


# A time-out of a socket is per read, and a server that drips a byte a second never meets it. These two
# give each read no more than what is left of the whole, through headers, chunks and trailers alike.


class _Socket(socket.socket):
    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        exchange = _exchange.get()
        self.settimeout(exchange.remaining())
        count = super().recv_into(buffer, nbytes, flags)
        exchange.received(count)
        return count


class _TLSSocket(ssl.SSLSocket):
    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        exchange = _exchange.get()
        self.settimeout(exchange.remaining())
        count = super().recv_into(buffer, nbytes, flags)
        exchange.received(count)
        return count


@dataclass(frozen=True, slots=True)
class Route:
    """From a host name to the addresses that may be connected to.

    `overrides` sends a host to a fixed endpoint; `guarded` False leaves addresses unchecked, for an origin
    that the operator configured; `on_listed` hears of places (host:port) that only the operator let through.
    """

    resolver: Resolver
    allowed: Allowed
    overrides: Mapping[str, tuple[str, int]]
    guarded: bool
    on_listed: Callable[[str], None]

    def endpoints(self, host: str, port: int, exchange: Exchange) -> list[tuple[IPAddress, int]]:
        """Return where to connect, IPv4 first. Raises FetchError blocked_address, unresolvable or dns_failed.

        One address that may not be connected to condemns them all: a mixture is how rebinding is done. Only
        localhost, which nobody else answers for, may be listed in one of its two forms.
        """
        if host in self.overrides:
            address, port = self.overrides[host]
            return [(ipaddress.ip_address(address), port)]
        found = self.resolver.addresses(host, exchange.remaining())
        if found.status is Status.FAILED:
            raise FetchError("dns_failed", f"DNS did not say where {host} is. Try again later.", exchange.url)
        if found.status is not Status.OK:
            raise FetchError("unresolvable", f"There is no host {host} in DNS. Check the spelling.", exchange.url)
        ips = [ip for ip in found.ips if not self.guarded or self.allowed.permits(host, ip)]
        if not ips or (len(ips) < len(found.ips) and not is_localhost(host)):
            raise blocked(host, exchange.url)
        if not all(is_public(ip) for ip in ips):
            self.on_listed(f"{host}:{port}")
        return [(ip, port) for ip in sorted(ips, key=lambda ip: ip.version)[:MAX_ADDRESSES]]


def _open_socket(route: Route, host: str, port: int) -> socket.socket:
    exchange = _exchange.get()
    endpoints = route.endpoints(host, port, exchange)
    failure = OSError()
    for place, (ip, number) in enumerate(endpoints):
        sock = _Socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            # An address that swallows packets must leave time for the next one.
            sock.settimeout(exchange.remaining() / (len(endpoints) - place))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect((str(ip), number))
            sock.settimeout(exchange.remaining())
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise connect_failed(failure, host, port, exchange.url)


class _Connection(HTTPConnection):
    route: Route
    _answered = False

    def _new_conn(self) -> socket.socket:
        self._answered = False
        return _open_socket(self.route, self.host, self.port or self.default_port)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        try:
            response = super().getresponse()
        except ConnectionError:
            if self._answered:
                raise StaleConnection from None
            raise
        self._answered = True
        return response


class _TLSConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        if _exchange.get().fresh:
            connection.close()  # one that was idle is opened anew when it is written to
        return connection


def _pool_classes(route: Route) -> dict[str, type[HTTPConnectionPool]]:
    attributes = {"route": route}

    class Pool(_Pool):
        ConnectionCls = type("Connection", (_Connection,), attributes)

    class TLSPool(_Pool, HTTPSConnectionPool):
        ConnectionCls = type("TLSConnection", (_TLSConnection,), attributes)

    return {"http": Pool, "https": TLSPool}


@lru_cache(maxsize=4)
def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return a context that verifies names and certificates against `ca_file` (PEM), by default certifi's."""
    context = create_urllib3_context()
    context.load_verify_locations(ca_file or certifi.where())
    context.sslsocket_class = _TLSSocket
    return context


class Adapter(HTTPAdapter):
    """requests' adapter over one Route. Routes that differ in what they permit must not share connections."""

    def __init__(self, route: Route, tls: ssl.SSLContext) -> None:
        self._route = route
        self._tls = tls
        super().__init__(pool_connections=_HOSTS_KEPT, pool_maxsize=CONNECTIONS_PER_HOST)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._tls, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._route)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing to do: the context holds the authorities, read once and not for each connection."""

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        target = parse(request.url or "")
        if target.host in self._route.overrides:
            return self.poolmanager.connection_from_host(target.host, target.port, scheme="http")
        return super().get_connection_with_tls_context(request, verify, proxies, cert)

    def exchange(self, request: PreparedRequest, exchange: Exchange) -> HTTPResponse:
        """Send `request` and return the answer with its headers read, its body not. Raises what FAILURES lists."""
        exchange.allow(MAX_HEADER_BYTES)
        raw: HTTPResponse = self.send(request, stream=True, timeout=exchange.remaining(), proxies={}).raw
        return raw
