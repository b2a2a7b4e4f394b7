"""The demo company's web site, DNS and mail server, all on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.dns import DnsServer
from tests.kit.smtp import SmtpServer
from tests.kit.web import WebServer

PAGES = Path(__file__).with_name("company")
DOMAIN = "brightwater.example"
HOST = f"www.{DOMAIN}"
WEBSITE = f"https://{HOST}/"
NAME = "Brightwater Instruments"
MAILBOXES = (
    "ingrid.halvorsen",
    "willem.vanderberg",
    "mei.tanaka",
    "zoe.mueller",
    "anne-sophie.keller",
    "robert.ashdown",
    "priya.raman",
    "daniel.okonkwo",
    "luca.bianchi",
    "hanna.nowak",
    "soren.lund",
    "info",
    "sales",
    "press",
    "jobs",
)
ZONE = {
    HOST: {"A": ["127.0.0.1"]},
    DOMAIN: {"A": ["127.0.0.1"], "MX": [f"10 mail.{DOMAIN}"]},
    f"mail.{DOMAIN}": {"A": ["127.0.0.1"]},
}


@contextmanager
def company() -> Iterator[dict[str, str]]:
    """Run the servers; yield the environment under which the product reaches them and nothing else."""
    recipients = {f"{mailbox}@{DOMAIN}": "250 OK" for mailbox in MAILBOXES}
    with (
        WebServer({HOST: PAGES, DOMAIN: PAGES}) as web,
        DnsServer(ZONE) as dns,
        SmtpServer(recipients, hostname=f"mail.{DOMAIN}") as mail,
    ):
        yield {
            "ENRICHMENT_SOURCES": "website",  # the others would ask the world outside
            "ENRICHMENT_DNS_SERVERS": dns.address,
            "ENRICHMENT_SMTP_PORT": str(mail.port),
            "ENRICHMENT_SMTP_PROBE": "true",
            "ENRICHMENT_SMTP_HELO": "localhost",
            "ENRICHMENT_SMTP_RATE": "0",  # there is nobody to be polite to
            "ENRICHMENT_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
            "ENRICHMENT_HTTP_HOSTS_OVERRIDE": f"{HOST}={web.address},{DOMAIN}={web.address}",
        }
