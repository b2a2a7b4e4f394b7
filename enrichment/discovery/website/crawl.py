"""The website source: read the pages of a brand's own site that are likely to name people.

From the home page along the links that promise most, within the limits of pages and seconds, obeying robots.txt.
Pages are fetched in threads (two at once per host, core/politeness.py) and parsed in the calling one.
"""

import hashlib
import math
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core.http import Response
from enrichment.discovery import register_numbers
from enrichment.discovery.base import Brand, Context, Diagnostic, Findings
from enrichment.discovery.website import links, notices, page_links, pages, robots, sitemaps, structured_data
from enrichment.discovery.website.fetching import Fetched, Fetcher, origin_of
from enrichment.discovery.website.frontier import Frontier, Waiting, floor
from enrichment.discovery.website.gathered import MAX_PEOPLE, Gathered
from enrichment.discovery.website.links import PRESENTS_PEOPLE, PROFILE, WEIGHTS, WORTHWHILE, Judgement
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.places import Places

AT_ONCE = 2
NUMBERED = frozenset({"home", "imprint", "contact", "about"})  # the kinds of pages that print register numbers
FEW_LINKS = 2  # with fewer promising links than these, the sitemap is asked
FEW_PEOPLE = 3  # with fewer people than these, and no page made for them, it is asked too
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
        crawl.read(home, Waiting(0, 0, home.url, "home"))
        if crawl.frontier.left(WORTHWHILE) < FEW_LINKS and not fetcher.over():
            crawl.ask_sitemap()
        crawl.follow_links()
        return crawl.findings()


@dataclass(slots=True)
class _Crawl:
    """One reading of one site. Belongs to the calling thread; only `fetcher.fetch` runs in others."""

    fetcher: Fetcher
    home: str
    frontier: Frontier = field(init=False)
    gathered: Gathered = field(default_factory=Gathered)
    places: Places = field(default_factory=Places)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    troubles: list[Diagnostic] = field(default_factory=list)
    requested: int = 1
    unfinished: int = 0
    sitemap_asked: bool = False
    contents: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.frontier = Frontier(links.site_of(self.home))
        self.frontier.seen(self.home)

    @property
    def host(self) -> str:
        return urlsplit(self.home).hostname or self.home

    def read(self, response: Response, waiting: Waiting) -> None:
        """Take the people, addresses and links from a page."""
        self.frontier.seen(response.url)
        digest = hashlib.blake2b(response.content, digest_size=16).digest()
        if links.site_of(response.url) != self.frontier.site or digest in self.contents:
            return
        self.contents.add(digest)
        page = pages.parse(response.content, response.charset, response.url)
        if waiting.kind == "home" or not self.frontier.language:
            self.frontier.language = page.language
        self._give_clues(page, waiting.kind)
        shows_people, shows_new = self.gathered.take(page, waiting.kind)
        self._note_other_addresses(page, waiting.kind)
        presents = waiting.kind in PRESENTS_PEOPLE
        self.frontier.offer(page_links.offered(page), names_too=presents)
        for target in page_links.redirects(page):
            self.frontier.add(target, REDIRECT)
        if presents and (shows_new if waiting.series else shows_people):
            for target in page_links.following(page):
                self.frontier.add(target, Judgement(WEIGHTS[waiting.kind] - 1, waiting.kind))
        elif waiting.series:
            self.frontier.end(waiting.series)

    def ask_sitemap(self) -> None:
        """Take in the addresses that the site's own list has."""
        self.sitemap_asked = True
        fetcher, language = self.fetcher, self.frontier.language
        declared = fetcher.robots(self.home).sitemaps
        listed = sitemaps.addresses(
            fetcher.context.client, declared, origin_of(self.home), self._may_fetch, fetcher.timeout, language=language
        )
        self.frontier.offer(((url, "") for url in listed), least=PROFILE)

    def follow_links(self) -> None:
        """Read page after page until none promises enough, or a limit is reached."""
        pool = ThreadPoolExecutor(AT_ONCE, "website")
        running: dict[Future[Fetched], Waiting] = {}
        try:
            while not self.fetcher.over():
                if not running and self._lacks_people():
                    self.ask_sitemap()
                self._start_fetches(pool, running)
                if not running:
                    break
                done, _ = wait(running, timeout=TICK, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(future.result(), running.pop(future))
            self.unfinished += len(running) if self._time_is_up() else 0
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def findings(self) -> Findings:
        """Return what was found, and what the user should know."""
        stopped = self.fetcher.context.stopped()
        return Findings(
            people=self.gathered.people,
            addresses=self.gathered.nobodys_addresses,
            diagnostics=(
                *self.diagnostics,
                *self._limits(),
                *self._failures(),
                *self.gathered.left_out(self.host, complete=not stopped),
            ),
            company=self.places.claims(),
        )

    def _give_clues(self, page: Page, kind: str) -> None:
        """Put up the register numbers on a page, for the sources that wait for them; and see where the company sits."""
        if kind in NUMBERED:
            text, site = pages.visible_text(page.root), self.frontier.site
            for clue in register_numbers.found_in(text, page.url, language=page.language or None, domain=site):
                self.fetcher.context.clues.add(clue)
            self.places.take(text, structured_data.texts(page), page.url, self.fetcher.context.now(), kind=kind)

    def _note_other_addresses(self, page: Page, kind: str) -> None:
        """Note the addresses under which the page need not be read again: its own proper one, other languages."""
        for url in page_links.canonical(page):
            self.frontier.seen(url)
        alternates = page_links.alternates(page)
        if kind == "home":
            self.frontier.offer_languages(alternates)
        else:
            for _language, url in alternates:
                self.frontier.seen(url)

    def _lacks_people(self) -> bool:
        """Whether the promising links are used up and none led to a page made for people: the sitemap may know one."""
        return (
            not self.sitemap_asked
            and self.requested < self.fetcher.context.limits.max_pages
            and len(self.gathered.found) < FEW_PEOPLE
            and self.frontier.left(WORTHWHILE) == 0
            and not self.frontier.presents_people()
        )

    def _start_fetches(self, pool: ThreadPoolExecutor, running: dict[Future[Fetched], Waiting]) -> None:
        limit = self.fetcher.context.limits.max_pages
        while len(running) < AT_ONCE and self.requested < limit and not self.gathered.is_full:
            # What promises little waits until the pages under way have told what they hold.
            least = self._floor() if not running else max(self._floor(), WORTHWHILE)
            waiting = self.frontier.best(least)
            if waiting is None:
                return
            self.requested += 1
            running[pool.submit(self.fetcher.fetch, waiting.url)] = waiting

    def _take(self, fetched: Fetched, waiting: Waiting) -> None:
        if fetched.response is not None:
            self.read(fetched.response, waiting)
        elif fetched.trouble is None or (self._time_is_up() and fetched.error and fetched.error.code == "timeout"):
            self.unfinished += 1
        elif fetched.trouble.code != "not_html" and not fetched.gone:
            self.troubles.append(fetched.trouble)

    def _floor(self) -> int:
        return floor(bool(self.gathered.found), self.gathered.without_news)

    def _time_is_up(self) -> bool:
        return self.fetcher.seconds_left() <= TICK

    def _may_fetch(self, url: str) -> bool:
        return not self.fetcher.over() and self.fetcher.robots(url).allows(url)

    def _limits(self) -> Iterator[Diagnostic]:
        limits = self.fetcher.context.limits
        left = self.frontier.left(max(self._floor(), WORTHWHILE)) + self.unfinished
        if self.gathered.is_full:
            yield notices.people_limit(MAX_PEOPLE)
        elif left and self.requested >= limits.max_pages:
            yield notices.page_limit(self.requested, left)
        elif left and self._time_is_up():
            yield notices.time_limit(limits.max_seconds, left)

    def _failures(self) -> Iterator[Diagnostic]:
        blocked = sum(trouble.code == "robots" for trouble in self.troubles)
        if blocked:
            yield notices.some_by_robots(self.host, blocked)
        failed = [trouble for trouble in self.troubles if trouble.code != "robots"]
        if failed:
            yield notices.pages_failed(len(failed), failed[0].sentence)
