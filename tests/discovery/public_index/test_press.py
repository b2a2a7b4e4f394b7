"""Press releases in the feeds of a site on loopback. Everybody is invented."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.base import Brand, Context, Findings
from enrichment.discovery.public_index import press_feeds
from enrichment.discovery.public_index.press import PressSource
from tests.kit.dns import DnsServer
from tests.kit.web import Content, Page, Raw, WebServer, redirect

HOST = "www.acme.example"
SITE = f"https://{HOST}/"
BRAND = Brand("Acme", SITE, "acme.example")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOME = '<html lang="en"><link rel="alternate" type="application/rss+xml" href="/news.xml"><body>Acme</body></html>'


def rss(*items: str) -> Page:
    text = f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Acme</title>{"".join(items)}</channel></rss>'
    return Page(text, media_type="application/rss+xml")


def item(title: str, day: str = "Tue, 10 Nov 2026 09:00:00 GMT", link: str = f"{SITE}news/1", text: str = "") -> str:
    date = f"<pubDate>{day}</pubDate>" if day else ""
    return f"<item><title>{title}</title><link>{link}</link>{date}<description>{text}</description></item>"


@dataclass
class Site:
    server: WebServer
    client: Client

    def read(self, **options: object) -> Findings:
        return PressSource("TestAgent/1.0").find(BRAND, Context(self.client, now=lambda: NOW, **options))


Serve = Callable[[Mapping[str, Content]], Site]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(pages: Mapping[str, Content]) -> Site:
            server = stack.enter_context(WebServer({HOST: {"/": HOME, **pages}}))
            names = stack.enter_context(DnsServer({}))
            config = Config("TestAgent/1.0", timeout=2.0, overrides={HOST: server.endpoint})
            client = Client(config, Resolver([names.address]))
            stack.callback(client.close)
            return Site(server, client)

        yield start


def titles(found: Findings) -> dict[str, str | None]:
    return {person.name: person.title for person in found.people}


def test_an_appointment_in_the_brands_feed_is_found_with_its_page_and_sentence(serve: Serve) -> None:
    found = serve({"/news.xml": rss(item("Acme appoints Jane Doe as Chief Financial Officer"))}).read()
    (jane,) = found.people
    assert (jane.name, jane.title, jane.decision_maker) == ("Jane Doe", "Chief Financial Officer", True)
    assert (jane.source, jane.method, jane.confidence) == ("public_index", "press_release", 80)
    assert [(one.field, one.value) for one in jane.evidence] == [
        ("name", "Jane Doe"), ("title", "Chief Financial Officer")
    ]  # fmt: skip
    assert jane.evidence[0].url == f"{SITE}news/1"
    assert jane.evidence[0].snippet == "Acme appoints Jane Doe as Chief Financial Officer (2026-11-10)"
    assert (jane.evidence[0].source, jane.evidence[0].seen_at) == ("press", NOW)


def test_the_text_of_an_item_counts_too_without_its_markup(serve: Serve) -> None:
    text = "&lt;p&gt;Acme has appointed &lt;b&gt;Jane Doe&lt;/b&gt; as CFO.&lt;/p&gt;"
    assert titles(serve({"/news.xml": rss(item("News", text=text))}).read()) == {}, "markup within parts the sentence"
    text = "&lt;p&gt;Acme has appointed Jane Doe as CFO.&lt;/p&gt;&lt;p&gt;More.&lt;/p&gt;"
    assert titles(serve({"/news.xml": rss(item("News", text=text))}).read()) == {"Jane Doe": "CFO"}


def test_old_news_is_left_out_and_undated_news_counts_less(serve: Serve) -> None:
    feed = rss(
        item("Acme appoints Old Roe as CFO", "Tue, 01 Oct 2019 09:00:00 GMT"),
        item("Acme appoints Jane Doe as CFO", ""),
        item("Acme appoints John Roe as CTO", "Tue, 18 Nov 2025 09:00:00 GMT"),
    )
    confidences = {person.name: person.confidence for person in serve({"/news.xml": feed}).read().people}
    assert confidences == {"Jane Doe": 72, "John Roe": 76}


def test_the_later_news_of_somebody_holds(serve: Serve) -> None:
    feed = rss(
        item("Jane Doe leaves Acme", "Tue, 10 Nov 2026 09:00:00 GMT"),
        item("Acme appoints Jane Doe as CFO", "Tue, 10 Mar 2026 09:00:00 GMT"),
        item("John Roe steps down as CTO", "Tue, 10 Mar 2026 09:00:00 GMT"),
        item("Acme appoints John Roe as Chief Executive Officer", "Tue, 10 Nov 2026 09:00:00 GMT"),
    )
    found = serve({"/news.xml": feed}).read()
    assert titles(found) == {"John Roe": "Chief Executive Officer"}
    (jane,) = found.departed
    assert (jane.name, jane.evidence[0].field, jane.evidence[0].value) == ("Jane Doe", "left", "2026-11-10")


def test_atom_feeds_and_links_elsewhere(serve: Serve) -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Jane Doe joins Acme as VP Sales</title>
    <link href="https://wire.example/1"/><updated>2026-11-01T10:00:00Z</updated><summary>…</summary></entry></feed>"""
    found = serve({"/news.xml": Page(atom, media_type="application/atom+xml")}).read()
    assert titles(found) == {"Jane Doe": "VP Sales"}
    assert found.people[0].evidence[0].url == f"{SITE}news.xml", "evidence is on the brand's own site"


def test_without_a_feed_named_the_usual_places_are_tried_and_no_more(serve: Serve) -> None:
    site = serve({"/": "<html><body>Acme</body></html>", "/rss.xml": rss(item("Acme appoints Jane Doe as CFO"))})
    assert titles(site.read()) == {"Jane Doe": "CFO"}
    assert site.server.paths == ["/robots.txt", "/", "/feed", "/rss.xml"]


def test_robots_txt_is_obeyed(serve: Serve) -> None:
    rules = Page("User-agent: *\nDisallow: /news.xml\n", media_type="text/plain")
    site = serve({"/robots.txt": rules, "/news.xml": rss(item("Acme appoints Jane Doe as CFO"))})
    assert site.read() == Findings()
    assert "/news.xml" not in site.server.paths


@pytest.mark.parametrize(
    "feed",
    [
        Page("gone", status=404),
        Page("broken", status=500),
        Page("slow down", status=429),
        Page("<html><body>Acme appoints Jane Doe as CFO</body></html>"),
        Page("", media_type="application/rss+xml"),
        Page("not xml at all", media_type="application/rss+xml"),
        Page(b"\xff\xfe\x00\x01", media_type="text/xml"),
        redirect("https://elsewhere.example/feed"),
        Raw(lambda connection: connection.close()),
    ],
)
def test_whatever_is_no_feed_is_no_news_and_no_trouble(serve: Serve, feed: Content) -> None:
    assert serve({"/news.xml": feed}).read() == Findings()


def test_a_site_that_cannot_be_read_is_the_website_sources_business(serve: Serve) -> None:
    assert serve({"/": Page("no", status=500)}).read() == Findings()


def test_a_feed_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    whole = rss(item("Acme appoints Jane Doe as CFO"), item("Second")).body
    assert isinstance(whole, str)
    assert press_feeds.items(whole[:-60].encode())[0].title == "Acme appoints Jane Doe as CFO"


def test_entities_and_depth_are_harmless() -> None:
    bomb = (
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 10}"><!ENTITY b "{"&a;" * 10}">]><rss><item><title>&b;</title></item></rss>'
    )
    assert all("aaaaaaaaaaaaaaaaaaaaa" not in one.title for one in press_feeds.items(bomb.encode()))
    outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss><item><title>&f;</title></item></rss>'
    assert all("root:" not in one.title for one in press_feeds.items(outside.encode()))
    assert press_feeds.items(b"<a>" * 100_000) == []
