"""Fetching one site's pages as a polite visitor: robots.txt is asked first, its pauses are kept, time is bounded."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from core.domains import registrable_domain
from core.http import FetchError, Response
from enrichment.discovery.base import Brand, Context, Diagnostic, SourceError
from enrichment.discovery.website import notices, robots
from enrichment.discovery.website.caching import HTML, PageCache
from enrichment.discovery.website.robots import Robots

PAGE_SECONDS = 15.0  # a page gets no more, and less near the end of the time allowed
NEVER_READ = frozenset({"linkedin.com", "lnkd.in"})

# What will not be better with http in place of https.
_OF_THE_HOST = frozenset({"unresolvable", "dns_failed", "blocked_address", "bad_url"})
_OF_THE_PAGE = frozenset({"content_type", "too_large"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """How it went with one page: a `response` of a status of 2xx, or the `trouble` it gave (`gone`: not there).

    With neither, time was up before it could be asked for.
    """

    url: str
    response: Response | None = None
    trouble: Diagnostic | None = None
    error: FetchError | None = None
    gone: bool = False


@dataclass(slots=True)
class Fetcher:
    """Fetches for one run of the source. Threads may share it. `token`: what robots.txt calls us.

    `clock` and `sleep` as in `time`.
    """

    context: Context
    token: str
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    began: float = field(init=False)
    _pages: PageCache = field(init=False)
    _robots: dict[str, Robots] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _next_start: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self._pages = PageCache(self.context)

    def seconds_left(self) -> float:
        return self.context.limits.max_seconds - (self.clock() - self.began)

    def over(self) -> bool:
        """Whether no further request may start."""
        return self.seconds_left() <= 0 or self.context.stopped()

    def timeout(self) -> float | None:
        """Return the seconds for one request; None for the client's own limit."""
        left = self.seconds_left()
        return None if left >= PAGE_SECONDS else max(left, 0.1)

    def robots(self, url: str) -> Robots:
        """Return the rules of the URL's origin, fetched at most once."""
        origin = origin_of(url)
        with self._lock:
            lock = self._locks.setdefault(origin, threading.Lock())
        with lock:
            if origin not in self._robots:
                self._robots[origin] = robots.read(self.context.client, origin, self.token, self.timeout(), may_be_read)
            return self._robots[origin]

    def fetch(self, url: str) -> Fetched:
        """Fetch a page, or take the kept one where it has not changed. Never raises for what the site does."""
        host = urlsplit(url).hostname or url
        rules = self.robots(url)
        if not rules.readable:
            return Fetched(url, trouble=_untold(host, rules), error=rules.error)
        if not rules.allows(url):
            return Fetched(url, trouble=notices.robots(host))
        kept = self._pages.fresh(url)
        if kept is not None and (origin_of(kept.url) == origin_of(url) or self._may_follow(kept.url)):
            return Fetched(url, kept)
        return self._ask(url, host) if self._pause(origin_of(url), rules.delay) else Fetched(url)

    def home(self, brand: Brand) -> Response:
        """Return the brand's home page: under the address given, else with http for https, or with or without www.

        Where nothing is at a longer address, the root of that host is tried.

        Raises SourceError with the trouble that the address given made.
        """
        troubles: list[Diagnostic] = []
        dead_hosts: set[str] = set()
        for url in _addresses(brand):
            host = urlsplit(url).hostname or ""
            if host in dead_hosts or (troubles and self.over()):
                continue
            fetched = self.fetch(url)
            if fetched.response is not None:
                return fetched.response
            if fetched.trouble is not None:
                troubles.append(fetched.trouble)
            if fetched.gone and (root := self.fetch(f"{origin_of(url)}/").response) is not None:
                return root
            if fetched.error is None or fetched.error.code in _OF_THE_PAGE:
                break
            if fetched.error.code in _OF_THE_HOST:
                dead_hosts.add(host)
        raise SourceError(troubles[0])

    def _ask(self, url: str, host: str) -> Fetched:
        try:
            response = self._get(url)
        except FetchError as error:
            if error.code == "not_followed":
                return self._not_followed(url, error.url)
            return Fetched(url, trouble=_trouble(error), error=error)
        if not 200 <= response.status < 300:
            gone = response.status in (404, 410)
            return Fetched(url, trouble=notices.http_status(host, response.status), gone=gone)
        return Fetched(url, response)

    def _get(self, url: str) -> Response:
        """Ask for a page if it has changed since it was kept. Raises FetchError."""
        response = self._send(url, self._pages.validators(url))
        if response.status == 304:
            kept = self._pages.confirmed(url, response)
            if kept is not None:
                return kept
            response = self._send(url, {})  # of a page that we do not have
        self._pages.keep(url, response)
        return response

    def _send(self, url: str, headers: dict[str, str]) -> Response:
        client, timeout = self.context.client, self.timeout()
        return client.get(url, accept=HTML, headers=headers, timeout=timeout, follow=self._may_follow)

    def _not_followed(self, url: str, to: str) -> Fetched:
        """Say why the page that `url` leads to was not asked for."""
        there = urlsplit(to).hostname or ""
        if not may_be_read(to):
            return Fetched(url, trouble=notices.never_read(there))
        rules = self.robots(to)
        return Fetched(url, trouble=notices.robots(there) if rules.readable else _untold(there, rules))

    def _may_follow(self, url: str) -> bool:
        """Whether a redirect to another origin may be followed: not to LinkedIn, nor where robots.txt says no."""
        return may_be_read(url) and self.robots(url).allows(url)

    def _pause(self, origin: str, delay: float) -> bool:
        """Wait for robots.txt's Crawl-delay since the last request to `origin`; False if the run ends first."""
        if not delay:
            return True
        with self._lock:
            start = max(self._next_start.get(origin, 0.0), self.clock())
            self._next_start[origin] = start + delay
        while (wait := start - self.clock()) > 0:
            if self.over():
                return False
            self.sleep(min(wait, 0.1))
        return True


def may_be_read(url: str) -> bool:
    """Return whether pages of the URL's host are read at all: those of LinkedIn never are."""
    host = (urlsplit(url).hostname or "").lower()
    return (registrable_domain(host) or host) not in NEVER_READ


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _addresses(brand: Brand) -> Iterator[str]:
    """Yield the addresses under which a brand's home page may be. Raises SourceError when there is none."""
    website = (brand.website or brand.domain or "").strip()
    try:
        parts = urlsplit(website if "://" in website else f"https://{website}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host = ""
    if not host:
        raise SourceError(notices.no_website(brand.name))
    domain = registrable_domain(host)
    if not may_be_read(f"https://{host}/"):
        raise SourceError(notices.never_read(host))
    if port:
        yield parts.geturl()
        return
    hosts = [parts.netloc]
    if domain and host in (domain, f"www.{domain}"):
        hosts.append(domain if host != domain else f"www.{domain}")
    for name in hosts:
        for scheme in (parts.scheme, "http" if parts.scheme == "https" else "https"):
            yield urlunsplit((scheme, name, parts.path or "/", parts.query, ""))


def _trouble(error: FetchError) -> Diagnostic:
    if error.code == "content_type":
        return notices.not_html(error)
    return notices.too_large(error) if error.code == "too_large" else notices.unreachable(error)


def _untold(host: str, rules: Robots) -> Diagnostic:
    """Return why nobody can tell what may be read: mostly because the whole host is out of reach."""
    if rules.error is None:
        return notices.robots_unknown(host, f"robots.txt answered with status {rules.status}")
    if rules.error.code in _OF_THE_PAGE:
        return notices.robots_unknown(host, rules.error.sentence.rstrip("."))
    return notices.unreachable(rules.error)
