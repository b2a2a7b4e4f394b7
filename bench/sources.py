"""All sources side by side, each answer taking 100 ms: how long together, by the slowest alone. Prints one line.

BENCH_LATENCY: seconds that each answer takes.
"""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.dns import Resolver
from core.hosts import parse_endpoint
from core.http import Client, Config
from enrichment.discovery import registry
from enrichment.discovery.base import Brand, Context, Source
from enrichment.discovery.breakers import Breakers
from enrichment.discovery.registry import Access, Configuration
from enrichment.discovery.side_by_side import Discovered, SideBySide
from tests.kit.company import HOST, WEBSITE, company
from tests.kit.services import CONTACT, SITE, services, slow

LATENCY = float(os.environ.get("BENCH_LATENCY", "0.1"))
ROUNDS = 3
BRAND = Brand("Kestrel Kites", WEBSITE, "kestrel.example", "https://www.linkedin.com/company/kestrel-kites")


def main() -> None:
    with company(pages=SITE) as kestrel, services(LATENCY) as running:
        site = kestrel.web.sites[HOST]
        assert isinstance(site, dict)
        kestrel.web.sites[HOST] = {path: slow(content, LATENCY) for path, content in site.items()}
        endpoint = parse_endpoint(kestrel.web.address)
        config = Config(CONTACT, overrides={HOST: (str(endpoint[0]), endpoint[1])})
        access = {name: Access(**given) for name, given in running.access.items()}
        with closing(Client(config, Resolver([kestrel.dns.address]))) as client:
            sources = registry.sources(registry.NAMES, Configuration(CONTACT, access))
            alone = {source.name: min(ask([source], client)[0] for _ in range(ROUNDS)) for source in sources}
            together, found = min((ask(sources, client) for _ in range(ROUNDS)), key=lambda pair: pair[0])
    slowest = max(alone, key=lambda name: alone[name])
    print(
        f"sources: {len(sources)} side by side at {LATENCY * 1000:.0f} ms an answer in {together:.2f} s, "
        f"{together / alone[slowest]:.2f} times the slowest alone ({slowest}, {alone[slowest]:.2f} s) and "
        f"{together / sum(alone.values()):.2f} of all one after another; {len(found.people)} findings, "
        f"{len(found.diagnostics)} diagnostics"
    )


def ask(sources: Sequence[Source], client: Client) -> tuple[float, Discovered]:
    """Return how long the sources took, and what they found."""
    side = SideBySide(Breakers(), givers=registry.GIVERS, own_site=registry.OWN_SITE)
    began = time.perf_counter()
    found = side.ask(sources, BRAND, Context(client), lambda _names: None)
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
