"""The brand's own news: whom its feeds say it has appointed, and who has left.

Feeds are those that the home page declares, else those at the usual places, and the news sitemaps that robots.txt
names; all on the brand's own site, as far as its robots.txt lets us read them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from core.http import FetchError, Response
from enrichment.discovery.base import Brand, Context, Findings, SourceError
from enrichment.discovery.public_index import appointments, press_feeds, press_people
from enrichment.discovery.public_index.press_feeds import Item
from enrichment.discovery.public_index.press_people import NAME, News
from enrichment.discovery.website import pages, robots
from enrichment.discovery.website.fetching import Fetcher, may_be_read, origin_of
from enrichment.discovery.website.links import site_of

MAX_REQUESTS = 4  # besides those for the home page and robots.txt
USUAL_PATHS = ("/feed", "/rss", "/news/feed", "/rss.xml")
LEAD_SENTENCES = 1_500  # characters of an item's text: what is new stands at its beginning
TOLERANCE = timedelta(days=2)  # by which a date may be in the future: clocks and zones differ

_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_ACCEPT = (*sorted(_TYPES), "application/xml", "text/xml", "text/plain", "application/octet-stream", "text/html")
_NEWSLIKE = ("news", "press", "media", "aktuell", "actual", "notici", "notizi", "nieuws")
_COMMENTS = ("comment", "kommentar")


class PressSource:
    """Finds people in a brand's news feeds. `user_agent`: the one that the client sends; robots.txt may name it."""

    name = NAME
    seconds = 20.0

    def __init__(self, user_agent: str = robots.PRODUCT) -> None:
        self._token = robots.product_token(user_agent)

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return whom the brand's news of the last 24 months appoints, and who has left.

        Nothing for a brand without a website, or without feeds. Raises SourceError (unreachable, robots, http_status,
        not_html, too_large) when the home page cannot be read.
        """
        fetcher = Fetcher(context, self._token)
        try:
            home = fetcher.home(brand)
        except SourceError as error:
            if error.diagnostic.code == "no_website":
                return Findings()
            raise SourceError(replace(error.diagnostic, source=NAME)) from None
        people, departed = press_people.read(_Reading(fetcher, brand, home).news(), context.now())
        return Findings(people=tuple(people), departed=tuple(departed))


@dataclass(slots=True)
class _Reading:
    """One brand's feeds being read."""

    fetcher: Fetcher
    brand: Brand
    home: Response
    asked: set[str] = field(default_factory=set)
    read: int = 0

    def news(self) -> Iterator[News]:
        """Yield what the feeds tell: those declared, and only without any the usual places."""
        for url in self._declared():
            yield from self._feed(url)
        if not self.read:
            for path in USUAL_PATHS:
                if not self.read:
                    yield from self._feed(f"{origin_of(self.home.url)}{path}")

    def _declared(self) -> list[str]:
        """Return the feeds that the home page links to and the news sitemaps of robots.txt, news before blogs."""
        page = pages.parse(self.home.content, self.home.charset, self.home.url)
        found: dict[str, str] = {}
        for link in page.root.iter("link"):
            kind = (link.get("type") or "").partition(";")[0].strip().lower()
            url = pages.absolute(page.base_url, link.get("href") or "")
            if "alternate" in (link.get("rel") or "").lower().split() and kind in _TYPES and link.get("href"):
                found.setdefault(url, f"{urlsplit(url).path} {link.get('title') or ''}".lower())
        feeds = [url for url, words in found.items() if not any(word in words for word in _COMMENTS)]
        feeds.sort(key=lambda url: not any(word in found[url] for word in _NEWSLIKE))
        sitemaps = [url for url in self.fetcher.robots(self.home.url).sitemaps if "news" in urlsplit(url).path.lower()]
        return [*feeds, *sitemaps]

    def _feed(self, url: str) -> Iterator[News]:
        """Yield what one feed tells, if it is the brand's and may be read."""
        own = site_of(self.home.url)
        if site_of(url) != own or url in self.asked or len(self.asked) >= MAX_REQUESTS or self.fetcher.over():
            return
        response = self._fetch(url)
        items = press_feeds.read(response.content) if response and response.status == 200 else None
        if response is None or items is None:
            return
        self.read += 1
        fetched_at = self.fetcher.context.now()
        for item in items:
            link = pages.absolute(response.url, item.link) if item.link else ""
            yield from self._told(item, link if site_of(link) == own else response.url, fetched_at)

    def _told(self, item: Item, url: str, fetched_at: datetime) -> Iterator[News]:
        published = item.published
        if published is not None and published > fetched_at + TOLERANCE:
            published = None
        for text, headline in ((item.title, True), (item.lead[:LEAD_SENTENCES], False)):
            for change in appointments.read(text, self.brand.name):
                yield News(change, published, headline, url, fetched_at)

    def _fetch(self, url: str) -> Response | None:
        rules = self.fetcher.robots(url)
        if not rules.allows(url):
            return None
        self.asked.add(url)
        context = self.fetcher.context
        if rules.delay:
            context.sleep(rules.delay)
        try:
            return context.client.get(
                url,
                accept=_ACCEPT,
                max_bytes=press_feeds.MAX_BYTES,
                timeout=self.fetcher.timeout(),
                follow=lambda to: may_be_read(to) and self.fetcher.robots(to).allows(to),
            )
        except FetchError:
            return None
