"""The way to the mail hosts of a domain: which of them, at which address, with or without TLS. RFC 5321 section 5.1."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.dns import Resolver
from core.hosts import IPAddress
from enrichment.emails.verification import replies, smtp_answer
from enrichment.emails.verification.replies import Action
from enrichment.emails.verification.smtp_answer import Answer
from enrichment.emails.verification.smtp_session import ProbeConfig, Refused, Session, unverified_tls
from enrichment.emails.verification.smtp_wire import TlsFailed, WireError

MAX_HOSTS = 3  # of a domain
MAX_ADDRESSES = 2  # of a host


@dataclass(frozen=True, slots=True)
class Network:
    """What all conversations of a run share. `locks`: one connection at a time to a host, whoever wants it."""

    config: ProbeConfig
    resolver: Resolver
    tls: ssl.SSLContext = field(default_factory=unverified_tls)
    locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))


class NoEntry(Exception):
    """None of the hosts talks to us; `answer` says why, of the one that said most."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class Hosts:
    """The hosts of a domain, most preferred first. One that fails is not tried again; `preferred` is the next to try.

    `session` is the conversation under way.
    """

    def __init__(self, network: Network, hosts: Sequence[str]) -> None:
        self.session: Session | None = None
        self._network = network
        self._hosts = list(hosts[:MAX_HOSTS])
        self._tls: ssl.SSLContext | None = network.tls
        self._lock: asyncio.Lock | None = None

    @property
    def preferred(self) -> str:
        return self._hosts[0]

    async def open(self) -> Session:
        """Start a conversation with the first host that lets us. Raises NoEntry, at once when one is blocking us."""
        failures: list[Answer] = []
        while self._hosts:
            try:
                self.session = await self._enter(self.preferred)
                return self.session
            except Refused as refused:
                meaning = replies.classify(refused.stage, refused.reply.code, refused.reply.text)
                failures.append(smtp_answer.replied(self.preferred, refused.reply, meaning))
            except WireError as error:
                failures.append(smtp_answer.unknown(error.reason, self.preferred))
            self.drop()
            if failures[-1].action is Action.PAUSE:
                raise NoEntry(failures[-1])
            del self._hosts[0]
        raise NoEntry(next((failure for failure in failures if failure.code), failures[0]))

    async def hang_up(self) -> None:
        """End the conversation politely, if there is one."""
        if self.session:
            await self.session.quit()
        self.drop()

    def drop(self) -> None:
        """End the conversation at once, if there is one."""
        if self.session:
            self.session.abort()
            self.session = None
        if self._lock:
            self._lock.release()
            self._lock = None

    async def _enter(self, host: str) -> Session:
        lock = self._network.locks[host]
        await lock.acquire()
        self._lock = lock
        found = await asyncio.to_thread(self._network.resolver.addresses, host)
        failure = WireError("blocked_address" if found.ips else "unreachable")
        tried = 0
        for ip in found.ips:
            if tried == MAX_ADDRESSES or not self._network.config.allowed.permits(host, ip):
                continue
            tried += 1
            try:
                return await self._knock(host, ip)
            except WireError as error:
                failure = error
        raise failure

    async def _knock(self, host: str, ip: IPAddress) -> Session:
        try:
            return await Session.open(host, ip, self._network.config, self._tls)
        except TlsFailed:
            self._tls = None  # in clear, then, here and after
        except WireError as error:
            if error.reason != "dropped":
                raise
        return await Session.open(host, ip, self._network.config, self._tls)
