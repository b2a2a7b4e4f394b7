"""1,000 recipients asked about at 100 mail hosts, 10 each over one connection, every reply 50 ms away.

Compares the probe with what latency and politeness leave: one connection at a time to a host, one recipient at a time,
so that a host costs the replies it gives, one after another (banner, EHLO, MAIL, 10 RCPT, QUIT), and all hosts are
asked side by side. The floor is REPLIES x LATENCY; the server counts the replies. Prints one line.
"""

import asyncio
import multiprocessing
import sys
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails.checks import Result
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.pacing import Pacing
from enrichment.emails.verification.smtp import ProbeConfig, Probed, probe
from tests.kit.dns import DnsServer

HOSTS = {f"mx.company{number}.example": f"127.1.0.{number}" for number in range(1, 101)}
PEOPLE = 9  # at each company, the first of whom exists; with the made-up address there are 10 recipients
LATENCY = 0.05
ROUNDS = 3
REPLIES = {b"EHLO": b"250 hello", b"MAIL": b"250 2.1.0 OK", b"QUIT": b"221 2.0.0 Bye"}


class Server(asyncio.Protocol):
    """Answers every line, and the connection itself, after LATENCY; `told` counts the lines by host and verb."""

    told: Counter[tuple[str, bytes]] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.host = transport.get_extra_info("sockname")[0]
        self._say(b"connect", b"220 hello")

    def data_received(self, data: bytes) -> None:
        for line in data.splitlines():
            known = line.startswith(b"RCPT TO:<person0@")
            recipient = b"250 2.1.5 OK" if known else b"550 5.1.1 No such user"
            self._say(line[:4], REPLIES.get(line[:4], recipient))

    def _say(self, verb: bytes, reply: bytes) -> None:
        self.told[self.host, verb] += 1
        asyncio.get_running_loop().call_later(LATENCY, self.transport.write, reply + b"\r\n")


def serve(pipe: Connection) -> None:
    """Run the mail servers of this benchmark and their DNS; send port and address, then the counts when asked."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Server, "0.0.0.0", 0, backlog=1000)
        pipe.send((server.sockets[0].getsockname()[1], dns.address))
        while True:
            await loop.run_in_executor(None, pipe.recv)
            pipe.send(Server.told)
            Server.told = Counter()

    with DnsServer({host: {"A": [ip]} for host, ip in HOSTS.items()}) as dns:
        asyncio.run(run())


def main() -> None:
    """Print the line of figures."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        port, dns = ours.recv()
        rounds = [_round(Resolver([dns]), port, ours) for _ in range(ROUNDS)]
    finally:
        server.terminate()
        server.join()
    took, recipients, replies = min(rounds)
    floor = replies * LATENCY
    print(
        f"smtp, {recipients:,} recipients at {len(HOSTS)} hosts, {LATENCY * 1000:.0f} ms a reply: {took:.2f} s, "
        f"floor {floor:.2f} s ({replies} replies one after another at each host), ratio {took / floor:.2f}"
    )


def _round(resolver: Resolver, port: int, server: Connection) -> tuple[float, int, int]:
    """Return the seconds it took, how many recipients were asked about, and the most replies that one host gave."""
    domains = [host.removeprefix("mx.") for host in HOSTS]
    groups = [[f"person{number}@{domain}"] for domain in domains for number in range(PEOPLE)]
    config = ProbeConfig(
        "probe.example", "verify@probe.example", port=port, allowed=Allowed.parse(["127.0.0.0/8"]), hosts_at_once=100
    )
    began = time.perf_counter()
    probed = probe(
        groups, {domain: Mx("found", (f"mx.{domain}",)) for domain in domains}, resolver, config, Pacing(rate=0)
    )
    took = time.perf_counter() - began
    _check(probed)
    server.send("counts")
    told = server.recv()
    replies: Counter[str] = Counter()
    for (host, _), count in told.items():
        replies[host] += count
    return took, sum(count for (_, verb), count in told.items() if verb == b"RCPT"), max(replies.values())


def _check(probed: Probed) -> None:
    results = Counter(check.result for check in probed.checks.values())
    expected = {Result.DELIVERABLE: len(HOSTS), Result.UNDELIVERABLE: len(HOSTS) * (PEOPLE - 1)}
    assert results == expected, results


if __name__ == "__main__":
    main()
