"""Asks the mail servers of the tests: a probe against a port of loopback, with a DNS server beside it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.dns import Resolver
from core.guard import Allowed
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.pacing import Pacing
from enrichment.emails.verification.smtp import ProbeConfig, Probed, probe
from tests.kit.dns import DnsServer, Records

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LOOPBACK = Allowed.parse(["127.0.0.0/8"])
HELO = "probe.example"
SENDER = "verify@probe.example"


def ask(
    port: int,
    *groups: Sequence[str],
    mx: Mapping[str, Mx] | None = None,
    zone: Mapping[str, Records] | None = None,
    pacing: Pacing | None = None,
    catch_all: Mapping[str, bool] | None = None,
    **config: Any,
) -> Probed:
    """Probe. Without `mx`, a domain's server is `mx1.<domain>`; hosts outside `zone` have the address 127.0.0.1."""
    domains = {email.rpartition("@")[2] for group in groups for email in group}
    records = zone or {}
    settings = {"helo": HELO, "sender": SENDER, "port": port, "timeout": 5.0, "allowed": LOOPBACK, **config}
    with DnsServer(lambda name: records.get(name, {"A": ["127.0.0.1"]})) as dns:
        return probe(
            groups,
            {domain: Mx("found", (f"mx1.{domain}",)) for domain in domains} if mx is None else mx,
            Resolver([dns.address]),
            ProbeConfig(**settings),
            pacing or Pacing(0),
            catch_all=catch_all,
            now=lambda: NOW,
        )
