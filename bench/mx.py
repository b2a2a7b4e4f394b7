"""1,000 addresses at 1,000 domains, each with a mail host of its own, verified by a DNS server 20 ms away.

Compares the whole verdict (form, lists, MX, then the hosts' addresses) with the bare MX questions. Prints one line.
"""

import asyncio
import multiprocessing
import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails.verification import verdict

DOMAINS = [f"company{number}.example" for number in range(1000)]
LATENCY = 0.02
ROUNDS = 3

QUESTION_AT = 12  # a DNS message begins with a header of 12 octets (RFC 1035 section 4.1.1)
NAME = b"\xc0\x0c"  # a pointer to the name in the question
RECORDS = {15: b"\x00\x0a\x02mx" + NAME, 1: bytes((192, 0, 2, 1))}  # MX: 10 mx.<name>; A: 192.0.2.1


class Answers(asyncio.DatagramProtocol):
    """Answers every question after LATENCY."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asyncio.get_running_loop().call_later(LATENCY, self.transport.sendto, _answer(data), addr)


def _answer(query: bytes) -> bytes:
    end = query.index(b"\x00", QUESTION_AT) + 5  # the name's last octet, its type and class
    record = RECORDS[int.from_bytes(query[end - 4 : end - 2])]
    header = query[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
    rest = query[end - 4 : end] + b"\x00\x00\x00\x3c" + len(record).to_bytes(2) + record
    return header + query[QUESTION_AT:end] + NAME + rest


def serve(ready: Connection) -> None:
    """Run the DNS server of this benchmark; send its port through `ready`."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Answers, local_addr=("127.0.0.1", 0))
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_194_304)  # questions come in bursts
        ready.send(transport.get_extra_info("sockname")[1])
        await asyncio.Event().wait()

    asyncio.run(run())


def main() -> None:
    """Print the line of figures."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        resolver = Resolver([f"127.0.0.1:{ours.recv()}"])
        bare = min(_bare(resolver) for _ in range(ROUNDS))
        whole = min(_whole(resolver) for _ in range(ROUNDS))
    finally:
        server.terminate()
        server.join()
    print(
        f"mx, {len(DOMAINS):,} addresses at as many domains, {LATENCY * 1000:.0f} ms: verified in {whole:.2f} s, "
        f"{bare:.2f} s for the bare MX questions, ratio {whole / bare:.1f}"
    )


def _bare(resolver: Resolver) -> float:
    began = time.perf_counter()
    answers = resolver.lookup_many((domain, "MX") for domain in DOMAINS)
    took = time.perf_counter() - began
    assert all(answer.mx for answer in answers.values())
    return took


def _whole(resolver: Resolver) -> float:
    began = time.perf_counter()
    verdicts = verdict.verify([f"jane.doe@{domain}" for domain in DOMAINS], resolver, Allowed())
    took = time.perf_counter() - began
    assert all(found.mx and found.mx.status == "found" for found in verdicts)
    return took


if __name__ == "__main__":
    main()
