"""One conversation with one mail server: greeting, TLS, transactions, recipients. Never DATA. RFC 5321, 3207, 6531."""

import asyncio
import ssl
from dataclasses import dataclass, field

from core.guard import Allowed
from core.hosts import IPAddress
from enrichment.emails.verification.smtp_wire import Reply, TlsFailed, Wire, WireError
from enrichment.emails.verification.syntax import Address

GOODBYE_TIMEOUT = 2.0  # seconds that QUIT may take


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """How mail servers are asked.

    `helo`: this machine's full name; `sender`: the address in MAIL FROM, empty for the null reverse-path. `timeout`:
    seconds for one reply; `lifetime`: for a whole run. `recipients_per_session`: after so many comes a new connection
    (at least 1). `hosts_at_once`: connections at any time; `connections_per_operator`: those to one mail operator.
    """

    helo: str
    sender: str
    port: int = 25
    timeout: float = 35.0  # some servers hold every recipient for 30 s
    lifetime: float = 600.0
    allowed: Allowed = field(default_factory=Allowed)
    recipients_per_session: int = 10
    hosts_at_once: int = 100
    connections_per_operator: int = 2


class Refused(Exception):
    """The server does not talk to us: a reply that says nothing of any mailbox, at a stage of replies.classify."""

    def __init__(self, stage: str, reply: Reply) -> None:
        super().__init__(f"{stage}: {reply.code}")
        self.stage = stage
        self.reply = reply


class Session:
    """A conversation that got past the greeting. `asked` counts its recipients, `domain` is the transaction's."""

    def __init__(self, host: str, wire: Wire) -> None:
        self.host = host
        self.asked = 0
        self.domain = ""
        self._wire = wire
        self._features: frozenset[str] = frozenset()

    @classmethod
    async def open(cls, host: str, ip: IPAddress, config: ProbeConfig, tls: ssl.SSLContext | None) -> "Session":
        """Connect and exchange greetings, over TLS when offered and `tls` is given. Raises Refused, WireError."""
        session = cls(host, await Wire.connect(ip, config.port, config.timeout))
        try:
            _expect(220, "connect", await session._wire.reply())
            await session._greet(config.helo)
            if tls and "STARTTLS" in session._features:
                await session._secure(tls, config.helo)
        except BaseException:
            session.abort()
            raise
        return session

    async def begin(self, domain: str, sender: str, *, wide: bool) -> None:
        """Start the transaction for `domain`; `wide`: with local parts beyond ASCII. Raises Refused, WireError."""
        if self.domain:
            _expect(250, "mail", await self._wire.command("RSET"))
        # A recipient beyond ASCII needs a transaction that was announced as such (RFC 6531 section 3.4).
        announced = " SMTPUTF8" if wide and "SMTPUTF8" in self._features else ""
        _expect(250, "mail", await self._wire.command(f"MAIL FROM:<{sender}>{announced}"))
        self.domain = domain

    def takes(self, local: str) -> bool:
        """Return whether such a local part can be asked about here: beyond ASCII with SMTPUTF8 alone."""
        return local.isascii() or "SMTPUTF8" in self._features

    async def ask(self, address: Address) -> Reply:
        """Return the reply to RCPT TO. Raises WireError.

        One at a time even where PIPELINING is offered: what is still sent after "you are blocked", or after the
        mailbox was found, cannot be taken back, and pacing leaves nothing to be gained.
        """
        self.asked += 1
        return await self._wire.command(f"RCPT TO:<{address.local}@{address.domain}>")

    async def quit(self) -> None:
        """Say goodbye, with little patience, and close."""
        try:
            async with asyncio.timeout(GOODBYE_TIMEOUT):
                await self._wire.command("QUIT")
        except (WireError, TimeoutError):
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        self._wire.abort()

    async def _greet(self, helo: str) -> None:
        reply = await self._wire.command(f"EHLO {helo}")
        if reply.code == 250:
            self._features = frozenset(line.partition(" ")[0].upper() for line in reply.lines[1:])
            return
        if reply.code >= 500:
            reply = await self._wire.command(f"HELO {helo}")
        _expect(250, "ehlo", reply)

    async def _secure(self, tls: ssl.SSLContext, helo: str) -> None:
        try:
            if (await self._wire.command("STARTTLS")).code != 220:
                return
            await self._wire.start_tls(tls, self.host)
            self._features = frozenset()  # RFC 3207 section 4.2: what was said in clear is forgotten
            await self._greet(helo)
        except WireError as error:
            raise TlsFailed(error.reason) from None


def unverified_tls() -> ssl.SSLContext:
    """Return a context for servers whose certificate nobody checks: we ask, and send nothing that needs hiding."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _expect(code: int, stage: str, reply: Reply) -> None:
    if reply.code >= 400:
        raise Refused(stage, reply)
    if reply.code != code:
        raise WireError("malformed")
