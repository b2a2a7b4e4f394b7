"""How long `GET contacts` takes beside plain SQL for the same 50 rows, on SQLite and on PostgreSQL, in the same run.

Fills a database of its own with BENCH_CONTACTS contacts (100,000), and asks in process, through the whole of Django
with an API token. The PostgreSQL server is that of BENCH_DATABASE_URL (postgresql://postgres@127.0.0.1:5432/postgres),
on which a database is made and dropped. Prints one line.
"""

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CONTACTS = max(1000, int(os.environ.get("BENCH_CONTACTS", "100000")))
SERVER = os.environ.get("BENCH_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
ROWS = 50
ROUNDS = 60
PATH = "/api/enrichment/contacts"


def main() -> None:
    """Print the line of figures."""
    figures = [f"contact list, {CONTACTS:,} contacts, {ROWS} with their addresses"]
    with tempfile.TemporaryDirectory(prefix="enr-") as var_dir:
        figures.append(f"SQLite {in_a_process(var_dir, '')}")
        try:
            with database() as url:
                figures.append(f"PostgreSQL {in_a_process(var_dir, url)}")
        except psycopg.OperationalError:
            figures.append("PostgreSQL not reachable (BENCH_DATABASE_URL)")
    print("; ".join(figures))


@contextmanager
def database() -> Iterator[str]:
    """Make a database on the server, yield its URL, drop it."""
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def in_a_process(var_dir: str, url: str, script: str = __file__) -> str:
    """Measure by `script` in a process of its own, since Django's settings are read once; return the figures."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    own = {"VAR_DIR": var_dir, "DATABASE_URL": url, "ENV_FILE": "", "LOG_LEVEL": "ERROR", "ALLOWED_HOSTS": "testserver"}
    keys = {"SECRET_KEY": "bench " * 10, "BLIND_INDEX_KEY": "bench"}
    keys["FIELD_ENCRYPTION_KEYS"] = "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmU="
    environment = {**kept, **own, **keys, "BENCH_CONTACTS": str(CONTACTS)}
    command = [sys.executable, script, "measure"]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def measure() -> None:
    """Fill the database of this process, measure, and print the figures."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "enrichment_project.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    began = time.perf_counter()
    call_command("migrate", verbosity=0)
    with Path(os.devnull).open("w") as nowhere:
        call_command("seed_load", str(CONTACTS), stdout=nowhere)
    filled = time.perf_counter() - began
    if connection.vendor == "postgresql":  # as its autovacuum does; SQLite stays as an installation has it
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    api = Api()
    brand = api.get()["contacts"][0]["linkedBrandId"]
    cursors = api.cursors()
    plain = Plain(connection)
    times = interleaved(
        {
            "plain SQL": plain.rows,
            "with COUNT": plain.rows_and_count,
            "first page": api.get,
            "of a brand": lambda: api.get(brandId=brand),
            "of a status": lambda: api.get(status="unknown"),
            "cursor early": lambda: api.get(cursor=cursors[0]),
            "middle": lambda: api.get(cursor=cursors[1]),
            "late": lambda: api.get(cursor=cursors[2]),
        }
    )
    bare, early = times["plain SQL"], times["cursor early"]
    counted = times["first page"] / times["with COUNT"]
    print(
        f"plain SQL {bare * 1000:.2f} ms, cursor page {early * 1000:.2f} ms ({early / bare:.1f} times), "
        f"in the middle {times['middle'] / bare:.1f} times, late {times['late'] / bare:.1f} times "
        f"({times['late'] / early:.2f} of the early one), of one brand {times['of a brand'] / bare:.1f} times, "
        f"first page {times['first page'] * 1000:.2f} ms ({counted:.1f} times plain SQL with COUNT), "
        f"first page of a status {times['of a status'] * 1000:.0f} ms; "
        f"filled in {filled:.0f} s"
    )


class Api:
    """Asks `GET contacts` in process, as an admin with an API token."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        from core import api_tokens

        admin = User.objects.create_user("bench", is_staff=True)
        _, token = api_tokens.create(admin, "bench")
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def get(self, **query: str) -> dict[str, Any]:
        answer = self.client.get(f"{PATH}?{urlencode(query)}")
        if answer.status_code != 200:
            sys.exit(f"{PATH}: {answer.status_code} {answer.content[:300]!r}")
        return orjson.loads(answer.content)

    def cursors(self) -> list[str]:
        """Walk the list; return the cursors of its second, its middle and its last full page."""
        found = []
        page = self.get(limit="200")
        while cursor := page["pagination"]["nextCursor"]:
            found.append(cursor)
            page = self.get(limit="200", cursor=cursor)
        return [found[0], found[len(found) // 2], found[-1]]


class Plain:
    """The same rows in two statements, through the database's own Python module."""

    COLUMNS = (
        "id, first_name, last_name, job_title, seniority, department, decision_maker, company, linkedin_url, "
        "linkedin_id, confidence_score, source, discovery_method, linked_brand_id, linked_contact_id, discovered_at, "
        "verified_at, added_to_crm_at, region_code, review_status"
    )
    ADDRESS_COLUMNS = (
        "id, enriched_contact_id, email, verification_status, verification_score, verification_method, probability"
    )

    def __init__(self, connection: Any) -> None:
        self.cursor = connection.connection.cursor()
        mark = "%s" if connection.vendor == "postgresql" else "?"
        self.contacts = f"SELECT {self.COLUMNS} FROM enriched_contact ORDER BY created_at DESC, id DESC LIMIT {ROWS}"
        marks = ", ".join([mark] * ROWS)
        self.addresses = (
            f"SELECT {self.ADDRESS_COLUMNS} FROM contact_email WHERE enriched_contact_id IN ({marks}) "
            "ORDER BY probability DESC, verification_score DESC, id"
        )

    def rows(self) -> None:
        contacts = self.cursor.execute(self.contacts).fetchall()
        self.cursor.execute(self.addresses, [contact[0] for contact in contacts]).fetchall()

    def rows_and_count(self) -> None:
        self.rows()
        self.cursor.execute("SELECT COUNT(*) FROM enriched_contact").fetchall()


def interleaved(actions: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Do each action in turn, again and again; return the median of the seconds that each took."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            began = time.perf_counter()
            action()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds[ROUNDS // 10 :]) for name, seconds in taken.items()}


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        measure()
    else:
        main()
