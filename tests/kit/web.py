"""Web sites on 127.0.0.1, one server for any number of host names, that keep a log of what was asked.

    with WebServer({"example.com": {"/": "<h1>Hello</h1>", "/team": Page(status=404)}}) as server:
        server.port, server.requests, server.connections

A site is a dict from path (with the query, or without) to what is there, or a directory: text or bytes
are an HTML page, a Path is a file, a Page says everything, a function makes a Page from the Request, and
Raw has the socket to itself. The site "*" answers for hosts that have none of their own.
"""

import contextlib
import mimetypes
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote


@dataclass(frozen=True)
class Request:
    """One request as it arrived. `host` without port, `path` with its query, `headers` by lower-case name."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str]
    time: float
    body: bytes = b""


@dataclass(frozen=True)
class Page:
    """A whole answer. Content-Length is added unless `headers` has one."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Raw:
    """After the request was read, `talk` has the connection; it is closed when `talk` returns."""

    talk: Callable[[socket.socket], object]


Content = str | bytes | Path | Page | Raw | Callable[[Request], Page]
Site = Mapping[str, Content] | Path

NOT_FOUND = Page("<h1>Not found</h1>", status=404)


def redirect(to: str, status: int = 302) -> Page:
    """Return a Page that sends the client elsewhere."""
    return Page("moved", status=status, headers={"Location": to})


class WebServer:
    """See the module. With `tls` it speaks https. `requests` and `connections` (accepted so far) grow as they come."""

    def __init__(self, sites: Mapping[str, Site], tls: ssl.SSLContext | None = None) -> None:
        self.sites = dict(sites)
        self.requests: list[Request] = []
        self.connections = 0
        self._server = _Server(self, tls)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), name="kit-web")

    @property
    def address(self) -> str:
        """ "ip:port"."""
        return f"127.0.0.1:{self.port}"

    @property
    def endpoint(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order of arrival."""
        return [request.path for request in self.requests]

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def find(self, request: Request) -> Page | Raw:
        """Return what the sites hold for a request."""
        site = self.sites.get(request.host, self.sites.get("*"))
        if site is None:
            return NOT_FOUND
        bare = request.path.partition("?")[0]
        content = _in_directory(site, bare) if isinstance(site, Path) else site.get(request.path, site.get(bare))
        if content is None:
            return NOT_FOUND
        if isinstance(content, Path):
            kind = mimetypes.guess_type(content.name)[0] or "application/octet-stream"
            return Page(content.read_bytes(), media_type=kind)
        if isinstance(content, str | bytes):
            return Page(content)
        return content if isinstance(content, Page | Raw) else content(request)


def _in_directory(root: Path, path: str) -> Path | None:
    file = (root / unquote(path).lstrip("/")).resolve()
    if not file.is_relative_to(root.resolve()):
        return None
    candidates = (file / "index.html", file, file.with_name(file.name + ".html"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"
    timeout = 30
    wbufsize = -1  # one packet for head and body

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command,
            (self.headers.get("Host") or "").rpartition("]")[2].partition(":")[0].lower(),
            self.path,
            {name.lower(): value for name, value in self.headers.items()},
            time.monotonic(),
            self.rfile.read(length) if length else b"",
        )
        self.server.owner.requests.append(request)
        found = self.server.owner.find(request)
        if isinstance(found, Raw):
            self.close_connection = True
            found.talk(self.connection)
        else:
            self._send(found)

    do_GET = do_HEAD = do_POST = handle_any  # http.server's names

    def _send(self, page: Page) -> None:
        body = page.body.encode() if isinstance(page.body, str) else page.body
        self.send_response(page.status)
        headers = {**({"Content-Type": page.media_type} if page.media_type else {}), **page.headers}
        if not any(name.lower() in ("content-length", "transfer-encoding") for name in headers):
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `requests` is the log."""


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    request_queue_size = 128

    def __init__(self, owner: WebServer, tls: ssl.SSLContext | None) -> None:
        self.owner = owner
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's would look its own name up in DNS
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def get_request(self) -> tuple[socket.socket, Any]:
        sock, address = super().get_request()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self.owner.connections += 1
        return sock, address

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        # The handshake belongs here: in the accepting thread one slow client would stop them all.
        try:
            sock = self._tls.wrap_socket(request, server_side=True) if self._tls else request
        except (OSError, ValueError):
            request.close()
            return
        with self._lock:
            self._open.add(sock)
        try:
            super().process_request_thread(sock, client_address)
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def close_connections(self) -> None:
        """Wake the threads that wait for a client's next word."""
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what hostile tests are about."""
