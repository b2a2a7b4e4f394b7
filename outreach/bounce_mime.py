"""Reads a message that anybody may have sent: its headers and texts, with bounded work, and without ever raising.

Only the beginning of a message is read. Parts of type message/* (RFC 2046 section 5.2) stay texts: the parser of the
standard library would follow them however deep they lie, and build an object for every blank line of a report.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from itertools import islice

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

MAX_BYTES = 512 * 1024  # a report stands before what is returned with it, a person's words before what is attached
MAX_TEXT = 32 * 1024  # characters of one part
MAX_LINE = 1000  # characters; RFC 5321 section 4.5.3.1.6
MAX_PARTS = 24
MAX_HEADER = 4096  # characters of one header: parsing its parameters takes time that is quadratic in them
MAX_DEPTH = 3  # messages in messages

# Each multipart costs a look at every line that follows, each delimiter an object: a message is cut at too many.
_MOST = ((re.compile(rb"boundary", re.IGNORECASE), MAX_PARTS), (re.compile(rb"^--", re.MULTILINE), 2000))
_WRAPPED = re.compile(rb"(^content-type:\s*)message/", re.IGNORECASE | re.MULTILINE)
_PREFIX = "text/x-message-"  # what message/ is called while parsing
_SLOW_CODECS = frozenset({"punycode", "idna"})  # quadratic, and no charset of a mail
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "pre", "blockquote", "hr"})
_UNSEEN = frozenset({"style", "script", "head", "title"})


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf: its type in lower case ("text/plain", "message/delivery-status") and its text, decoded and cut."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A message. `headers`: the first of each name, in lower case, decoded. `parts`: its leaves that hold text."""

    headers: dict[str, str] = field(default_factory=dict)
    report_type: str = ""
    parts: tuple[Part, ...] = ()

    def header(self, name: str) -> str:
        """Return a header's value on one line, "" when there is none. `name` is in lower case."""
        return self.headers.get(name, "")


class _Bounded(Compat32):
    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        length, kept = 0, []
        for line in sourcelines:
            kept.append(line[:MAX_HEADER])
            length += len(line)
            if length > MAX_HEADER:
                break
        return super().header_source_parse(kept)


_POLICY = _Bounded()


def read(raw: bytes) -> Mail:
    """Return the message that `raw` begins with; what cannot be parsed is left out. Never raises."""
    try:
        parsed = BytesParser(policy=_POLICY).parsebytes(_WRAPPED.sub(rb"\1text/x-message-", _beginning(raw)))
        return Mail(
            _headers(parsed),
            str(parsed.get_param("report-type") or "").lower(),
            tuple(_parts(parsed)),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Mail()  # the parser's own faults: there are more ways to break a message than it knows


def _beginning(raw: bytes) -> bytes:
    raw = raw[:MAX_BYTES]
    for pattern, most in _MOST:
        if too_many := next(islice(pattern.finditer(raw), most, None), None):
            raw = raw[: too_many.start()]
    return raw


def _headers(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(str(name).lower(), value)
    return {name: decoded(str(value)) for name, value in found.items()}


def decoded(value: str) -> str:
    """Return a header's value (RFC 2047) as text on one line."""
    value = value[:MAX_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" in value:
        try:
            value = str(make_header(decode_header(value)))
        except (ValueError, LookupError):
            pass
    return " ".join(_whole(value).split())


def _type(message: Message) -> str:
    found = message.get_content_type()
    return "message/" + found.removeprefix(_PREFIX) if found.startswith(_PREFIX) else found


def _parts(message: Message) -> Iterator[Part]:
    """Yield the leaves that hold text, in order; of a broken multipart, its source as plain text."""
    waiting, count = [message], 0
    while waiting and count < MAX_PARTS:
        part = waiting.pop()
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting.extend(inner for inner in reversed(payload) if isinstance(inner, Message))
            continue
        count += 1
        kind = _type(part)
        if kind.startswith("multipart/"):
            yield Part("text/plain", lines(str(payload)))
        elif kind == "text/html":
            yield Part(kind, lines(without_markup(_text(part))))
        elif kind.startswith(("text/", "message/")):
            yield Part(kind, lines(_text(part)))


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    payload = payload[: 4 * MAX_TEXT]
    charset = str(part.get_content_charset() or "utf-8")
    if charset in _SLOW_CODECS:
        charset = "utf-8"
    try:
        return payload.decode(charset, "replace" if charset != "us-ascii" else "strict")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")


def lines(text: str) -> str:
    """Return a text with plain line ends, of bounded length and with lines of bounded length."""
    text = _whole(text[:MAX_TEXT]).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\xa0", " ")
    return "\n".join(line[:MAX_LINE].rstrip() for line in text.split("\n"))


def _whole(text: str) -> str:
    """Return a text without halves of surrogate pairs, which UTF-7 and broken bytes leave, and nothing can print."""
    return text.encode("utf-8", "replace").decode()


def without_markup(html: str) -> str:
    """Return the text that a page shows, with a line for each of its blocks."""
    try:
        root = document_fromstring(html[: 4 * MAX_TEXT].encode("utf-8", "replace"), HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return ""
    words: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        seen = isinstance(element.tag, str) and element.tag not in _UNSEEN
        if element.tag == "blockquote":
            words.append("\n\x01" if event == "start" else "\n\x02")
        if event == "start":
            words += ["\n" if element.tag in _BLOCKS else "", element.text or "" if seen else ""]
        else:
            words += ["\n" if element.tag in _BLOCKS - {"br"} else "", element.tail or ""]
    text = "\n".join(_quoting("".join(words)))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _quoting(text: str) -> Iterator[str]:
    """Yield the lines of a text, those between the marks of a quotation with a ">" before them."""
    depth = 0
    for line in text.split("\n"):
        depth += line.count("\x01") - line.count("\x02")
        plain = " ".join(line.replace("\x01", "").replace("\x02", "").split())
        yield f"> {plain}" if depth > 0 else plain
