"""The one door to DNS: addresses of hosts, and records of any type, many at once.

An answer is three-valued. OK carries records; NXDOMAIN and NODATA are a plain "no"; FAILED (SERVFAIL,
REFUSED, time-out, nonsense) means that nobody could tell.

With `servers`, every question goes to them and the hosts file is not read. Without, `addresses()` asks
the system as any program on the machine would (getaddrinfo, hosts file included), while `lookup()` and
`lookup_many()` ask the servers of resolv.conf. Nothing survives a call, so a Resolver may be shared by
threads and used on both sides of a fork.
"""

import asyncio
import enum
import ipaddress
import queue
import resource
import socket
import threading
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import dns.asyncbackend
import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdata
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.TXT
import dns.resolver
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.hosts import LOOPBACK, IPAddress, host_name, is_localhost, parse_endpoint

MAX_RECORDS = 100
MAX_ALIASES = 8
IN_FLIGHT = 500

_T = TypeVar("_T")


class Status(enum.StrEnum):
    """How a look-up ended: FAILED means that the answer is not known, never that it is no."""

    OK = "ok"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, order=True)
class MxRecord:
    """One mail server of a domain. `host` in lower case without the last dot; empty for a null MX (RFC 7505)."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What DNS said to one question. `records` are text: "192.0.2.1", "10 mx.example.com", a TXT's joined strings."""

    name: str
    rdtype: str
    status: Status
    records: tuple[str, ...] = ()

    @property
    def mx(self) -> tuple[MxRecord, ...]:
        """The records of an MX answer, most preferred first; empty for every other type."""
        if self.rdtype != "MX":
            return ()
        pairs = (record.split(" ", 1) for record in self.records)
        return tuple(sorted(MxRecord(int(preference), host.rstrip(".")) for preference, host in pairs))


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a host; `ips` is empty unless `status` is OK."""

    status: Status
    ips: tuple[IPAddress, ...] = ()


class Resolver:
    """Asks DNS. `timeout` bounds one attempt at one server, `lifetime` one look-up with all its attempts, in seconds.

    Each server is tried in turn until one answers; truncated answers are asked for again over TCP.
    """

    def __init__(self, servers: Sequence[str] = (), timeout: float = 2.0, lifetime: float = 5.0) -> None:
        """`servers`: "ip", "ip:port" or "[v6]:port". Raises ValueError for any other shape."""
        self._servers = [dns.nameserver.Do53Nameserver(str(ip), port) for ip, port in map(parse_endpoint, servers)]
        self._timeout = timeout
        self._lifetime = lifetime

    def lookup(self, name: str, rdtype: str) -> Answer:
        """Return the answer to one question. Never raises for what DNS or the network does."""
        return self.lookup_many([(name, rdtype)])[name, rdtype]

    def lookup_many(
        self, questions: Iterable[tuple[str, str]], lifetime: float | None = None
    ) -> dict[tuple[str, str], Answer]:
        """Return the answer to each (name, type), some hundreds of them in flight at once.

        `lifetime` shortens, never lengthens, that of the resolver for this call.

        A name that DNS cannot hold (empty or over-long labels, other characters than letters, digits,
        hyphens, underscores) has no records: NODATA, unasked. One that IDNA 2008 cannot encode may still
        exist under another encoding: FAILED, unasked.
        """
        answers: dict[tuple[str, str], Answer] = {}
        asked: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for name, rdtype in dict.fromkeys(questions):
            try:
                asked.setdefault((host_name(name), rdtype.upper()), []).append((name, rdtype))
            except UnicodeError:
                answers[name, rdtype] = Answer(name, rdtype.upper(), Status.FAILED)
            except ValueError:
                answers[name, rdtype] = Answer(name, rdtype.upper(), Status.NODATA)
        if asked:
            for question, answer in _run(self._ask_all(list(asked), self._within(lifetime))).items():
                answers.update(dict.fromkeys(asked[question], answer))
        return answers

    def addresses(self, host: str, lifetime: float | None = None) -> Addresses:
        """Return the IPv4 and IPv6 addresses a connection to `host` would use.

        An address literal is its own answer, `localhost` and names below it are loopback (RFC 6761, 6.3).
        """
        host = host.strip("[]")
        try:
            return Addresses(Status.OK, (ipaddress.ip_address(host),))
        except ValueError:
            pass
        try:
            name = host_name(host)
        except UnicodeError:
            return Addresses(Status.FAILED)
        except ValueError:
            return Addresses(Status.NODATA)
        if is_localhost(name):
            return Addresses(Status.OK, LOOPBACK)
        if not self._servers:
            return _system_addresses(name, self._within(lifetime))
        return _joined(self.lookup_many([(name, "A"), (name, "AAAA")], lifetime).values())

    def _within(self, lifetime: float | None) -> float:
        return self._lifetime if lifetime is None else min(lifetime, self._lifetime)

    async def _ask_all(self, questions: Sequence[tuple[str, str]], lifetime: float) -> dict[tuple[str, str], Answer]:
        try:
            stub = self._stub(lifetime)
        except dns.exception.DNSException:  # no usable resolv.conf
            return {question: Answer(*question, Status.FAILED) for question in questions}
        answers = {}
        waiting = iter(questions)

        async def ask_in_turn() -> None:
            for name, rdtype in waiting:
                answers[name, rdtype] = await _ask(stub, name, rdtype)

        await asyncio.gather(*(ask_in_turn() for _ in range(min(_in_flight(), len(questions)))))
        return answers

    def _stub(self, lifetime: float) -> dns.asyncresolver.Resolver:
        stub = dns.asyncresolver.Resolver(configure=not self._servers)
        if self._servers:
            stub.nameservers = list(self._servers)
        stub.timeout = self._timeout
        stub.lifetime = lifetime
        return stub


def from_settings() -> Resolver:
    """Return the resolver of this installation. Raises ImproperlyConfigured for a malformed ENRICHMENT_DNS_SERVERS."""
    try:
        return Resolver([server.strip() for server in settings.ENRICHMENT_DNS_SERVERS if server.strip()])
    except ValueError as error:
        raise ImproperlyConfigured(
            f"ENRICHMENT_DNS_SERVERS: {error} Write addresses with an optional port, separated by commas: "
            "127.0.0.1:5353,[::1]:5353,9.9.9.9."
        ) from None


async def _ask(stub: dns.asyncresolver.Resolver, name: str, rdtype: str) -> Answer:
    try:
        # dnspython looks at the lifetime between attempts, not while it pauses before the next.
        async with asyncio.timeout(stub.lifetime):
            return await _follow_aliases(stub, name, rdtype)
    except dns.resolver.NXDOMAIN:
        return Answer(name, rdtype, Status.NXDOMAIN)
    except (dns.exception.DNSException, OSError, ValueError):
        # SERVFAIL, REFUSED, time-out, an alias loop, no route, a malformed message.
        return Answer(name, rdtype, Status.FAILED)


async def _follow_aliases(stub: dns.asyncresolver.Resolver, name: str, rdtype: str) -> Answer:
    # A recursive server follows aliases itself; one that answers for its own zone alone may not.
    backend = dns.asyncbackend.get_backend("asyncio")
    target = dns.name.from_text(name)
    for _ in range(MAX_ALIASES):
        found = await stub.resolve(target, rdtype, search=False, raise_on_no_answer=False, backend=backend)
        if found.rrset is not None:
            return Answer(name, rdtype, Status.OK, _texts(found.rrset))
        if found.canonical_name == target:
            return Answer(name, rdtype, Status.NODATA)
        target = found.canonical_name
    return Answer(name, rdtype, Status.FAILED)


def _texts(records: Iterable[dns.rdata.Rdata]) -> tuple[str, ...]:
    # dnspython gives them in the order of arrival; of a flood, the preferred mail servers must be the ones kept.
    mail = sorted(
        MxRecord(record.preference, record.exchange.to_text(omit_final_dot=True).lower())
        for record in records
        if isinstance(record, dns.rdtypes.ANY.MX.MX)
    )
    if mail:
        return tuple(f"{record.preference} {record.host}" for record in mail[:MAX_RECORDS])
    return tuple(_text(record) for record, _ in zip(records, range(MAX_RECORDS), strict=False))


def _text(record: dns.rdata.Rdata) -> str:
    if isinstance(record, dns.rdtypes.ANY.TXT.TXT):
        return b"".join(record.strings).decode("utf-8", "replace")
    return record.to_text()


def _joined(answers: Iterable[Answer]) -> Addresses:
    answers = list(answers)
    ips = tuple(ipaddress.ip_address(record) for answer in answers for record in answer.records)
    if ips:
        return Addresses(Status.OK, ips)
    statuses = {answer.status for answer in answers}
    for status in (Status.FAILED, Status.NXDOMAIN):
        if status in statuses:
            return Addresses(status)
    return Addresses(Status.NODATA)


def _system_addresses(name: str, lifetime: float) -> Addresses:
    # getaddrinfo() knows no time-out: it runs beside, and a thread that hangs is left to libc's own limit.
    results: queue.SimpleQueue[list[IPAddress] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            results.put([ipaddress.ip_address(sockaddr[0]) for *_, sockaddr in found])
        except OSError as error:
            results.put(error)

    threading.Thread(target=look_up, name="getaddrinfo", daemon=True).start()
    try:
        result = results.get(timeout=lifetime)
    except queue.Empty:
        return Addresses(Status.FAILED)
    if not isinstance(result, OSError):
        return Addresses(Status.OK, tuple(dict.fromkeys(result))[:MAX_RECORDS])
    if result.errno == socket.EAI_NONAME:
        return Addresses(Status.NXDOMAIN)
    if result.errno == getattr(socket, "EAI_NODATA", None):
        return Addresses(Status.NODATA)
    return Addresses(Status.FAILED)


def _in_flight() -> int:
    # Each look-up holds a socket: leave three quarters of the file descriptors to the rest of the process.
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return IN_FLIGHT if soft == resource.RLIM_INFINITY else max(8, min(IN_FLIGHT, soft // 4))


def _run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    # A loop and a thread for each call: no loop outlives a fork or meets another one that is running, and what
    # a signal raises in this thread (a worker's time limit) reaches the caller and not dnspython, which eats it.
    with ThreadPoolExecutor(1, "dns") as pool:
        return pool.submit(asyncio.run, coroutine).result()
