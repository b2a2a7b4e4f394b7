"""Who runs a web site, a mail server or a DNS zone tries to turn this server against its own network.

tests/core/test_http_hostile.py has the forms of addresses and URLs one by one; here whole parts of the product are led
inward, by whatever a page, a file or a record can say.
"""

import socket
from collections.abc import Callable, Mapping

import pytest

from core.dns import Resolver
from core.guard import Allowed
from core.http import Client, Config, FetchError
from core.refusals import InputError
from enrichment import evidence_checks, intake
from enrichment.discovery.base import Brand, Context, SourceError
from enrichment.discovery.public_index.press import PressSource
from enrichment.discovery.search_engines.searxng import SearXng
from enrichment.discovery.website.crawl import WebsiteSource
from enrichment.emails.verification import mx
from tests.core.conftest import MakeClient, Serve
from tests.factories import ContactFactory
from tests.kit.dns import Behaviour, DnsServer, Zone
from tests.kit.probing import ask
from tests.kit.smtp import SmtpServer
from tests.kit.web import Page, redirect
from tests.security.conftest import Trap

HOST = "www.brightwater.example"
AGENT = "ContactEnrichment/0.1 (test)"
INWARD = ("http://127.0.0.1:{0}", "http://2130706433:{0}", "http://[::ffff:7f00:1]:{0}", "http://inside.example:{0}")
ZONE = {"inside.example": {"A": ["127.0.0.1"]}, "metadata.example": {"A": ["169.254.169.254"]}}
TEXT = "<p>We make instruments that measure rivers, lakes and the sea, and have done so for many years.</p>" * 5


def inward(trap: Trap, path: str) -> list[str]:
    return [form.format(trap.port) + path for form in INWARD]


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang=en><head><title>Brightwater</title>{head}</head><body>{body}{TEXT}</body></html>"


def by_links(trap: Trap) -> Mapping[str, object]:
    links = "".join(f'<a href="{url}">Our team</a>' for url in inward(trap, "/team"))
    return {"/": page(f"{links}<a href='/team'>Team</a>"), "/team": redirect(inward(trap, "/team")[0])}


def by_markup(trap: Trap) -> Mapping[str, object]:
    one, two, three, four = inward(trap, "/team")
    head = (
        f'<base href="{one}/"><meta http-equiv="refresh" content="0;url={two}"><link rel="canonical" href="{three}">'
        f'<link rel="alternate" hreflang="en" href="{four}"><link rel="next" href="{one}">'
        f'<link rel="preload" as="fetch" href="{two}"><meta property="og:url" content="{three}">'
    )
    inner = f'<a href="team">Our team</a><iframe src="{one}"></iframe><script src="{two}"></script><img src="{three}">'
    headers = {"Link": f'<{one}>; rel="next", <{two}>; rel="canonical"', "Refresh": f"0;url={three}"}
    return {"/": Page(page(inner, head), headers=headers | {"Content-Location": four})}


def by_robots(trap: Trap) -> Mapping[str, object]:
    rules = "".join(f"Sitemap: {url}\n" for url in inward(trap, "/sitemap.xml"))
    return {"/robots.txt": Page(f"User-agent: *\nAllow: /\n{rules}", media_type="text/plain"), "/": page("")}


def by_redirected_robots(trap: Trap) -> Mapping[str, object]:
    return {"/robots.txt": redirect(inward(trap, "/robots.txt")[1]), "/": page("<a href='/team'>Team</a>")}


def by_sitemap(trap: Trap) -> Mapping[str, object]:
    places = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in inward(trap, "/s.xml"))
    pages = "".join(f"<url><loc>{url}</loc></url>" for url in inward(trap, "/team"))
    index = Page(f"<sitemapindex>{places}<sitemap><loc>https://{HOST}/s.xml</loc></sitemap></sitemapindex>")
    return {"/": page(""), "/sitemap.xml": index, "/s.xml": Page(f"<urlset>{pages}</urlset>")}


def by_feed(trap: Trap) -> Mapping[str, object]:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{url}">' for url in inward(trap, "/feed"))
    return {"/": page("", links), "/feed": redirect(inward(trap, "/feed")[2])}


def by_redirect(trap: Trap) -> Mapping[str, object]:
    return {"/": redirect("/1"), "/1": redirect("//" + HOST + "/2"), "/2": redirect(inward(trap, "/")[3], 307)}


SITES: list[Callable[[Trap], Mapping[str, object]]] = [
    by_links, by_markup, by_robots, by_redirected_robots, by_sitemap, by_feed, by_redirect,
]  # fmt: skip


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.__name__)
def test_no_site_leads_its_reader_inward(
    serve: Serve, make_client: MakeClient, trap: Trap, site: Callable[[Trap], Mapping[str, object]]
) -> None:
    server = serve({HOST: site(trap)})  # type: ignore[dict-item]
    client = make_client(ZONE, overrides={HOST: server.endpoint})
    brand = Brand("Brightwater", f"https://{HOST}/", "brightwater.example")
    for source in (WebsiteSource(AGENT), PressSource(AGENT)):
        try:
            source.find(brand, Context(client, sleep=lambda _seconds: None))
        except SourceError:
            pass  # a site that leads nowhere has no pages
    assert server.requests
    trap.assert_untouched()


@pytest.mark.parametrize(
    "records",
    [
        {"CNAME": ["a.chain.example"]},
        {"A": ["127.0.0.1"], "AAAA": ["2606:4700:4700::1111"]},
        {"AAAA": ["64:ff9b::7f00:1"]},
        {"AAAA": ["2002:7f00:1::"]},
        {"AAAA": ["fec0::1", "fe80::1", "fc00::1"]},
        {"A": ["0.0.0.0"]},
        {"A": ["100.127.255.254"]},
        {"A": ["192.0.0.170"]},
        {"A": ["198.19.255.254"]},
        {"A": ["255.255.255.255"]},
        {"A": ["239.255.255.250"]},
    ],
    ids=str,
)
def test_no_record_leads_inward(make_client: MakeClient, trap: Trap, records: Mapping[str, list[str]]) -> None:
    chain: Zone = {f"{one}.chain.example": {"CNAME": [f"{two}.chain.example"]} for one, two in ("ab", "bc", "cd")}
    client = make_client({"evil.example": records, **chain, "d.chain.example": {"A": ["127.0.0.1"]}})
    with pytest.raises(FetchError) as raised:
        client.get(f"http://evil.example:{trap.port}/")
    assert raised.value.code == "blocked_address"
    trap.assert_untouched()


def test_a_name_that_turns_inward_between_two_hops_is_looked_up_and_judged_at_each(
    serve: Serve, make_client: MakeClient, trap: Trap
) -> None:
    """The first answer is the one place that the operator listed; the second, after a redirect, is not."""
    server = serve(
        {"*": {"/": Page("", 302, {"Location": f"http://turning.example:{trap.port}/", "Connection": "close"})}}
    )
    turning = Behaviour(rotation=[{"A": ["127.0.0.1"]}, {"A": ["127.0.0.2"]}])
    client = make_client({"turning.example": turning}, allow=["127.0.0.1/32"])
    with pytest.raises(FetchError) as raised:
        client.get(f"http://turning.example:{server.port}/")
    assert raised.value.code == "blocked_address"
    assert len(server.requests) == 1
    trap.assert_untouched()


@pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379, 9200, 11211])
def test_services_beside_ours_are_not_asked(make_client: MakeClient, port: int) -> None:
    with pytest.raises(FetchError) as raised:
        make_client(ZONE).get(f"http://inside.example:{port}/")
    assert raised.value.code == "blocked_address"


@pytest.mark.parametrize(
    "host",
    ["ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "１２７｡０｡０｡１", "127.0.0.1。", "good.example@127.0.0.1", "127.0.0.1#@good.example", "[::1%25lo]"],
)
@pytest.mark.django_db
def test_no_website_inside_is_taken_in(trap: Trap, host: str) -> None:
    with pytest.raises((InputError, FetchError)):
        intake.clean_website(f"http://{host}:{trap.port}/")


def test_a_search_engine_of_ours_is_trusted_and_not_where_it_sends_us(
    serve: Serve, make_client: MakeClient, trap: Trap
) -> None:
    for to in inward(trap, "/search"):
        engine = serve({"*": {"/search": redirect(to)}})
        client = make_client(ZONE)
        with pytest.raises(SourceError):
            SearXng(base_url=f"http://{engine.address}").search(
                "Brightwater", Context(client, sleep=lambda _seconds: None), 1
            )
        assert engine.requests
    trap.assert_untouched()


@pytest.mark.django_db
def test_evidence_that_lies_inside_is_not_looked_at_again(settings: object, trap: Trap) -> None:
    seen = {
        "field": "name",
        "value": "Ada Example",
        "snippet": "Ada",
        "source": "website",
        "seenAt": "2026-11-24T10:00:00Z",
    }
    contact = ContactFactory(evidence=[{**seen, "url": url} for url in inward(trap, "/")[:3]])
    for place in range(3):
        assert evidence_checks.check(contact.pk, place, None) is None
    trap.assert_untouched()


# The environment --------------------------------------------------------------------------------------


def test_the_environment_sends_nothing_by_another_way(
    serve: Serve, make_client: MakeClient, trap: Trap, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "socks_proxy"):
        for spelt in (name, name.upper()):
            monkeypatch.setenv(spelt, f"http://{trap.address}")
    monkeypatch.setenv("NO_PROXY", "")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NETRC"):
        monkeypatch.setenv(name, "/nowhere")
    server = serve({HOST: {"/": page("<a href='/team'>Team</a>"), "/team": page("")}})
    client = make_client(overrides={HOST: server.endpoint})
    WebsiteSource(AGENT).find(Brand("Brightwater", f"https://{HOST}/"), Context(client))
    assert client.post(f"https://{HOST}/", json={}).status == 200
    assert all("proxy" not in name for request in server.requests for name in request.headers)
    trap.assert_untouched()


# Mail servers -----------------------------------------------------------------------------------------

MAIL_ZONES: dict[str, Zone] = {
    "an exchanger inside": {"acme.example": {"MX": ["10 mx.acme.example"]}, "mx.acme.example": {"A": ["127.0.0.1"]}},
    "localhost": {"acme.example": {"MX": ["10 localhost"]}, "localhost": {"A": ["127.0.0.1"]}},
    "an address for a name": {"acme.example": {"MX": ["10 127.0.0.1"]}, "127.0.0.1": {"A": ["127.0.0.1"]}},
    "no exchanger": {"acme.example": {"A": ["127.0.0.1"]}},
    "an alias": {
        "acme.example": {"MX": ["10 mx.acme.example"]},
        "mx.acme.example": {"CNAME": ["in.acme.example"]},
        "in.acme.example": {"A": ["127.0.0.1"]},
    },
    "IPv6": {"acme.example": {"MX": ["10 mx.acme.example"]}, "mx.acme.example": {"AAAA": ["::ffff:127.0.0.1"]}},
    "metadata": {"acme.example": {"MX": ["10 mx.acme.example"]}, "mx.acme.example": {"A": ["169.254.169.254"]}},
}


@pytest.mark.parametrize("zone", MAIL_ZONES)
def test_no_exchanger_inside_is_known_as_one(zone: str) -> None:
    with DnsServer(MAIL_ZONES[zone]) as dns:
        found = mx.look_up(["acme.example"], Resolver([dns.address]), Allowed())["acme.example"]
    assert (found.hosts, found.passed) == ((), False)


@pytest.mark.parametrize("host", ["mx.acme.example", "localhost", "127.0.0.1", "in.acme.example"])
def test_no_exchanger_inside_is_asked(host: str) -> None:
    """Even where it was public as the domain was looked at, and turned inward since."""
    zone = {"in.acme.example": {"CNAME": ["mx.acme.example"]}, "mx.acme.example": {"A": ["127.0.0.1"]}}
    with SmtpServer({}, otherwise="250 OK") as server:
        probed = ask(
            server.port,
            ["ada@acme.example"],
            mx={"acme.example": mx.Mx("found", (host,))},
            zone=zone,
            allowed=Allowed(),
        )
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.recv(1)
        assert not server.asked
        assert not server.verbs
    assert probed.checks["ada@acme.example"].result == "unknown"


def test_one_exchanger_inside_does_not_open_the_way_for_another() -> None:
    zone: Zone = {
        "acme.example": {"MX": ["10 in.acme.example", "20 out.acme.example"]},
        "in.acme.example": {"A": ["10.0.0.1"]},
        "out.acme.example": {"A": ["8.8.8.8"]},
    }
    with DnsServer(zone) as dns:
        found = mx.look_up(["acme.example"], Resolver([dns.address]), Allowed())["acme.example"]
    assert found.hosts == ("out.acme.example",)


def test_a_client_without_a_list_reaches_nothing_inside(trap: Trap) -> None:
    with DnsServer(ZONE) as dns:
        client = Client(Config(AGENT, timeout=5.0), Resolver([dns.address]))
        for url in inward(trap, "/"):
            with pytest.raises(FetchError):
                client.get(url)
            with pytest.raises(FetchError):
                client.post(url, json={})
        client.close()
    trap.assert_untouched()
