"""People in a brand's own news feeds. Sites, companies and people are invented."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.base import Brand, Context, Findings, SourceError
from enrichment.discovery.public_index.press import PressSource
from tests.kit.dns import DnsServer
from tests.kit.web import Content, Page, Raw, Site, WebServer, redirect

HOST = "www.acme.example"
HOME = f"https://{HOST}"
AGENT = "ContactEnrichment/0.1 (test)"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
BRAND = Brand("Acme", f"{HOME}/", "acme.example")


@dataclass
class Web:
    """Sites that are being served; `slept`: the pauses made."""

    server: WebServer
    client: Client
    slept: list[float] = field(default_factory=list)

    @property
    def feeds(self) -> list[str]:
        """The paths asked for, without the home page and robots.txt."""
        return [path for path in self.server.paths if path not in ("/", "/robots.txt")]

    def read(self, brand: Brand = BRAND, stopped: Callable[[], bool] = lambda: False) -> Findings:
        context = Context(self.client, stopped=stopped, now=lambda: NOW, sleep=self.slept.append)
        return PressSource(AGENT).find(brand, context)


Serve = Callable[..., Web]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that serves one site's pages under HOST, and other sites by host, until the test ends."""
    with ExitStack() as stack:

        def start(pages: Mapping[str, Content], others: Mapping[str, Site] | None = None) -> Web:
            hosts: dict[str, Site] = {HOST: pages, **(others or {})}
            server = stack.enter_context(WebServer(hosts))
            names = stack.enter_context(DnsServer({}))
            config = Config(AGENT, timeout=5.0, host_delay=0.0, overrides=dict.fromkeys(hosts, server.endpoint))
            client = Client(config, Resolver([names.address]))
            stack.callback(client.close)
            return Web(server, client)

        yield start


def home(*feeds: str, kind: str = "application/rss+xml") -> str:
    links = "".join(f'<link rel="alternate" type="{kind}" href="{feed}">' for feed in feeds)
    return f"<!doctype html><html><head><title>Acme</title>{links}</head><body>Welcome</body></html>"


def item(
    title: str, date: str = "Tue, 06 Oct 2026 08:00:00 +0000", text: str = "", link: str = f"{HOME}/news/1"
) -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>"
        f"<description>{text}</description></item>"
    )


def feed(*items: str) -> Page:
    return Page(f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>", media_type="application/rss+xml")


def site(*items: str) -> dict[str, Content]:
    return {"/": home("/news.xml"), "/news.xml": feed(*items)}


def titles(findings: Findings) -> dict[str, str | None]:
    return {person.name: person.title for person in findings.people}


def left(findings: Findings) -> list[str]:
    return [person.name for person in findings.departed]


def test_an_appointment_in_the_brands_feed_is_found_with_its_evidence(serve: Serve) -> None:
    web = serve(site(item("Acme appoints Jane Doe as Chief Financial Officer")))
    (person,) = web.read().people
    assert (person.first_name, person.last_name, person.title) == ("Jane", "Doe", "Chief Financial Officer")
    assert (person.seniority, person.department, person.decision_maker) == ("c_level", "finance", True)
    assert (person.source, person.method, person.confidence) == ("public_index", "press_release", 80)
    assert [(claim.field, claim.value) for claim in person.evidence] == [
        ("name", "Jane Doe"),
        ("title", "Chief Financial Officer"),
    ]
    claim = person.evidence[0]
    assert (claim.url, claim.source, claim.seen_at) == (f"{HOME}/news/1", "press", NOW)
    assert claim.snippet == "Acme appoints Jane Doe as Chief Financial Officer"
    assert web.feeds == ["/news.xml"]


def test_a_link_to_another_site_is_no_evidence_of_the_brands_own(serve: Serve) -> None:
    web = serve(site(item("Acme appoints Jane Doe as CFO", link="https://wire.example/1")))
    assert web.read().people[0].evidence[0].url == f"{HOME}/news.xml"


def test_the_beginning_of_an_items_text_is_read_and_believed_less(serve: Serve) -> None:
    web = serve(site(item("Changes at the top", text="&lt;p&gt;Acme has appointed Jane Doe as CFO.&lt;/p&gt;")))
    (person,) = web.read().people
    assert (person.name, person.confidence) == ("Jane Doe", 78)


@pytest.mark.parametrize(
    ("date", "confidence"),
    [
        ("Tue, 06 Oct 2026 08:00:00 +0000", 80),
        ("Thu, 05 Mar 2026 08:00:00 +0000", 78),
        ("Thu, 05 Jun 2025 08:00:00 +0000", 75),
        ("Wed, 05 Jun 2024 08:00:00 +0000", None),
        ("soon", 72),
        ("Tue, 06 Oct 2099 08:00:00 +0000", 72),
    ],
)
def test_older_news_is_believed_less_and_old_news_ignored(serve: Serve, date: str, confidence: int | None) -> None:
    people = serve(site(item("Acme appoints Jane Doe as CFO", date))).read().people
    assert [person.confidence for person in people] == ([confidence] if confidence else [])


def test_news_about_other_companies_is_not_taken(serve: Serve) -> None:
    assert (
        serve(site(item("Beta Ltd appoints Jane Doe as CFO"), item("Jane Doe joins Beta as CEO"))).read() == Findings()
    )


def test_who_was_appointed_and_left_later_has_departed(serve: Serve) -> None:
    found = serve(
        site(
            item("Acme appoints Jane Doe as CFO", "Thu, 05 Mar 2026 08:00:00 +0000"),
            item("Jane Doe leaves Acme", "Tue, 06 Oct 2026 08:00:00 +0000"),
        )
    ).read()
    assert (titles(found), left(found)) == ({}, ["Jane Doe"])
    (claim,) = found.departed[0].evidence
    assert (claim.field, claim.value, claim.snippet) == ("left", "2026-10-06", "Jane Doe leaves Acme")


def test_who_left_and_came_back_is_there(serve: Serve) -> None:
    found = serve(
        site(
            item("Jane Doe leaves Acme", "Thu, 05 Mar 2026 08:00:00 +0000"),
            item("Acme appoints Jane Doe as CEO", "Tue, 06 Oct 2026 08:00:00 +0000"),
        )
    ).read()
    assert (titles(found), left(found)) == ({"Jane Doe": "CEO"}, [])


def test_who_gives_a_post_up_for_another_has_not_departed(serve: Serve) -> None:
    found = serve(
        site(
            item("Acme appoints Jane Doe as CEO", "Thu, 01 Oct 2026 08:00:00 +0000"),
            item("Jane Doe steps down as CFO", "Tue, 06 Oct 2026 08:00:00 +0000"),
        )
    ).read()
    assert (titles(found), left(found)) == ({"Jane Doe": "CEO"}, [])


def test_the_latest_post_of_a_person_counts(serve: Serve) -> None:
    found = serve(
        site(
            item("Acme promotes Jane Doe to CEO", "Tue, 06 Oct 2026 08:00:00 +0000"),
            item("Acme appoints Jane Doe as CFO", "Thu, 05 Mar 2026 08:00:00 +0000"),
        )
    ).read()
    assert titles(found) == {"Jane Doe": "CEO"}


def test_without_dates_the_first_of_the_feed_is_the_latest(serve: Serve) -> None:
    found = serve(site(item("Jane Doe leaves Acme", ""), item("Acme appoints Jane Doe as CFO", ""))).read()
    assert (titles(found), left(found)) == ({}, ["Jane Doe"])


def test_without_a_declared_feed_the_usual_places_are_tried_until_one_is_there(serve: Serve) -> None:
    web = serve({"/": home(), "/feed": "<h1>No feed</h1>", "/rss": feed(item("Acme names Jane Doe CFO"))})
    assert titles(web.read()) == {"Jane Doe": "CFO"}
    assert web.feeds == ["/feed", "/rss"]


def test_a_site_without_feeds_has_no_news_and_is_asked_four_times(serve: Serve) -> None:
    web = serve({"/": home()})
    assert web.read() == Findings()
    assert web.feeds == ["/feed", "/rss", "/news/feed", "/rss.xml"]


def test_four_feeds_are_read_news_first_comments_and_other_sites_never(serve: Serve) -> None:
    declared = ["/blog/feed", "/comments/feed", "https://wire.example/feed", "/a.xml", "/press.xml", "/b.xml", "/c.xml"]
    web = serve(
        {"/": home(*declared), "/press.xml": feed(item("Acme names Jane Doe CFO"))}, {"wire.example": {"/feed": feed()}}
    )
    assert titles(web.read()) == {"Jane Doe": "CFO"}
    assert web.feeds == ["/press.xml", "/blog/feed", "/a.xml", "/b.xml"]


def test_a_news_sitemap_that_robots_txt_names_is_read(serve: Serve) -> None:
    news = "<news:title>Acme names Jane Doe CFO</news:title><news:publication_date>2026-10-06</news:publication_date>"
    listing = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/'
        f'sitemap-news/0.9"><url><loc>{HOME}/news/1</loc><news:news>{news}</news:news></url></urlset>'
    )
    robots = Page(f"Sitemap: {HOME}/sitemap.xml\nSitemap: {HOME}/news-sitemap.xml", media_type="text/plain")
    web = serve({"/": home(), "/robots.txt": robots, "/news-sitemap.xml": Page(listing, media_type="text/xml")})
    found = web.read()
    assert (titles(found), found.people[0].evidence[0].url) == ({"Jane Doe": "CFO"}, f"{HOME}/news/1")
    assert web.feeds == ["/news-sitemap.xml"]


def test_what_robots_txt_forbids_is_not_asked_for_and_its_pause_is_kept(serve: Serve) -> None:
    rules = Page("User-agent: *\nDisallow: /feed\nCrawl-delay: 0.1", media_type="text/plain")
    web = serve({"/": home("/feed", "/news.xml"), "/robots.txt": rules, "/feed": feed(item("Acme names Jane Doe CFO"))})
    assert web.read() == Findings()
    assert "/feed" not in web.feeds
    assert web.slept == [0.1] * len(web.feeds)


def test_a_feed_that_moved_is_followed_where_robots_txt_allows_it(serve: Serve) -> None:
    pages = {
        "/": home("/a.xml", "/b.xml"),
        "/a.xml": redirect(f"{HOME}/c.xml"),
        "/c.xml": feed(item("Acme names Jane Doe CFO")),
    }
    web = serve(
        {**pages, "/b.xml": redirect("https://wire.example/feed")},
        {"wire.example": {"/robots.txt": Page("User-agent: *\nDisallow: /", media_type="text/plain"), "/feed": feed()}},
    )
    assert titles(web.read()) == {"Jane Doe": "CFO"}
    assert "/feed" not in web.feeds


@pytest.mark.parametrize(
    "bad",
    [
        Page("", 500),
        Page("", 429, {"Retry-After": "60"}),
        Page("<rss><channel><item><title>Acme", media_type="application/rss+xml"),
        Page(b"\x00\xff" * 100, media_type="application/rss+xml"),
        Page(b" " * 3_000_000, media_type="application/rss+xml"),
        Page("", media_type="image/png"),
        Raw(lambda connection: connection.close()),
    ],
)
def test_a_feed_that_fails_costs_only_itself(serve: Serve, bad: Content) -> None:
    web = serve({"/": home("/news.xml", "/b.xml"), "/news.xml": bad, "/b.xml": feed(item("Acme names Jane Doe CFO"))})
    assert titles(web.read()) == {"Jane Doe": "CFO"}


def test_a_brand_without_a_website_has_no_news(serve: Serve) -> None:
    web = serve({})
    assert web.read(Brand("Acme")) == Findings()
    assert web.read(Brand("Acme", "https://www.linkedin.com/company/acme")) == Findings()
    assert web.server.requests == []


@pytest.mark.parametrize(
    ("pages", "code"),
    [
        ({"/": Page("", 503)}, "http_status"),
        ({"/": Page("x", media_type="application/pdf")}, "not_html"),
        ({"/robots.txt": Page("User-agent: *\nDisallow: /", media_type="text/plain"), "/": home("/feed")}, "robots"),
        ({"/robots.txt": Page("", 500), "/": home("/feed")}, "robots"),
        ({"/": Raw(lambda connection: connection.close())}, "unreachable"),
    ],
)
def test_a_home_page_that_cannot_be_read_is_an_error_of_this_source(
    serve: Serve, pages: dict[str, Content], code: str
) -> None:
    web = serve(pages)
    with pytest.raises(SourceError) as caught:
        web.read()
    assert (caught.value.diagnostic.code, caught.value.diagnostic.source) == (code, "press")
    assert not any(path.startswith("/feed") for path in web.server.paths)


def test_a_source_that_is_stopped_asks_for_no_more(serve: Serve) -> None:
    web = serve({"/": home("/a.xml", "/b.xml"), "/a.xml": feed(item("Acme names Jane Doe CFO"))})
    found = web.read(stopped=lambda: "/a.xml" in web.server.paths)
    assert titles(found) == {"Jane Doe": "CFO"}
    assert web.feeds == ["/a.xml"]


def test_a_feed_that_hangs_is_given_up(serve: Serve) -> None:
    def hang(connection: socket.socket) -> None:
        connection.recv(1)  # until the client has had enough

    web = serve({"/": home("/a.xml", "/b.xml"), "/a.xml": Raw(hang), "/b.xml": feed(item("Acme names Jane Doe CFO"))})
    impatient = Client(
        Config(AGENT, timeout=0.3, host_delay=0.0, overrides={HOST: web.server.endpoint}), Resolver(["127.0.0.1:1"])
    )
    web.client = impatient
    assert titles(web.read()) == {"Jane Doe": "CFO"}
    impatient.close()
