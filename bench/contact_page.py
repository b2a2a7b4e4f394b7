"""How long the page of found contacts takes in the server, on SQLite and on PostgreSQL.

Fills a database of its own with BENCH_CONTACTS contacts (100,000), and asks in process, through the whole of Django,
signed in with a session: the first page and one far down, filtered, sorted, searched, and 200 rows. The PostgreSQL
server is that of BENCH_DATABASE_URL, as in contact_list.py. Prints one line.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from contact_list import CONTACTS, ROOT, Plain, database, in_a_process

sys.path.insert(0, str(ROOT))

ROUNDS = 12
WARM_UP = 2
PATH = "/contacts/"
MOST = 150  # ms, and queries, that a page may take on PostgreSQL
MOST_QUERIES = 12
PAGES = {
    "first page": "sort=-found",
    "page 1,000": "sort=-found&page=1000",
    "200 rows": "sort=-found&per=200",
    "filtered": "reviewed=new&status=verified&confidence_min=80",
    "filtered to few": "status=verified&seniority=vp&region=DE&confidence_min=90",
    "filtered, page 1,000": "reviewed=new&confidence_min=70&page=1000",
    "sorted by name": "sort=name",
    "sorted by company, page 700": "reviewed=new&sort=-company&page=700",
    "sorted by chance": "chance_min=50&sort=-chance",
    "search": "q=muller+marketing",
    "search for a common word": "q=marketing",
    "search for two letters": "q=ma",
    "of a brand": "brand=Load+7",
}


def main() -> None:
    """Print the line of figures."""
    figures = [f"contact page, {CONTACTS:,} contacts, median (worst) in the server"]
    with tempfile.TemporaryDirectory(prefix="enr-") as var_dir:
        figures.append(f"SQLite {in_a_process(var_dir, '', __file__)}")
        try:
            with database() as url:
                figures.append(f"PostgreSQL {in_a_process(var_dir, url, __file__)}")
        except psycopg.OperationalError:
            figures.append("PostgreSQL not reachable (BENCH_DATABASE_URL)")
    print("; ".join(figures))


def measure() -> None:
    """Fill the database of this process, measure, and print the figures."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "enrichment_project.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with Path(os.devnull).open("w") as nowhere:
        call_command("seed_load", str(CONTACTS), stdout=nowhere)
    if connection.vendor == "postgresql":  # as its autovacuum does; SQLite stays as an installation has it
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    pages = Pages()
    plain = Plain(connection)
    queries = {name: pages.queries(query) for name, query in PAGES.items()}
    asked = {name: pages.asking(query) for name, query in PAGES.items()}
    times = interleaved({"plain SQL": plain.rows_and_count, **asked})
    bare = statistics.median(times.pop("plain SQL"))
    figures = [
        f"{name} {1000 * statistics.median(taken):.0f} ms ({1000 * max(taken):.0f})" for name, taken in times.items()
    ]
    first = statistics.median(times["first page"]) / bare
    slow = [name for name, taken in times.items() if 1000 * statistics.median(taken) > MOST]
    verdict = f"over {MOST} ms: {', '.join(slow)}" if slow else f"none over {MOST} ms"
    many = max(queries.values())
    print(
        f"{', '.join(figures)}; {verdict}; at most {many} queries of {MOST_QUERIES}; plain SQL for the rows of the "
        f"first page and their number {1000 * bare:.1f} ms, the whole page {first:.1f} times that"
    )


class Pages:
    """Asks for the page in process, as a superuser with a session."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        self.client = Client()
        self.client.force_login(User.objects.create_superuser("bench"))

    def get(self, query: str) -> None:
        answer = self.client.get(f"{PATH}?{query}")
        if answer.status_code != 200 or b"<tr data-row" not in answer.content:
            sys.exit(f"{PATH}?{query}: {answer.status_code} {answer.content[:300]!r}")

    def asking(self, query: str) -> Callable[[], None]:
        return lambda: self.get(query)

    def queries(self, query: str) -> int:
        """Return how many queries the page takes."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.get(query)  # the session is renewed now and then
        with CaptureQueriesContext(connection) as captured:
            self.get(query)
        return len(captured)


def interleaved(actions: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Do each action in turn, again and again; return the seconds that each took, without the first rounds."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(WARM_UP + ROUNDS):
        for name, action in actions.items():
            began = time.perf_counter()
            action()
            taken[name].append(time.perf_counter() - began)
    return {name: seconds[WARM_UP:] for name, seconds in taken.items()}


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        measure()
    else:
        main()
