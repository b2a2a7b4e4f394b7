"""Reading a URL the way that is safe to fetch: one meaning, no credentials, no address in disguise."""

import re
from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from requests.utils import requote_uri

from core.guard import Allowed, literal_address
from core.hosts import LOOPBACK, host_name, is_localhost
from core.http_errors import FetchError

MAX_URL = 8_192
_PORTS = {"http": 80, "https": 443}
_ODD = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. `host` is ASCII, lower case, without brackets; addresses in their usual notation."""

    scheme: str
    host: str
    port: int
    path: str  # with the query, percent-encoded

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def parse(url: str) -> Target:
    """Take a URL apart; the fragment is dropped, what must be percent-encoded is. Raises FetchError bad_url."""
    text = url.strip()
    if len(text) > MAX_URL:
        raise FetchError("bad_url", f"The address is longer than {MAX_URL:,} characters.", url[:200])
    if _ODD.search(text):
        raise FetchError("bad_url", "The address contains a control character or a backslash.", url)
    try:
        parts = urlsplit(text)
        port = parts.port
        path = requote_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    except ValueError:
        raise FetchError("bad_url", "The address is not a well-formed URL.", url) from None
    if parts.scheme not in _PORTS:
        found = f"this one is {parts.scheme!r}" if parts.scheme else "start it with https://"
        raise FetchError("bad_url", f"Only http:// and https:// addresses can be fetched; {found}.", url)
    if "@" in parts.netloc:
        raise FetchError("bad_url", "The address carries a user name or a password; leave them out.", url)
    if port == 0:
        raise FetchError("bad_url", "The address names port 0, which cannot be connected to.", url)
    return Target(parts.scheme, _host(parts.hostname or "", url), port or _PORTS[parts.scheme], path)


def follow(target: Target, location: str) -> Target:
    """Return where a redirect of `target` leads. Raises FetchError bad_url."""
    try:
        # Header bytes arrive as Latin-1; what servers write there is UTF-8.
        location = location.encode("latin-1").decode()
    except UnicodeError:
        pass
    try:
        return parse(urljoin(target.url, location.strip()))
    except FetchError as error:
        raise FetchError(
            error.code, f"{target.host} redirects to nowhere usable. {error.sentence}", error.url
        ) from None
    except ValueError:
        raise FetchError("bad_url", f"{target.host} redirects to a malformed address.", target.url) from None


def refuse_private(target: Target, allowed: Allowed, overrides: Container[str]) -> None:
    """Raise FetchError blocked_address when the host itself says that it is not public: an address, localhost."""
    if target.host in overrides:
        return
    ip = literal_address(target.host)
    ips = (ip,) if ip else LOOPBACK if is_localhost(target.host) else ()
    if ips and not any(allowed.permits(target.host, ip) for ip in ips):
        raise blocked(target.host, target.url)


def blocked(host: str, url: str) -> FetchError:
    """Return the refusal of a host that is not on the public internet."""
    sentence = (
        f"{host} is on this machine or a private network, which is never fetched. "
        "If it is yours, list it in ENRICHMENT_ALLOWED_PRIVATE_HOSTS."
    )
    return FetchError("blocked_address", sentence, url)


def _host(text: str, url: str) -> str:
    if not text:
        raise FetchError("bad_url", "The address has no host name.", url)
    host = unquote(text)
    try:
        if ":" not in host:
            host = host_name(host)
        ip = literal_address(host)
    except ValueError:
        raise FetchError("bad_url", f"{text[:100]!r} is not a valid host name.", url) from None
    return host if ip is None else ip.compressed
