"""A DNS server on 127.0.0.1 (UDP and TCP on one free port) that answers from a dict, or misbehaves as told.

    with DnsServer({"example.com": {"A": ["192.0.2.1"], "MX": ["10 mx.example.com"]}}) as server:
        Resolver([server.address])

Names that the zone does not hold are NXDOMAIN. Aliases are followed inside the zone, as a recursive
server would. `questions` lists what was asked, as (name, type) in order of arrival.
"""

import ipaddress
import itertools
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from dnslib import AAAA, CNAME, MX, NS, QTYPE, RCODE, RR, TXT, A, DNSRecord

Records = Mapping[str, Sequence[str]]

TTL = 60
MAX_ALIASES = 8


@dataclass(frozen=True)
class Behaviour:
    """How the server treats one name.

    `rcode`: what it answers in place of the records; `rcodes`: the same for single types. `silent`: no
    answer at all. `truncated`: over UDP only the bit that says "ask over TCP". `garbage`: bytes that are
    no DNS message. `delay`: seconds before it answers. `rotation`: other records at each question
    (counted per type), over and over. `chase`: whether aliases are followed for the client.
    """

    records: Records = field(default_factory=dict)
    rcode: str = ""
    rcodes: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    truncated: bool = False
    garbage: bool = False
    delay: float = 0.0
    rotation: Sequence[Records] = ()
    chase: bool = True


Zone = Mapping[str, Records | Behaviour]


class DnsServer:
    """See the module. `zone`: names in lower case without the last dot, or a function from name to their entry."""

    def __init__(self, zone: Zone | Callable[[str], Records | Behaviour | None]) -> None:
        self._entry = zone if callable(zone) else zone.get
        self._turns: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._late: list[threading.Thread] = []
        self.questions: list[tuple[str, str]] = []
        self._udp, self._tcp = _bind(self)
        self.port: int = self._udp.server_address[1]
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.005,), name="kit-dns")
            for server in (self._udp, self._tcp)
        ]

    @property
    def address(self) -> str:
        """ "ip:port", as ENRICHMENT_DNS_SERVERS takes it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()
        for thread in [*self._threads, *self._late]:
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def handle(self, data: bytes, send: Callable[[bytes], object], over_tcp: bool) -> None:
        """Answer one message through `send`, at once or later."""
        query = DNSRecord.parse(data)
        name, rdtype = str(query.q.qname).rstrip(".").lower(), QTYPE[query.q.qtype]
        with self._lock:
            self.questions.append((name, rdtype))
        entry = self._entry(name)
        behaviour = entry if isinstance(entry, Behaviour) else Behaviour(records=entry or {})
        if behaviour.silent:
            return
        answer = b"\x00garbage" if behaviour.garbage else self._answer(query, name, rdtype, entry is None, over_tcp)
        if not behaviour.delay:
            send(answer)
        elif over_tcp:
            self._send_late(behaviour.delay, send, answer)
        else:
            late = threading.Thread(target=self._send_late, args=(behaviour.delay, send, answer), name="kit-dns-late")
            self._late.append(late)
            late.start()

    def _send_late(self, delay: float, send: Callable[[bytes], object], answer: bytes) -> None:
        if not self._stopping.wait(delay):
            send(answer)

    def _answer(self, query: DNSRecord, name: str, rdtype: str, unknown: bool, over_tcp: bool) -> bytes:
        reply = query.reply()
        if unknown:
            reply.header.rcode = RCODE.NXDOMAIN
            return bytes(reply.pack())
        behaviour = self._behaviour(name)
        rcode = behaviour.rcodes.get(rdtype, behaviour.rcode)
        if rcode:
            reply.header.rcode = getattr(RCODE, rcode)
        elif behaviour.truncated and not over_tcp:
            reply.header.tc = 1
        else:
            self._fill(reply, name, rdtype)
        return bytes(reply.pack())

    def _fill(self, reply: DNSRecord, name: str, rdtype: str) -> None:
        for _ in range(MAX_ALIASES):
            behaviour = self._behaviour(name)
            records = self._turn(name, rdtype, behaviour)
            if rdtype in records or "CNAME" not in records:
                for text in records.get(rdtype, ()):
                    reply.add_answer(RR(name, getattr(QTYPE, rdtype), rdata=_rdata(rdtype, text), ttl=TTL))
                return
            target = records["CNAME"][0].rstrip(".").lower()
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(target), ttl=TTL))
            if not behaviour.chase:
                return
            if self._entry(target) is None:
                reply.header.rcode = RCODE.NXDOMAIN
                return
            name = target

    def _behaviour(self, name: str) -> Behaviour:
        entry = self._entry(name)
        return entry if isinstance(entry, Behaviour) else Behaviour(records=entry or {})

    def _turn(self, name: str, rdtype: str, behaviour: Behaviour) -> Records:
        if not behaviour.rotation:
            return behaviour.records
        with self._lock:
            turn: Records = next(self._turns.setdefault((name, rdtype), itertools.cycle(behaviour.rotation)))
        return turn


def _rdata(rdtype: str, text: str) -> Any:
    if rdtype == "MX":
        preference, _, host = text.partition(" ")
        return MX(host, int(preference))
    if rdtype == "TXT":
        data = text.encode()
        return TXT([data[start : start + 255] for start in range(0, len(data), 255)] or [b""])
    if rdtype == "AAAA":
        return AAAA(tuple(ipaddress.IPv6Address(text).packed))
    return {"A": A, "CNAME": CNAME, "NS": NS}[rdtype](text)


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, sock = self.request
        self.server.owner.handle(data, lambda answer: sock.sendto(answer, self.client_address), over_tcp=False)


class _TcpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(5)
        head = self.request.recv(2, socket.MSG_WAITALL)
        if len(head) == 2:
            data = self.request.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
            self.server.owner.handle(data, self._send, over_tcp=True)

    def _send(self, answer: bytes) -> None:
        self.request.sendall(struct.pack("!H", len(answer)) + answer)


class _Udp(socketserver.UDPServer):
    owner: DnsServer
    max_packet_size = 4096

    def server_bind(self) -> None:
        # Hundreds of questions arrive in one burst.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_194_304)
        super().server_bind()


class _Tcp(socketserver.ThreadingTCPServer):
    owner: DnsServer
    allow_reuse_address = True
    request_queue_size = 128


def _bind(owner: DnsServer) -> tuple[_Udp, _Tcp]:
    while True:
        udp = _Udp(("127.0.0.1", 0), _UdpHandler)
        try:
            tcp = _Tcp(udp.server_address, _TcpHandler)
        except OSError:  # the port is taken for TCP: try another one
            udp.server_close()
            continue
        udp.owner = tcp.owner = owner
        return udp, tcp
