"""A mail server on loopback that says, byte for byte, what a script tells it: the rude, the broken and the hostile.

    with ScriptedSmtpServer({"RCPT": b"250 OK\\r\\n", "MAIL": Say(b"451 Later\\r\\n", close=True)}) as server:
        server.port, server.lines

What the script leaves out is answered as an ordinary server would, without extensions.
"""

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Say:
    """What the server does at one point.

    It sends `data`, in pieces of `piece` bytes (0: at once) `pause` seconds apart, over and over if `endless`;
    then it may `close` the connection, or go on in TLS with the context `tls`.
    """

    data: bytes = b""
    piece: int = 0
    pause: float = 0.0
    endless: bool = False
    close: bool = False
    tls: ssl.SSLContext | None = None


Step = bytes | Say
Script = Mapping[str, Step | Sequence[Step] | Callable[[str], Step]]

ORDINARY: Script = {
    "connect": b"220 mx.example.test ESMTP\r\n",
    "EHLO": b"250 mx.example.test\r\n",
    "HELO": b"250 mx.example.test\r\n",
    "STARTTLS": b"502 5.5.1 Not here\r\n",
    "MAIL": b"250 2.1.0 OK\r\n",
    "RCPT": b"550 5.1.1 No such user\r\n",
    "RSET": b"250 2.0.0 OK\r\n",
    "DATA": b"354 Go ahead\r\n",
    "QUIT": Say(b"221 2.0.0 Bye\r\n", close=True),
}
SILENCE = Say()


class ScriptedSmtpServer:
    """See the module. `script` goes by verb, and "connect" for the banner.

    A sequence answers the first, second … time that the verb is heard, by whatever connection; the last goes on for
    ever. A function is given the whole line. `lines` holds what was heard, `sessions` the same by connection.
    """

    def __init__(self, script: Script, host: str = "127.0.0.1", port: int = 0) -> None:
        self._script = {**ORDINARY, **script}
        self._heard: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.sessions: list[list[str]] = []
        self._server = _Server((host, port), _Handler)
        self._server.owner = self
        self.host = host
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), name="kit-smtp-script")

    @property
    def lines(self) -> list[str]:
        return [line for session in self.sessions for line in session]

    @property
    def verbs(self) -> list[str]:
        return [line.partition(" ")[0] for line in self.lines]

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()  # waits for the threads
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def session(self) -> list[str]:
        """Open the record of a connection."""
        with self._lock:
            self.sessions.append([])
            return self.sessions[-1]

    def step(self, verb: str, line: str) -> Say:
        """Return what comes after this line."""
        entry = self._script.get(verb, b"500 5.5.2 What?\r\n")
        if callable(entry):
            entry = entry(line)
        elif not isinstance(entry, bytes | Say):
            with self._lock:
                turn = self._heard.get(verb, 0)
                self._heard[verb] = turn + 1
            entry = entry[min(turn, len(entry) - 1)]
        return Say(entry) if isinstance(entry, bytes) else entry

    def say(self, connection: socket.socket, say: Say) -> None:
        """Send it. Raises OSError when the client has gone."""
        size = say.piece or max(1, len(say.data))
        while say.data and not self._stopping.is_set():
            for start in range(0, len(say.data), size):
                connection.sendall(say.data[start : start + size])
                if say.pause and self._stopping.wait(say.pause):
                    return
            if not say.endless:
                return

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        owner: ScriptedSmtpServer = self.server.owner
        self.request.settimeout(0.05)  # for the server's end to be noticed
        lines = owner.session()
        with contextlib.suppress(OSError):
            goes_on = self._act(owner.step("connect", ""))
            while goes_on and (line := self._line()) is not None:
                lines.append(line)
                goes_on = self._act(owner.step(line.partition(" ")[0].upper(), line))

    def finish(self) -> None:
        self.request.close()  # in TLS, another socket than the server's own

    def _act(self, say: Say) -> bool:
        self.request.setblocking(True)
        self.server.owner.say(self.request, say)
        if say.tls:
            self.request = say.tls.wrap_socket(self.request, server_side=True)
        self.request.settimeout(0.05)
        return not say.close

    def _line(self) -> str | None:
        data = b""
        while not data.endswith(b"\n"):
            try:
                byte = self.request.recv(1)
            except TimeoutError:
                if self.server.owner.stopping:
                    return None
                continue
            if not byte:
                return None
            data += byte
        return data.decode("utf-8", "replace").rstrip("\r\n")


class _Server(socketserver.ThreadingTCPServer):
    owner: ScriptedSmtpServer
    allow_reuse_address = True
    request_queue_size = 128

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)
        request.close()
