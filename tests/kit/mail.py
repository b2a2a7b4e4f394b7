"""Mail on loopback: a DNS in which every domain has mail, at one server, and the settings under which it is asked.

    with mail(settings, {"jane@acme.example": "250 OK"}) as running:
        running.replies["joe@acme.example"] = "450 4.2.0 Greylisted"
        running.server.asked, running.dns.questions

Each domain has an operator of its own, `mx.<domain>`; `domains` narrows the DNS to those named.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from enrichment import probing
from tests.kit.dns import DnsServer, Records
from tests.kit.smtp import NO_SUCH_USER, SmtpServer

Reply = str | Callable[[], str]


@dataclass
class Mail:
    """The running servers. `replies` are by address, and may be changed while they run; a function makes one."""

    dns: DnsServer
    server: SmtpServer
    replies: dict[str, Reply]

    @property
    def names(self) -> list[str]:
        """The local parts asked about, in order of arrival."""
        return [address.partition("@")[0] for address in self.server.asked]


def zone(domains: Collection[str] = ()) -> Callable[[str], Records | None]:
    """Return a zone in which these domains, or all, have mail at 127.0.0.1."""

    def entry(name: str) -> Records | None:
        if name.startswith("mx."):
            return {"A": ["127.0.0.1"]}
        return {"MX": [f"10 mx.{name}"]} if not domains or name in domains else None

    return entry


@contextmanager
def mail(
    settings: Any,
    replies: Mapping[str, Reply] | None = None,
    otherwise: str = NO_SUCH_USER,
    domains: Collection[str] = (),
) -> Iterator[Mail]:
    """Run both servers. Addresses without a reply of their own get `otherwise`."""
    told = dict(replies or {})

    def reply(address: str) -> str:
        said = told.get(address, otherwise)
        return said() if callable(said) else said

    probing._pacing.cache_clear()  # what other tests' servers did is no reason to leave ours alone
    with DnsServer(zone(domains)) as dns, SmtpServer(reply) as server:
        settings.ENRICHMENT_DNS_SERVERS = [dns.address]
        settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = ["127.0.0.0/8"]
        settings.ENRICHMENT_SMTP_PORT = server.port
        settings.ENRICHMENT_SMTP_PROBE = True
        settings.ENRICHMENT_SMTP_RATE = 0.0
        settings.ENRICHMENT_SMTP_HELO = "probe.example"
        yield Mail(dns, server, told)
    probing._pacing.cache_clear()
