"""An IMAP server on 127.0.0.1 (pymap), with one account and nothing in it, for as long as the `with` lasts.

with ImapServer() as server:
    server.append(raw)
    server.url  # imap://user:password@127.0.0.1:port/INBOX
"""

import asyncio
import ssl
import threading
from argparse import Namespace
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import quote

from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer


class ImapServer:
    """See the module. `tls`: every connection is encrypted from the start, with that context."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.user, self.password, self._tls = "grace@sender.example", "p@ss/word:1", tls  # to be percent-encoded
        self.port = 0
        self._stop: asyncio.Event
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """What OUTREACH_IMAP_URL is to be."""
        return self.url_of("INBOX")

    def url_of(self, folder: str, *, password: str | None = None) -> str:
        secret = quote(password or self.password, safe="")
        scheme = "imaps" if self._tls else "imap"
        return f"{scheme}://{quote(self.user, safe='')}:{secret}@127.0.0.1:{self.port}/{quote(folder, safe='')}"

    def client(self) -> IMAPClient:
        """Return a connection of its own, signed in, for a test to look and to change things."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False)
        client.login(self.user, self.password)
        return client

    def append(self, *mails: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Put mails there, as if they had come in just now, or `at`."""
        with self.client() as client:
            for raw in mails:
                client.append(folder, raw, msg_time=at)

    def flags(self, folder: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
        """Return the flags of every mail by its UID."""
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            return client.get_flags(client.search("ALL"))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20), "the IMAP server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        args = Namespace(
            debug=False,
            tls=False,
            host=["127.0.0.1"],
            port="0",
            cert=None,
            key=None,
            inherited_sockets=None,
            proxy_protocol=None,
            passlib_cfg=None,
            demo_data=False,
            demo_user=self.user,
            demo_password=self.password,
        )
        backend, config = await DictBackend.init(args)
        config.apply_context()
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            server = await asyncio.start_server(serve, host="127.0.0.1", port=0, ssl=self._tls)
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
