"""How long the demo company's discovery takes, beside fetching the same pages and nothing else in the same run.

Prints one line.
"""

import http.client
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo.servers import HOST, NAME, WEBSITE, company  # noqa: E402 - after the path is set

ROUNDS = 5


def main() -> None:
    """Print the line of figures."""
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
        f"({statistics.median(times) / bare:.0f} times the bare fetching of its pages), {people[0]} people"
    )


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
