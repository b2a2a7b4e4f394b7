"""The website source: read the pages of a brand's own site that are likely to name people.

From the home page along the links that promise most, within the limits of pages and seconds, obeying robots.txt.
Pages are fetched in threads (two at once per host, core/politeness.py) and parsed in the calling one.
"""

import hashlib
import math
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from core.http import Response
from enrichment.discovery import confidence
from enrichment.discovery.base import Brand, Context, Diagnostic, Findings, Person
from enrichment.discovery.website import links, notices, pages, people, robots, sitemaps
from enrichment.discovery.website.fetching import Fetched, Fetcher, origin_of
from enrichment.discovery.website.frontier import Frontier, Waiting, floor
from enrichment.discovery.website.links import PRESENTS_PEOPLE, PROFILE, WORTHWHILE, Judgement
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.sightings import STRUCTURED_DATA

AT_ONCE = 2
FEW_LINKS = 2  # with fewer promising links than these, the sitemap is asked
MAX_PEOPLE = 1_000
NEXT_TO_NO_TEXT = 200  # characters
REDIRECT = Judgement(WORTHWHILE)
TICK = 0.2  # seconds between looks at the clock and at `stopped()`


class WebsiteSource:
    """Finds the people whom a brand's website shows. `user_agent`: the one the client sends; robots.txt may name it."""

    name = "website"
    seconds = math.inf  # Limits.max_seconds holds: at its end the source stops by itself

    def __init__(self, user_agent: str = robots.PRODUCT) -> None:
        self._token = robots.product_token(user_agent)

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return the people on the brand's website with the evidence, and the addresses that are nobody's in person.

        Raises SourceError (no_website, unreachable, robots, http_status, not_html, too_large) when the home page
        cannot be read. Otherwise the diagnostics say why nobody was found, and what was left out.
        """
        fetcher = Fetcher(context, self._token)
        home = fetcher.home(brand)
        crawl = _Crawl(fetcher, home.url)
        asked = links.site_of(brand.website or "") or brand.domain
        if asked and asked != crawl.frontier.site:
            crawl.diagnostics.append(notices.moved(asked, crawl.frontier.site))
        crawl.read(home, kind="home")
        crawl.look_at_sitemap()
        crawl.follow_links()
        return crawl.findings()


@dataclass(slots=True)
class _Crawl:
    """One reading of one site. Belongs to the calling thread; only `fetcher.fetch` runs in others."""

    fetcher: Fetcher
    home: str
    frontier: Frontier = field(init=False)
    found: list[Person] = field(default_factory=list)
    addresses: dict[str, None] = field(default_factory=dict)
    single_names: dict[str, None] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    troubles: list[Diagnostic] = field(default_factory=list)
    requested: int = 1
    read_pages: int = 0
    script_pages: int = 0
    unfinished: int = 0
    without_news: int = 0
    facts: set[str] = field(default_factory=set)
    contents: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.frontier = Frontier(links.site_of(self.home))
        self.frontier.seen(self.home)

    @property
    def host(self) -> str:
        return urlsplit(self.home).hostname or self.home

    def read(self, response: Response, kind: str) -> None:
        """Take the people, addresses and links from a page."""
        self.frontier.seen(response.url)
        digest = hashlib.blake2b(response.content, digest_size=16).digest()
        if links.site_of(response.url) != self.frontier.site or digest in self.contents:
            return
        self.contents.add(digest)
        page = pages.parse(response.content, response.charset, response.url)
        self.read_pages += 1
        self.script_pages += _is_built_by_scripts(page)
        if kind == "home":
            self.frontier.language = page.language
        extraction = people.extract(page)
        self.found += [_on_own_page(person) if kind in PRESENTS_PEOPLE else person for person in extraction.people]
        self.addresses.update(dict.fromkeys(extraction.emails))
        self.single_names.update(dict.fromkeys(extraction.single_names))
        self._count_news(extraction)
        canonical = _canonical(page)
        if canonical and links.site_of(canonical) == self.frontier.site:
            self.frontier.seen(canonical)
        self.frontier.offer(_links(page))
        for target in _redirects(page):
            if links.site_of(target) == self.frontier.site:
                self.frontier.add(target, REDIRECT)

    def look_at_sitemap(self) -> None:
        """Ask the sitemap where the home page's links promise little."""
        if self.frontier.left(WORTHWHILE) >= FEW_LINKS or self.fetcher.over():
            return
        rules = self.fetcher.robots(self.home)
        listed = sitemaps.addresses(
            self.fetcher.context.client, rules.sitemaps, origin_of(self.home), self._may_fetch, self.fetcher.timeout
        )
        self.frontier.offer(((url, "") for url in listed), least=PROFILE)

    def follow_links(self) -> None:
        """Read page after page until none promises enough, or a limit is reached."""
        pool = ThreadPoolExecutor(AT_ONCE, "website")
        running: dict[Future[Fetched], Waiting] = {}
        try:
            while not self.fetcher.over():
                self._start_fetches(pool, running)
                if not running:
                    break
                done, _ = wait(running, timeout=TICK, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(future.result(), running.pop(future).kind)
            self.unfinished += len(running) if self._time_is_up() else 0
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def findings(self) -> Findings:
        """Return what was found, and what the user should know."""
        owned = {person.email for person in self.found}
        return Findings(
            people=tuple(self.found[:MAX_PEOPLE]),
            addresses=tuple(address for address in self.addresses if address not in owned),
            diagnostics=(*self.diagnostics, *self._limits(), *self._left_out()),
        )

    def _start_fetches(self, pool: ThreadPoolExecutor, running: dict[Future[Fetched], Waiting]) -> None:
        while len(running) < AT_ONCE and self.requested < self.fetcher.context.limits.max_pages and not self._is_full():
            # What promises little waits until the pages under way have told what they hold.
            least = self._floor() if not running else max(self._floor(), WORTHWHILE)
            waiting = self.frontier.best(least)
            if waiting is None:
                return
            self.requested += 1
            running[pool.submit(self.fetcher.fetch, waiting.url)] = waiting

    def _take(self, fetched: Fetched, kind: str) -> None:
        if fetched.response is not None:
            self.read(fetched.response, kind)
        elif fetched.trouble is None or (self._time_is_up() and fetched.error and fetched.error.code == "timeout"):
            self.unfinished += 1
        elif fetched.trouble.code != "not_html" and not fetched.gone:
            self.troubles.append(fetched.trouble)

    def _count_news(self, extraction: people.Extraction) -> None:
        facts = {
            fact for person in extraction.people for fact in (person.name, person.email, person.linkedin_id) if fact
        }
        facts.update(extraction.emails)
        self.without_news = 0 if facts - self.facts else self.without_news + 1
        self.facts |= facts

    def _floor(self) -> int:
        return floor(bool(self.found), self.without_news)

    def _time_is_up(self) -> bool:
        return self.fetcher.seconds_left() <= TICK

    def _is_full(self) -> bool:
        return len(self.found) >= MAX_PEOPLE

    def _may_fetch(self, url: str) -> bool:
        return not self.fetcher.over() and self.fetcher.robots(url).allows(url)

    def _limits(self) -> Iterator[Diagnostic]:
        limits = self.fetcher.context.limits
        left = self.frontier.left(max(self._floor(), WORTHWHILE)) + self.unfinished
        if self._is_full():
            yield notices.people_limit(MAX_PEOPLE)
        elif left and self.requested >= limits.max_pages:
            yield notices.page_limit(self.requested, left)
        elif left and self._time_is_up():
            yield notices.time_limit(limits.max_seconds, left)

    def _left_out(self) -> Iterator[Diagnostic]:
        named = {person.first_name for person in self.found}
        singles = [name for name in self.single_names if name not in named]
        if singles:
            yield notices.single_names(singles)
        blocked = sum(trouble.code == "robots" for trouble in self.troubles)
        if blocked:
            yield notices.some_by_robots(self.host, blocked)
        failed = [trouble for trouble in self.troubles if trouble.code != "robots"]
        if failed:
            yield notices.pages_failed(len(failed), failed[0].sentence)
        if not self.found and not self.fetcher.context.stopped():
            script_only = self.script_pages * 2 >= self.read_pages
            shown = notices.needs_javascript if script_only else notices.no_people
            yield shown(self.host, self.script_pages if script_only else self.read_pages)


def _on_own_page(person: Person) -> Person:
    """Return somebody from a page whose link said that it presents people."""
    sure = confidence.website(
        own_page=True,
        has_title=person.title is not None,
        structured=person.method == STRUCTURED_DATA,
        has_address=person.email is not None,
    )
    return replace(person, confidence=max(person.confidence, sure))


def _is_built_by_scripts(page: Page) -> bool:
    return page.root.find(".//script") is not None and len(pages.visible_text(page.root)) < NEXT_TO_NO_TEXT


def _canonical(page: Page) -> str | None:
    found = page.root.xpath("string(//link[translate(@rel,'CANONIL','canonil')='canonical']/@href)")
    return links.clean(pages.absolute(page.base_url, str(found))) if found else None


def _links(page: Page) -> Iterator[tuple[str, str]]:
    """Yield a page's links with their texts, frames among them."""
    for link in page.links:
        yield link.url, link.text
    for frame in page.root.iter("frame"):
        yield pages.absolute(page.base_url, frame.get("src") or ""), frame.get("name") or ""


def _redirects(page: Page) -> Iterator[str]:
    """Yield the addresses to which a page sends browsers at once."""
    for content in page.root.xpath("//meta[translate(@http-equiv,'REFSH','refsh')='refresh']/@content"):
        _, _, target = str(content).partition("=")
        cleaned = links.clean(pages.absolute(page.base_url, target.strip(" '\"")))
        if cleaned:
            yield cleaned
