"""A mail server on 127.0.0.1 that accepts and rejects recipients as told, and records what it was told.

    with SmtpServer({"jane@example.com": "250 OK"}) as server:
        server.port, server.commands, server.messages

Recipients that are not listed are refused with `otherwise`.
"""

import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

NO_SUCH_USER = "550 5.1.1 No such user here"


@dataclass(frozen=True)
class Command:
    """One command as it arrived: `verb` in capitals, the rest of its line, and which connection (`peer`) it came by."""

    verb: str
    argument: str
    peer: tuple[str, int]
    time: float


class SmtpServer:
    """See the module. `recipients`: replies by address, or a function from address to reply.

    It listens on `host`, any address of 127.0.0.0/8, at `port` (0: a free one). `tls` offers STARTTLS with that
    context, `smtputf8` local parts beyond ASCII. `messages` holds the envelopes that were accepted with DATA.
    """

    def __init__(
        self,
        recipients: Mapping[str, str] | Callable[[str], str],
        otherwise: str = NO_SUCH_USER,
        hostname: str = "mx.example.test",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        smtputf8: bool = False,
    ) -> None:
        self._reply = recipients if callable(recipients) else lambda address: recipients.get(address, otherwise)
        self.commands: list[Command] = []
        self.messages: list[Envelope] = []
        self.host = host
        self._controller = _Controller(self, hostname, port, tls, smtputf8)
        self.port: int = self._controller.port

    @property
    def verbs(self) -> list[str]:
        """The verbs of the commands, in order of arrival."""
        return [command.verb for command in self.commands]

    @property
    def connections(self) -> int:
        """How many different connections sent a command."""
        return len({command.peer for command in self.commands})

    @property
    def asked(self) -> list[str]:
        """The recipients asked about, in order of arrival."""
        return [
            command.argument.partition(":")[2].strip().strip("<>")
            for command in self.commands
            if command.verb == "RCPT"
        ]

    def start(self) -> Self:
        self._controller.start()
        return self

    def stop(self) -> None:
        self._controller.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def handle_RCPT(  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        reply = self._reply(address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.messages.append(envelope)
        return "250 2.0.0 Accepted"


class _Protocol(SMTP):
    """aiosmtpd's server, with a record of every command that SMTP knows."""

    def __init__(self, owner: SmtpServer, **kwargs: Any) -> None:
        super().__init__(owner, **kwargs)
        self._owner = owner
        self._smtp_methods = {verb: self._recorded(verb, method) for verb, method in self._smtp_methods.items()}

    def _recorded(self, verb: str, method: Callable[[str | None], Awaitable[None]]) -> Any:
        async def record(argument: str | None) -> None:
            self._owner.commands.append(Command(verb, argument or "", self.session.peer, time.monotonic()))
            await method(argument)

        return record


class _Controller(Controller):
    def __init__(self, owner: SmtpServer, hostname: str, port: int, tls: ssl.SSLContext | None, smtputf8: bool) -> None:
        self._owner = owner
        self._socket = socket.create_server((owner.host, port), backlog=128)
        super().__init__(
            owner,
            hostname=owner.host,
            port=self._socket.getsockname()[1],
            server_hostname=hostname,
            tls_context=tls,
            enable_SMTPUTF8=smtputf8,
        )

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)

    def factory(self) -> SMTP:
        return _Protocol(self._owner, **self.SMTP_kwargs)
