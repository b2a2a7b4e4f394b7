"""How long `rotate_field_keys` takes beside a plain UPDATE of the same columns, on SQLite and on PostgreSQL.

Fills a database of its own with contacts and their addresses, BENCH_VALUES encrypted values or a few more (30,000),
puts a new key in front and rotates; then every value is set to another by one UPDATE statement. The PostgreSQL server
is that of BENCH_DATABASE_URL. Prints one line.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from contact_list import database, in_a_process  # noqa: E402 - found by the line above

VALUES = max(1000, int(os.environ.get("BENCH_VALUES", "30000")))
VALUES_OF_A_CONTACT = 7.6  # on average: evidence, two addresses with their scores, often a profile


def main() -> None:
    """Print the line of figures."""
    os.environ.setdefault("BENCH_VALUES", str(VALUES))
    figures = ["key rotation"]
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
    from cryptography.fernet import Fernet
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from core import rotation

    call_command("migrate", verbosity=0)
    with Path(os.devnull).open("w") as nowhere:
        call_command("seed_load", str(round(VALUES / VALUES_OF_A_CONTACT)), stdout=nowhere)
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    began = time.perf_counter()
    done = rotation.rotate()
    rotated = time.perf_counter() - began
    if not done.is_complete:
        sys.exit("the rotation is not complete")
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for model, names in rotation.encrypted():
            columns = [model._meta.get_field(name).column for name in names]
            sets = ", ".join(f"{column} = {column} || '='" for column in columns)
            cursor.execute(f"UPDATE {model._meta.db_table} SET {sets}")
    plain = time.perf_counter() - began
    began = time.perf_counter()
    rotation.look()
    looked = time.perf_counter() - began
    print(
        f"{done.rotated:,} values in {rotated:.1f} s ({done.rotated / rotated:,.0f} a second, "
        f"{rotated / plain:.1f} times a plain UPDATE), {looked:.1f} s to look"
    )


if __name__ == "__main__":
    measure() if "measure" in sys.argv else main()
