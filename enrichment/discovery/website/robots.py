"""robots.txt, the owner's word on what may be read (RFC 9309), parsed by protego.

A missing file (4xx) forbids nothing. One that cannot be had now (5xx, no connection, too large to read) forbids
everything this time: nobody can tell what it says.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from protego import Protego

from core.http import Client, FetchError

PRODUCT = "ContactEnrichment"
MAX_BYTES = 500_000  # RFC 9309, 2.5 asks for 500 KiB or so at least
MAX_DELAY = 5.0  # seconds; a longer Crawl-delay is shortened to this

_TOKEN = re.compile(r"[A-Za-z_-]+")
_AGENT_LINE = re.compile(r"\s*user[-\s]?agent(?:\s*:|\s)(?P<name>[^#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin. `delay`: seconds between requests; `error`: why the file could not be had, if so."""

    token: str
    rules: Protego | None = None
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()
    error: FetchError | None = field(default=None)
    status: int = 200

    @property
    def readable(self) -> bool:
        """Whether the rules are known, be it that there are none."""
        return self.error is None and self.status < 500

    def allows(self, url: str) -> bool:
        """Return whether `url`, of this origin, may be fetched."""
        return self.readable and (self.rules is None or self.rules.can_fetch(url, self.token))


def product_token(user_agent: str) -> str:
    """Return the name by which robots.txt speaks of a User-Agent header: its first word (RFC 9309, 2.2.1)."""
    match = _TOKEN.match(user_agent.strip())
    return match.group() if match else PRODUCT


def read(
    client: Client,
    origin: str,
    token: str,
    timeout: float | None = None,
    follow: Callable[[str], bool] | None = None,
) -> Robots:
    """Return the rules of `origin` ("https://example.com") for the crawler `token`, whatever the site does.

    `follow`: whether a redirect to another origin may be followed (core/http.py).
    """
    try:
        response = client.get(f"{origin}/robots.txt", max_bytes=MAX_BYTES, timeout=timeout, follow=follow)
    except FetchError as error:
        if error.code in ("too_many_redirects", "not_followed"):
            return Robots(token)  # RFC 9309, 2.3.1.2: as if there were none
        return Robots(token, error=error)
    if not 200 <= response.status < 300:
        return Robots(token, status=response.status)
    return parse(response.content.decode("utf-8-sig", "replace"), token)


def parse(text: str, token: str) -> Robots:
    """Return the rules in the text of a robots.txt."""
    rules = Protego.parse(_for_us(text, token))
    delay = rules.crawl_delay(token) or 0.0
    rate = rules.request_rate(token)
    if rate is not None and rate.requests > 0:
        delay = max(delay, rate.seconds / rate.requests)
    return Robots(token, rules, min(max(delay, 0.0), MAX_DELAY), tuple(rules.sitemaps))


def _for_us(text: str, token: str) -> str:
    """Return the text with the names of all other crawlers made one.

    protego copies each rule to every crawler of its group: a file of thousands of both would keep it busy for minutes.
    """
    lines: list[str] = []
    for line in text.splitlines():
        match = _AGENT_LINE.match(line)
        if match is None:
            lines.append(line)
            continue
        name = match["name"].strip().lower()
        kept = f"User-agent: {name if name in ('*', token.lower()) else '-'}"
        if not lines or lines[-1] != kept:
            lines.append(kept)
    return "\n".join(lines)
