"""One connection to a mail server: commands out, whole replies in. RFC 5321 sections 2.3.8, 4.2 and 4.5.3.

Whatever the server does, a reply costs at most `timeout` seconds and MAX_BYTES of memory. The standard library's
transports: neither smtplib nor aiosmtplib (which has no part in this project) bounds a whole reply in time and size,
and both would take a line that nobody asked for as the answer to the next recipient.
"""

import asyncio
import re
import ssl
from dataclasses import dataclass
from typing import cast

from core.hosts import IPAddress

CONNECT_TIMEOUT = 10.0  # seconds; a host that is there takes the connection at once, however slow its replies
MAX_LINES = 100  # of a reply
MAX_BYTES = 65_536

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_REPEATED = re.compile(r"^[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")  # an enhanced code (RFC 3463), on every line


class WireError(Exception):
    """There is no reply. `reason`: unreachable, blocked_address, dropped, timeout or malformed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TlsFailed(WireError):
    """The connection broke over STARTTLS; in clear it might not have."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of one or more lines, without the codes before them."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its lines as one, the enhanced code on the first alone: it would stand amid a sentence."""
        first, *others = self.lines
        return " ".join((first, *(_REPEATED.sub("", line, count=1).strip() for line in others)))


class Wire(asyncio.Protocol):
    """See the module. After a WireError only abort() is of use."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._buffer = bytearray()
        self._news = asyncio.Event()
        self._ended = False
        self._transport: asyncio.Transport

    @classmethod
    async def connect(cls, ip: IPAddress, port: int, timeout: float) -> "Wire":
        """Return a connection to `ip`. Raises WireError."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(min(CONNECT_TIMEOUT, timeout)):
                _, wire = await loop.create_connection(lambda: cls(timeout), str(ip), port)
        except OSError:  # TimeoutError is one
            raise WireError("unreachable") from None
        return wire

    async def command(self, line: str) -> Reply:
        """Send one line and return the reply. Raises WireError, ValueError for a line that is more than one."""
        if "\r" in line or "\n" in line:
            raise ValueError("A command is one line.")
        if self._buffer and not self._buffer.startswith(b"421"):
            raise WireError("malformed")  # nobody asked: it would pass for the answer to this command
        if self._buffer or self._ended:
            raise WireError("dropped")
        self._transport.write(line.encode() + b"\r\n")
        return await self.reply()

    async def reply(self) -> Reply:
        """Return the next reply: all lines of one code (section 4.2.1), ending in CRLF or a bare LF. Raises WireError.

        Text that is not UTF-8 is read as Latin-1.
        """
        try:
            async with asyncio.timeout(self._timeout):
                return await self._read()
        except TimeoutError:
            raise WireError("timeout") from None

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Go on in TLS. Raises WireError, as the next command does where more was said in clear than was asked for."""
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(
                self._transport, self, context, server_hostname=host, ssl_handshake_timeout=self._timeout
            )
        except (OSError, ValueError):  # ssl.SSLError and TimeoutError are OSErrors; ValueError: no name for TLS
            raise WireError("dropped") from None
        if transport is None:
            raise WireError("dropped")
        self._transport = transport

    def abort(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # loop.create_connection makes no other

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > MAX_BYTES:
            self._transport.abort()
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._news.set()

    async def _read(self) -> Reply:
        code = b""
        lines: list[str] = []
        size = 0
        while True:
            line = await self._line()
            size += len(line)
            match = _LINE.fullmatch(line)
            if match is None or size > MAX_BYTES or len(lines) == MAX_LINES or match[1] != (code or match[1]):
                raise WireError("malformed")
            code = match[1]
            lines.append(_decoded((match[3] or b"").strip()))
            if match[2] != b"-":
                return Reply(int(code), tuple(lines))

    async def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_BYTES:
                raise WireError("malformed")
            if self._ended:
                raise WireError("dropped")
            self._news.clear()
            await self._news.wait()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
