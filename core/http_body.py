"""Reading a response's body: no more of it than allowed, on the wire and after decompression."""

import re
import zlib
from collections.abc import Mapping

from urllib3 import HTTPResponse

from core.http_errors import BrokenAnswer, OverBudget

ACCEPT_ENCODING = "gzip, deflate"
_CHUNK = 65_536
_MAX_MEMBERS = 100
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


def check_framing(headers: Mapping[str, str]) -> None:
    """Raise BrokenAnswer when Content-Length is no length: nobody knows where the body ends (RFC 9112, 6.3)."""
    length = headers.get("content-length")
    if length is None or "transfer-encoding" in headers:
        return
    values = {value.strip() for value in length.split(",")}
    if len(values) != 1 or not re.fullmatch(r"[0-9]{1,18}", values.pop()):
        raise BrokenAnswer("sent a Content-Length that is no number.")


def content_length(headers: Mapping[str, str]) -> int | None:
    """Return the length that a checked response announces for its body, if any."""
    length = headers.get("content-length")
    if length is None or "transfer-encoding" in headers:
        return None
    return int(length.split(",")[0])


def read_body(raw: HTTPResponse, headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return the decoded body. `raw` has not been read.

    Raises OverBudget beyond `max_bytes`, BrokenAnswer for an encoding nobody asked for or one that does
    not decode, and whatever urllib3 raises.
    """
    if (content_length(headers) or 0) > max_bytes:
        raise OverBudget
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        inflater = None
    elif encoding in ("gzip", "x-gzip", "deflate"):
        inflater = _Inflater(max_bytes)
    else:
        raise BrokenAnswer(f"sent its page in an encoding that was not asked for ({encoding[:40]}).")
    body = bytearray()
    while chunk := raw.read(_CHUNK, decode_content=False):
        body += inflater.feed(chunk) if inflater else chunk
        if len(body) > max_bytes:
            raise OverBudget
    if inflater and inflater.unfinished:
        raise BrokenAnswer("sent a compressed page that breaks off in the middle.")
    return bytes(body)


class _Inflater:
    """Decompresses gzip, zlib and bare deflate as they arrive, never more than `room` bytes in all and one beyond."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._stream: zlib._Decompress | None = None
        self._members = 0

    @property
    def unfinished(self) -> bool:
        return self._stream is not None and not self._stream.eof

    def feed(self, data: bytes) -> bytes:
        out = bytearray()
        while data:
            if self._stream is None:
                self._stream = zlib.decompressobj(_window(data))
            elif self._stream.eof:
                # Another gzip member may follow (RFC 1952, 2.2); anything else is padding.
                if not data.startswith(b"\x1f\x8b"):
                    break
                self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise BrokenAnswer("sent a compressed page in more pieces than any page has.")
            try:
                out += self._stream.decompress(data, self._room + 1 - len(out))
            except zlib.error:
                raise BrokenAnswer("sent a compressed page that does not decompress.") from None
            if len(out) > self._room:
                raise OverBudget
            data = self._stream.unused_data
        self._room -= len(out)
        return bytes(out)


def _window(start: bytes) -> int:
    # "deflate" means zlib (RFC 9110, 8.4.1.2), but some servers send it bare. A zlib header is a multiple of 31.
    if start.startswith(b"\x1f\x8b") or (start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0):
        return _ZLIB_OR_GZIP
    return _RAW_DEFLATE
