"""The one door to the web: GET with a deadline, a size cap, checked redirects and an address guard.

Everything that can go wrong is a FetchError with a stable code and a sentence. The parts: http_address
(URLs), http_connection (sockets and the guard), http_body (bodies), politeness (pauses), http_errors.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from requests import PreparedRequest
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse
from urllib3.util.response import assert_header_parsing

from core import dns, hosts
from core.guard import Allowed
from core.http_address import Target, follow, parse, refuse_private
from core.http_body import ACCEPT_ENCODING, check_framing, content_length, read_body
from core.http_connection import CONNECTIONS_PER_HOST, Adapter, Exchange, Route, tls_context
from core.http_errors import FAILURES, FetchError, StaleConnection, translate
from core.politeness import Politeness

__all__ = ["Client", "Config", "FetchError", "Response", "check_url", "config_from_settings", "from_settings"]

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
class Config:
    """How to fetch. `timeout`: seconds for a whole request with its look-ups and redirects, without the
    pauses that politeness asks for. `max_bytes`: of a body, compressed and decompressed.
    `host_delay`: seconds between request starts at one host. `overrides`: host name to the endpoint that
    answers for it in clear HTTP. `ca_file`: certificate authorities (PEM) in place of certifi's.
    """

    user_agent: str
    timeout: float = 15.0
    max_bytes: int = 5_000_000
    max_redirects: int = 10
    host_delay: float = 0.2
    overrides: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    allowed: Allowed = field(default_factory=Allowed)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one get() asks for, the same at each hop."""

    accept: frozenset[str]
    headers: Mapping[str, str]
    max_bytes: int


class Client:
    """Fetches pages. Threads may share one: connections are kept alive and reused, cookies are not kept."""

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
    ) -> Response:
        """Fetch `url`, following redirects, each checked anew. Statuses of 400 and above are answers, not errors.

        `accept`: media types wanted; a page (status 2xx) that declares another one is refused before its
        body is read, an error page of another type comes with empty content, one that declares none is
        let through. `headers`: sent to the origin of `url` only, not to where it redirects. `trusted`: the
        origin of `url` is the operator's choice, so its address is not checked; those it redirects to are.

        Raises FetchError.
        """
        config = self._config
        ask = _Ask(
            frozenset(map(str.lower, accept or ())), headers or {}, config.max_bytes if max_bytes is None else max_bytes
        )
        exchange = Exchange(config.timeout if timeout is None else timeout)
        target = first = parse(url)
        seen: set[str] = set()
        while True:
            at_home = target.origin == first.origin
            if not (trusted and at_home):
                refuse_private(target, config.allowed, config.overrides)
            seen.add(target.url)
            adapter = self._trusted if trusted and at_home else self._guarded
            hop = self._fetch(target, ask if at_home else replace(ask, headers={}), exchange, adapter)
            if isinstance(hop, Response):
                return hop
            if hop.url in seen or len(seen) > config.max_redirects:
                way = (
                    "in a circle (it may insist on cookies)"
                    if hop.url in seen
                    else f"more than {config.max_redirects} times"
                )
                raise FetchError("too_many_redirects", f"{first.host} redirects {way}.", hop.url)
            target = hop

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._guarded.close()
        self._trusted.close()

    def _fetch(self, target: Target, ask: _Ask, exchange: Exchange, adapter: Adapter) -> Response | Target:
        own = target.host in self._config.overrides or self._config.allowed.lists(target.host)
        with self._politeness.turn(target.host, exempt=own) as waited, exchange.active():
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
                "Accept": ", ".join([*sorted(ask.accept), "*/*;q=0.1"]) if ask.accept else "*/*",
                **ask.headers,
                "Accept-Encoding": ACCEPT_ENCODING,
                "Host": target.authority,
                "User-Agent": self._config.user_agent,
            }
        )
        request = PreparedRequest()
        try:
            request.prepare("GET", target.url, headers=headers)
        except RequestException:
            raise FetchError(
                "bad_url", f"No request to {target.host} can be written; check its headers.", target.url
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
        content_type = headers.get("content-type", "")
        media_type = _first_group(_MEDIA_TYPE.match(content_type)) or ""
        charset = _first_group(_CHARSET.search(content_type))
        respond = partial(Response, target.url, raw.status, headers, media_type=media_type.lower(), charset=charset)
        if ask.accept and media_type and media_type.lower() not in ask.accept:
            if raw.status < 400:
                sentence = (
                    f"{target.host} sent {media_type.lower()} where {' or '.join(sorted(ask.accept))} was expected."
                )
                raise FetchError("content_type", sentence, target.url)
            return respond(content=b"")
        return respond(content=read_body(raw, headers, ask.max_bytes))


def _first_group(match: re.Match[str] | None) -> str | None:
    return match[1] if match else None


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


def config_from_settings() -> Config:
    """Return this installation's configuration. Raises ImproperlyConfigured with a sentence naming the variable."""
    try:
        allowed = Allowed.parse(settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"ENRICHMENT_ALLOWED_PRIVATE_HOSTS: {error} Write names, addresses or networks, separated by "
            "commas: searxng.internal,10.1.2.3,192.168.0.0/24."
        ) from None
    for name in ("TIMEOUT_SECONDS", "MAX_BYTES"):
        if getattr(settings, f"ENRICHMENT_HTTP_{name}") <= 0:
            raise ImproperlyConfigured(f"ENRICHMENT_HTTP_{name} must be more than 0.")
    if settings.ENRICHMENT_HTTP_HOST_DELAY_SECONDS < 0:
        raise ImproperlyConfigured("ENRICHMENT_HTTP_HOST_DELAY_SECONDS must be 0 or more.")
    if not re.fullmatch(r"[\x20-\x7e]+", settings.ENRICHMENT_USER_AGENT.strip()):
        raise ImproperlyConfigured("ENRICHMENT_USER_AGENT must be printable ASCII, and not empty.")
    return Config(
        user_agent=settings.ENRICHMENT_USER_AGENT.strip(),
        timeout=settings.ENRICHMENT_HTTP_TIMEOUT_SECONDS,
        max_bytes=settings.ENRICHMENT_HTTP_MAX_BYTES,
        host_delay=settings.ENRICHMENT_HTTP_HOST_DELAY_SECONDS,
        overrides=dict(_override(entry.strip()) for entry in settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE if entry.strip()),
        allowed=allowed,
    )


def _override(entry: str) -> tuple[str, tuple[str, int]]:
    host, equals, endpoint = entry.partition("=")
    try:
        if not equals or not re.search(r":\d+$", endpoint):
            raise ValueError(entry)
        ip, port = hosts.parse_endpoint(endpoint.strip())
        return parse(f"http://{host.strip()}/").host, (str(ip), port)
    except (ValueError, FetchError):
        raise ImproperlyConfigured(
            f"ENRICHMENT_HTTP_HOSTS_OVERRIDE: {entry!r} is not host=address:port. Write for instance "
            "example.com=127.0.0.1:9001,example.org=[::1]:9001."
        ) from None


def from_settings() -> Client:
    """Return a client for this installation. Close it when done. Raises ImproperlyConfigured."""
    return Client(config_from_settings(), dns.from_settings())
