"""What discovery costs: the time for the demo company, and the requests until everybody on a site is known.

The demo company's time stands beside that of fetching the same pages and nothing else in the same run; the requests
(robots.txt and sitemaps among them) are counted on invented sites (_company_sites.py), and on real ones where such are
at hand, whose people are a board's: there its page counts. Prints one line; with `-v` one for each site as well.
"""

import http.client
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from _company_sites import sites  # noqa: E402 - after the path is set

from core.dns import Resolver  # noqa: E402
from core.http import Client, Config  # noqa: E402
from demo.servers import HOST, NAME, WEBSITE, company  # noqa: E402
from enrichment.discovery.base import Brand, Context, Limits  # noqa: E402
from enrichment.discovery.website.cjk_names import written  # noqa: E402
from enrichment.discovery.website.crawl import WebsiteSource  # noqa: E402
from tests.kit.dns import DnsServer  # noqa: E402
from tests.kit.web import Site, WebServer  # noqa: E402

ROUNDS = 5
MAX_PAGES = 15
REAL = ROOT.parent / "shared" / "data" / "sites"


@dataclass
class Reading:
    """What one run found ("name, title", without spaces) and asked for, robots.txt and sitemaps included."""

    people: set[str]
    paths: list[str]


def main() -> None:
    """Print the line of figures."""
    crawled = list(crawls("-v" in sys.argv))
    needed = [requests for _, requests, _ in crawled if requests is not None]
    whole = [total for *_, total in crawled]
    with tempfile.TemporaryDirectory(prefix="enr-") as var_dir, company() as environment:
        for name in [name for name in os.environ if name.startswith("ENRICHMENT_")] + ["DATABASE_URL", "REDIS_URL"]:
            os.environ.pop(name, None)
        own = {"VAR_DIR": var_dir, "ENV_FILE": "", "LOG_LEVEL": "ERROR"}
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="enrichment_project.settings", **own)
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        times, people = zip(*(discover() for _ in range(ROUNDS)), strict=True)
        bare = statistics.median(fetch(environment) for _ in range(ROUNDS))
        connections.close_all()
    print(
        f"discovery of the demo company: first {times[0]:.2f} s, median {statistics.median(times):.2f} s "
        f"({statistics.median(times) / bare:.0f} times the bare fetching of its pages), {people[0]} people; "
        f"everybody known on {len(needed)} of {len(crawled)} sites, after {statistics.median(needed):g} requests in "
        f"the median and {max(needed)} at most, of {statistics.mean(whole):.1f} in all"
    )


def crawls(tell: bool) -> Iterator[tuple[str, int | None, int]]:
    """Yield each site's host, the requests until everybody was known (None: never), and those of the whole run."""
    for invented in sites():
        wanted = {_plain(f"{name}, {title}") for name, title in invented.people}
        yield crawl(invented.host, invented.pages, lambda reading, wanted=wanted: wanted <= reading.people, tell)
    for directory in sorted(REAL.iterdir()) if REAL.exists() else ():
        yield crawl(directory.name, directory, lambda reading: any("board" in path for path in reading.paths), tell)


def crawl(host: str, site: Site, is_enough: Callable[[Reading], bool], tell: bool) -> tuple[str, int | None, int]:
    """Read a site with ever more pages allowed, until it is enough."""
    whole = read(host, site, MAX_PAGES)
    tries = (read(host, site, pages) for pages in range(1, MAX_PAGES + 1)) if is_enough(whole) else ()
    needed = next((len(reading.paths) for reading in tries if is_enough(reading)), None)
    if tell:
        print(f"{host}: {needed or '-'} of {len(whole.paths)} requests, {len(whole.people)} people with their titles")
    return host, needed, len(whole.paths)


def read(host: str, site: Site, max_pages: int) -> Reading:
    """Run the website source."""
    with WebServer({host: site}) as server, DnsServer({}) as names:
        config = Config("ContactEnrichment/0.1 (bench)", timeout=10.0, overrides={host: server.endpoint})
        client = Client(config, Resolver([names.address]))
        context = Context(client, Limits(max_pages=max_pages))
        found = WebsiteSource().find(Brand(host, f"https://{host}/"), context)
        client.close()
        people = {_plain(f"{written(who.first_name, who.last_name)}, {who.title}") for who in found.people}
        return Reading(people, server.paths)


def _plain(text: str) -> str:
    return text.replace(" ", "").casefold()


def discover() -> tuple[float, int]:
    """Run one discovery; return its seconds and the people found."""
    from enrichment import jobs, pipeline
    from enrichment.intake import discovery_request

    began = time.perf_counter()
    job = jobs.create(discovery_request(NAME, WEBSITE), enqueue=False)
    pipeline.run(job.pk)
    job.refresh_from_db()
    return time.perf_counter() - began, job.contacts_discovered


def fetch(environment: dict[str, str]) -> float:
    """Fetch the pages one after the other; return the seconds."""
    port = int(environment["ENRICHMENT_HTTP_HOSTS_OVERRIDE"].partition(",")[0].rpartition(":")[2])
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for path in ("/robots.txt", "/", "/team/", "/leadership/", "/about/", "/contact/", "/imprint/"):
        connection.request("GET", path, headers={"Host": HOST})
        connection.getresponse().read()
    connection.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
