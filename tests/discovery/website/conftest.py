"""Invented web sites on loopback, and the website source that reads them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, Context, Findings, Limits
from enrichment.discovery.clues import Clues
from enrichment.discovery.website.crawl import WebsiteSource
from tests.kit.dns import DnsServer
from tests.kit.web import Content, Site, WebServer

HOST = "www.brightwater.example"
URL = f"https://{HOST}/"
AGENT = "ContactEnrichment/0.1 (test)"

TEAM = """<h1>Our team</h1>
<div class="card"><h3>Zoë Müller</h3><p>Head of Marketing</p><a href="mailto:zoe@brightwater.example">Write</a></div>
<div class="card"><h3>Willem van der Berg</h3><p>Chief Operating Officer</p></div>
<div class="card"><h3>Hanna Nowak</h3><p>Sales Manager</p></div>"""


def page(body: str, title: str = "Brightwater", head: str = "") -> str:
    """Return an HTML page."""
    text = "We make instruments that measure rivers, lakes and the sea, and have done so for many years. " * 3
    return f"<!doctype html><html lang=en><title>{title}</title>{head}<body>{body}<p>{text}</p></body></html>"


def linking(*paths: str, text: str = "") -> str:
    """Return a page of links to `paths`."""
    return page("".join(f'<a href="{path}">{text or path.strip("/") or "Home"}</a> ' for path in paths))


def card(name: str, title: str, more: str = "") -> str:
    return f'<div class="card"><h3>{name}</h3><p>{title}</p>{more}</div>'


@dataclass
class Web:
    """Sites that are being served: `paths` lists what was asked for, in order."""

    server: WebServer
    client: Client

    @property
    def paths(self) -> list[str]:
        return self.server.paths

    @property
    def pages(self) -> list[str]:
        """The paths asked for, robots.txt and sitemaps left out."""
        return [path for path in self.paths if not path.endswith((".txt", ".xml"))]

    def read(
        self,
        website: str | None = URL,
        limits: Limits | None = None,
        stopped: Callable[[], bool] = lambda: False,
        domain: str | None = None,
        answers: Answers | None = None,
        clues: Clues | None = None,
        now: datetime | None = None,
    ) -> Findings:
        """Run the source over a brand's website, with what earlier runs kept, at a moment of one's choice."""
        brand = Brand("Brightwater", website, domain)
        moment = now or datetime.now(UTC)
        context = Context(
            self.client, limits or Limits(), stopped, clues or Clues(), answers or Answers(), now=lambda: moment
        )
        return WebsiteSource(AGENT).find(brand, context)


Serve = Callable[..., Web]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that serves one site's pages under HOST, or several sites by host, until the test ends."""
    with ExitStack() as stack:

        def start(pages: Mapping[str, Content] | None = None, sites: Mapping[str, Site] | None = None) -> Web:
            hosts = dict(sites or {HOST: pages or {}})
            server = stack.enter_context(WebServer(hosts))
            names = stack.enter_context(DnsServer({}))
            config = Config(AGENT, timeout=5.0, overrides=dict.fromkeys(hosts, server.endpoint))
            client = Client(config, Resolver([names.address]))
            stack.callback(client.close)
            return Web(server, client)

        yield start
