"""Press releases: appointments and departures in the feeds that the brand's own site offers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from core.http import FetchError
from core.names import name_key
from enrichment.discovery import confidence
from enrichment.discovery.base import Brand, Context, Evidence, Findings, Person, SourceError
from enrichment.discovery.public_index import appointments, press_feeds
from enrichment.discovery.public_index.appointments import LEFT, Change
from enrichment.discovery.public_index.press_feeds import Item
from enrichment.discovery.search_engines.companies import Company, company_of
from enrichment.discovery.titles import classify
from enrichment.discovery.website import pages, robots
from enrichment.discovery.website.fetching import Fetcher
from enrichment.discovery.website.links import site_of

FEEDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml")
COMMON = ("/feed", "/rss.xml")  # tried where the home page names no feed
MAX_FEEDS = 3
MAX_BYTES = 2_000_000
OLD = timedelta(days=730)  # who was appointed longer ago may have gone since
RECENT = timedelta(days=183)

_Dated = tuple[datetime | None, Change, str]


class PressSource:
    """Finds who was appointed, and who left, by the brand's own news. `user_agent`: as the client sends it."""

    name = "press"
    seconds = 20.0

    def __init__(self, user_agent: str = robots.PRODUCT) -> None:
        self._token = robots.product_token(user_agent)

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return the people of whom the feeds of the last two years tell. A site without feeds has no news."""
        fetcher = Fetcher(context, self._token)
        try:
            home = fetcher.home(brand)
        except SourceError:
            return Findings()  # the website's own source says what is wrong with the site
        company = company_of(brand)
        told: list[_Dated] = []
        for url in _feeds(pages.parse(home.content, home.charset, home.url), home.url):
            if fetcher.over():
                break
            told += _news(_fetch(url, fetcher), url, company, context.now())
        return _findings(told, context.now())


def _feeds(page: pages.Page, home: str) -> Iterator[str]:
    """Yield the addresses of feeds on the site, those that the home page names, else the usual ones."""
    named = []
    for link in page.root.iter("link"):
        if "alternate" in (link.get("rel") or "").lower() and (link.get("type") or "").lower().strip() in FEEDS[:3]:
            url = pages.absolute(page.base_url, link.get("href") or "")
            if url and site_of(url) == site_of(home) and "comments" not in url:
                named.append(url)
    yield from list(dict.fromkeys(named))[:MAX_FEEDS] or [urljoin(home, path) for path in COMMON]


def _fetch(url: str, fetcher: Fetcher) -> bytes:
    """Return a feed, nothing where there is none or robots.txt forbids it."""
    if not fetcher.robots(url).allows(url):
        return b""
    try:
        answer = fetcher.context.client.get(
            url,
            accept=FEEDS,
            max_bytes=MAX_BYTES,
            timeout=fetcher.timeout(),
            follow=lambda to: site_of(to) == site_of(url),
        )
    except FetchError:
        return b""
    return answer.content if answer.status == 200 else b""


def _news(content: bytes, feed: str, company: Company, now: datetime) -> Iterator[_Dated]:
    for item in press_feeds.items(content) if content else ():
        if item.dated is not None and not timedelta(days=-2) <= now - item.dated <= OLD:
            continue
        for change in appointments.read(f"{item.title}\n{item.text}", company):
            yield item.dated, change, _page(item, feed)


def _page(item: Item, feed: str) -> str:
    """Return where the item can be read: its own page if that is on the site, else the feed."""
    url = urljoin(feed, item.url) if item.url else feed
    return url if urlsplit(url).scheme in ("http", "https") and site_of(url) == site_of(feed) else feed


def _findings(told: list[_Dated], now: datetime) -> Findings:
    """Return what holds: for each person the latest news counts; in one item, an appointment before a departure."""
    latest: dict[str, _Dated] = {}
    floor = now - OLD
    for news in sorted(told, key=lambda one: (one[0] or floor, one[1].kind != LEFT)):
        latest[name_key(news[1].first_name, news[1].last_name)] = news
    people: list[Person] = []
    departed: list[Person] = []
    for dated, change, url in latest.values():
        (departed if change.kind == LEFT else people).append(_person(dated, change, url, now))
    return Findings(people=tuple(people), departed=tuple(departed))


def _person(dated: datetime | None, change: Change, url: str, now: datetime) -> Person:
    role = classify(change.title)
    day = f" ({dated:%Y-%m-%d})" if dated else ""
    snippet = f"{change.sentence[:280]}{day}"
    name = f"{change.first_name} {change.last_name}"
    claims = {"left": day.strip(" ()") or "left"} if change.kind == LEFT else {"name": name, "title": change.title}
    certainty = 0.1 if dated is None else 0.5 if now - dated <= RECENT else 0.3
    return Person(
        first_name=change.first_name,
        last_name=change.last_name,
        title=change.title or None,
        seniority=role.seniority,
        department=role.department,
        decision_maker=role.decision_maker,
        confidence=confidence.public_data(certainty),
        source="public_index",
        method="press_release",
        evidence=tuple(Evidence(field, value, url, snippet, "press", now) for field, value in claims.items()),
    )
