"""A mail server on loopback that keeps what it accepted, and refuses, hangs up or waits where it is told to.

    with Outbox() as server:
        switch_on(settings, server)
        server.say["RCPT"] = "550 5.1.1 No such user"
        …
        server.accepted, server.connections

The stages are "connect" (its banner), "MAIL", "RCPT", "DATA" (its 354) and "text" (its answer to the whole message).
`hook` is called at each stage, before the answer, in the server's thread; a message is accepted before that.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HANG_UP = "hang up"

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's ten lines a message


@dataclass(frozen=True)
class Accepted:
    """A message that the server took: its envelope and its content."""

    sender: str
    recipient: str
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


class Outbox:
    """See the module. `say` holds what it says at a stage instead of yes; HANG_UP: nothing, and it is gone."""

    def __init__(self) -> None:
        self.say: dict[str, str] = {}
        self.wait: dict[str, float] = {}  # seconds before it answers, by stage
        self.hook: Callable[[str], None] = lambda _stage: None
        self.accepted: list[Accepted] = []
        self.connections = 0
        self.lock = threading.Lock()
        self._controller = _Controller(self)
        self.port: int = self._controller.port

    @property
    def recipients(self) -> list[str]:
        return [one.recipient for one in self.accepted]

    @property
    def message_ids(self) -> list[str]:
        return [one.message_id for one in self.accepted]

    def __enter__(self) -> Self:
        self._controller.start()
        self.connections = 0  # aiosmtpd tries for itself whether it listens
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    async def answer(self, server: SMTP, stage: str, yes: str) -> str:
        """Return what it says at a stage; ends the connection when told to hang up."""
        self.hook(stage)
        if stage in self.wait:
            await asyncio.sleep(self.wait[stage])
        said = self.say.get(stage, yes)
        if said == HANG_UP:
            server.transport.abort()
            raise asyncio.CancelledError  # aiosmtpd's way out of a connection that is gone
        return said

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self.answer(server, "MAIL", "250 2.1.0 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        said = await self.answer(server, "RCPT", "250 2.1.5 OK")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        taken = [Accepted(envelope.mail_from, recipient, message) for recipient in envelope.rcpt_tos]
        if self.say.get("text", HANG_UP) == HANG_UP:  # it has the message, whether or not it says so
            with self.lock:
                self.accepted += taken
        return await self.answer(server, "text", "250 2.0.0 Accepted")


class _Protocol(SMTP):
    """aiosmtpd's server, with a say at the banner and at 354."""

    owner: Outbox

    async def _handle_client(self) -> None:
        self.owner.connections += 1
        said = await self.owner.answer(self, "connect", "")
        if said:
            await self.push(said)
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:
        said = await self.owner.answer(self, "DATA", "")
        if said:
            await self.push(said)
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def __init__(self, owner: Outbox) -> None:
        self._owner = owner
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        super().__init__(owner, hostname="127.0.0.1", port=self._socket.getsockname()[1], server_hostname="mx.example")

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)

    def factory(self) -> SMTP:
        protocol = _Protocol(self.handler, **self.SMTP_kwargs)
        protocol.owner = self._owner
        return protocol


def switch_on(settings: Any, server: Outbox) -> None:
    """Let messages go, by the server."""
    settings.OUTREACH_SEND_ENABLED = True
    settings.OUTREACH_PUBLIC_URL = "https://outreach.sender.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 30
