"""A small invented company on loopback: its web site and its DNS, for tests of the whole flow."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.kit.dns import DnsServer
from tests.kit.web import Content, Page, WebServer

HOST = "www.kestrel.example"
WEBSITE = f"https://{HOST}/"

NAV = '<nav><a href="/">Home</a> <a href="/team">Our team</a> <a href="/contact">Contact</a></nav>'
HOME = f"<html><title>Kestrel</title><body>{NAV}<h1>Kestrel Kites</h1><p>We make kites that stay up.</p></body></html>"
TEAM = f"""<html><title>Our team - Kestrel</title><body>{NAV}<h1>Our team</h1><div class="team">
<div class="card"><h3>Marta Lindqvist</h3><p>Chief Executive Officer</p>
  <a href="mailto:marta.lindqvist@kestrel.example">E-mail</a></div>
<div class="card"><h3>Jonas Okafor</h3><p>Head of Marketing</p>
  <a href="mailto:jonas.okafor@kestrel.example">E-mail</a>
  <a href="https://www.linkedin.com/in/jonas-okafor-0001">LinkedIn</a></div>
<div class="card"><h3>Zoë Brandt</h3><p>VP Sales</p></div>
<div class="card"><h3>Pavel Novak</h3><p>Software Engineer</p></div>
</div></body></html>"""
CONTACT = f"<html><title>Contact</title><body>{NAV}<h1>Contact</h1><p>Write to info@kestrel.example.</p></body></html>"
PAGES: dict[str, Content] = {
    "/": HOME,
    "/team": TEAM,
    "/contact": CONTACT,
    "/robots.txt": Page("User-agent: *\nAllow: /\n", media_type="text/plain"),
}
ZONE = {
    HOST: {"A": ["192.0.2.10"]},
    "kestrel.example": {"MX": ["10 mx.kestrel.example"]},
    "mx.kestrel.example": {"A": ["192.0.2.25"]},
}


@dataclass
class Company:
    """The running servers, and the settings under which the product reaches them and nothing else."""

    web: WebServer
    dns: DnsServer
    settings: dict[str, str] = field(default_factory=dict)


@contextmanager
def company(
    pages: dict[str, Content] | None = None, zone: dict[str, dict[str, list[str]]] | None = None
) -> Iterator[Company]:
    """Run the company's servers; `pages` and `zone` replace or add entries."""
    with WebServer({HOST: {**PAGES, **(pages or {})}}) as web, DnsServer({**ZONE, **(zone or {})}) as dns:
        settings = {
            "ENRICHMENT_DNS_SERVERS": dns.address,
            "ENRICHMENT_HTTP_HOSTS_OVERRIDE": f"{HOST}={web.address}",
        }
        yield Company(web, dns, settings)
