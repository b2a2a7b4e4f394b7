"""The one door to the web: GET and POST with a deadline, a size cap, checked redirects and an address guard.

Everything that can go wrong is a FetchError with a stable code and a sentence. The parts: http_address
(URLs), http_connection (sockets and the guard), http_body (bodies), politeness (pauses), http_errors.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from requests import PreparedRequest
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse
from urllib3.util.response import assert_header_parsing

from core import dns
from core.http_address import Target, follow, parse, refuse_private
from core.http_body import ACCEPT_ENCODING, check_framing, content_length, read_body
from core.http_config import Config, config_from_settings
from core.http_connection import CONNECTIONS_PER_HOST, Adapter, Exchange, Route, tls_context
from core.http_errors import FAILURES, FetchError, StaleConnection, translate
from core.politeness import Politeness

__all__ = ["Client", "Config", "FetchError", "Form", "Response", "check_url", "config_from_settings", "from_settings"]

Form = Mapping[str, str] | Sequence[tuple[str, str]]  # fields and their values; pairs when a field comes twice

_FRAMING_BYTES = 65_536  # what chunk sizes and trailers may add to a body
_DRAINED = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+-]+)", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, whatever its status. `url` is where the redirects ended; `headers` know no case.

    `content` is decompressed. `media_type` ("text/html", lower case) and `charset` come from the header;
    without one they are "" and None.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    media_type: str
    charset: str | None


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one get() or post() asks for. `json` and `form`: what a POST carries."""

    accept: tuple[str, ...]
    headers: Mapping[str, str]
    max_bytes: int
    method: str = "GET"
    json: Any = None
    form: Form | None = None


class Client:
    """Fetches pages. Threads may share one: connections are kept alive and reused by GET, cookies are not kept."""

    def __init__(self, config: Config, resolver: dns.Resolver) -> None:
        self._config = config
        self._politeness = Politeness(config.host_delay)
        tls = tls_context(config.ca_file)
        route = Route(resolver, config.allowed, config.overrides, guarded=True, on_listed=self._politeness.exempt)
        self._guarded = Adapter(route, tls)
        self._trusted = Adapter(replace(route, guarded=False), tls)

    def get(
        self,
        url: str,
        *,
        accept: tuple[str, ...] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        timeout: float | None = None,
        trusted: bool = False,
        follow: Callable[[str], bool] | None = None,
    ) -> Response:
        """Fetch `url`, following redirects, each checked anew. Statuses of 400 and above are answers, not errors.

        So is 304, the answer to a conditional request, which has no content.

        `accept`: media types wanted; a page (status 2xx) that declares another one is refused before its
        body is read, an error page of another type comes with empty content, one that declares none is
        let through. `headers`: sent to the origin of `url` only, until it redirects elsewhere. `trusted`:
        the origin of `url` is the operator's choice, so its address is not checked until it redirects elsewhere.
        `follow`: asked with the URL of each redirect to another origin; one it says no to is not requested.

        Raises FetchError.
        """
        config = self._config
        max_bytes = config.max_bytes if max_bytes is None else max_bytes
        ask = _Ask(tuple(map(str.lower, accept or ())), headers or {}, max_bytes)
        exchange = Exchange(config.timeout if timeout is None else timeout)
        target = first = parse(url)
        seen: set[str] = set()
        while True:
            seen.add(target.url)
            if target.origin != first.origin:
                # For good: whoever was asked in between may send us back to any path there.
                ask, trusted = replace(ask, headers={}), False
            try:
                hop = self._hop(target, ask, exchange, trusted)
            except FetchError as error:
                if target.host == first.host:
                    raise
                sentence = f"{first.host} redirects to {target.host}. {error.sentence}"
                raise FetchError(error.code, sentence, error.url) from error
            if isinstance(hop, Response):
                return hop
            if hop.url in seen:
                sentence = f"{first.host} redirects in a circle; it may insist on cookies."
                raise FetchError("too_many_redirects", sentence, hop.url)
            if len(seen) > config.max_redirects:
                sentence = f"{first.host} redirects more than {config.max_redirects} times."
                raise FetchError("too_many_redirects", sentence, hop.url)
            if follow and hop.origin != target.origin and not follow(hop.url):
                raise FetchError("not_followed", f"{target.host} leads to {hop.host}, which is not read.", hop.url)
            target = hop

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        form: Form | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        timeout: float | None = None,
        trusted: bool = False,
    ) -> Response:
        """Send `json` (any value but None) or the fields of a `form` to `url`, once; what comes back as for get().

        It goes over a connection of its own and is never repeated: whether a server that fell silent has done what it
        was asked cannot be known. No redirect is followed.

        Raises FetchError (not_followed for a redirect).
        """
        config = self._config
        max_bytes = config.max_bytes if max_bytes is None else max_bytes
        ask = _Ask((), headers or {}, max_bytes, "POST", json, form)
        target = parse(url)
        hop = self._hop(target, ask, Exchange(config.timeout if timeout is None else timeout, fresh=True), trusted)
        if isinstance(hop, Response):
            return hop
        sentence = f"{target.host} sends what was posted there on to {hop.host}, which gets nothing."
        raise FetchError("not_followed", sentence, hop.url)

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._guarded.close()
        self._trusted.close()

    def _hop(self, target: Target, ask: _Ask, exchange: Exchange, trusted: bool) -> Response | Target:
        if not trusted:
            refuse_private(target, self._config.allowed, self._config.overrides)
        return self._fetch(target, ask, exchange, self._trusted if trusted else self._guarded)

    def _fetch(self, target: Target, ask: _Ask, exchange: Exchange, adapter: Adapter) -> Response | Target:
        own = target.host in self._config.overrides or self._config.allowed.lists(target.host)
        with self._politeness.turn(f"{target.host}:{target.port}", exempt=own) as waited, exchange.active():
            exchange.extend(waited)
            exchange.url = target.url
            try:
                raw = self._send(self._request(target, ask), exchange, adapter)
                try:
                    return self._receive(raw, target, ask, exchange)
                finally:
                    raw.close()
                    raw.release_conn()
            except FAILURES as failure:
                raise translate(failure, target.host, target.url, ask.max_bytes) from failure

    def _request(self, target: Target, ask: _Ask) -> PreparedRequest:
        headers = CaseInsensitiveDict(
            {
                "Accept": ", ".join([*ask.accept, "*/*;q=0.1"]) if ask.accept else "*/*",
                **ask.headers,
                "Accept-Encoding": ACCEPT_ENCODING,
                "Host": target.authority,
                "User-Agent": self._config.user_agent,
            }
        )
        request = PreparedRequest()
        try:
            request.prepare(ask.method, target.url, headers=headers, data=ask.form, json=ask.json)
        except RequestException:
            raise FetchError(
                "bad_url", f"No request to {target.host} can be written; check its headers and content.", target.url
            ) from None
        return request

    def _send(self, request: PreparedRequest, exchange: Exchange, adapter: Adapter) -> HTTPResponse:
        for _ in range(CONNECTIONS_PER_HOST):
            try:
                return adapter.exchange(request, exchange)
            except StaleConnection:
                pass  # closed while it was idle: the next one, and at last a new one
        return adapter.exchange(request, exchange)

    def _receive(self, raw: HTTPResponse, target: Target, ask: _Ask, exchange: Exchange) -> Response | Target:
        headers = CaseInsensitiveDict(raw.headers)
        if raw._original_response:
            assert_header_parsing(raw._original_response.msg)
        check_framing(headers)
        exchange.allow(ask.max_bytes + _FRAMING_BYTES)
        if raw.status in _REDIRECTS and "location" in headers:
            length = content_length(headers)
            if length is not None and length <= _DRAINED:
                raw.drain_conn()  # so that the connection can be used again
            return follow(target, headers["location"])
        media_type, charset = _content_type(headers.get("content-type", ""))
        if raw.status == 304:  # has no body, whatever its headers say of the page (RFC 9110, 15.4.5)
            return Response(target.url, raw.status, headers, b"", media_type, charset)
        content = b""
        if not ask.accept or not media_type or media_type in ask.accept:
            content = read_body(raw, headers, ask.max_bytes)
        elif raw.status < 400:
            sentence = f"{target.host} sent {media_type} where {' or '.join(ask.accept)} was expected."
            raise FetchError("content_type", sentence, target.url)
        return Response(target.url, raw.status, headers, content, media_type, charset)


def _content_type(header: str) -> tuple[str, str | None]:
    media_type, charset = _MEDIA_TYPE.match(header), _CHARSET.search(header)
    return media_type[1].lower() if media_type else "", charset[1] if charset else None


def check_url(url: str, config: Config | None = None) -> str:
    """Return `url` normalised, if it may be asked for at all; nothing is resolved or sent.

    Scheme http or https, a host, no credentials, no private or local address in any notation, unless
    `config` (by default this installation's) allows or overrides it. Raises FetchError bad_url or
    blocked_address.
    """
    config = config or config_from_settings()
    target = parse(url)
    refuse_private(target, config.allowed, config.overrides)
    return target.url


def from_settings() -> Client:
    """Return a client for this installation. Close it when done. Raises ImproperlyConfigured."""
    return Client(config_from_settings(), dns.from_settings())
