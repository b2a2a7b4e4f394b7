"""A mail server on 127.0.0.1 that accepts and rejects recipients as told, and records what it was told.

    with SmtpServer({"jane@example.com": "250 OK"}) as server:
        server.port, server.commands, server.messages

Recipients that are not listed are refused with `otherwise`.
"""

import socket
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

    `messages` holds the envelopes that were accepted with DATA.
    """

    def __init__(
        self,
        recipients: Mapping[str, str] | Callable[[str], str],
        otherwise: str = NO_SUCH_USER,
        hostname: str = "mx.example.test",
    ) -> None:
        self._reply = recipients if callable(recipients) else lambda address: recipients.get(address, otherwise)
        self.commands: list[Command] = []
        self.messages: list[Envelope] = []
        self._controller = _Controller(self, hostname)
        self.port: int = self._controller.port

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
    def __init__(self, owner: SmtpServer, hostname: str) -> None:
        self._owner = owner
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        port = self._socket.getsockname()[1]
        super().__init__(owner, hostname="127.0.0.1", port=port, server_hostname=hostname)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)

    def factory(self) -> SMTP:
        return _Protocol(self._owner, **self.SMTP_kwargs)
