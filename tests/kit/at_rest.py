"""What a thief of the disks would hold: the database's file or dump and Redis' memory and log; and what is in it.

A text is looked for as it is, in any case, and as JSON, a URL, HTML, a quoted mail, base64 or hex digits has it.
"""

import base64
import json
import os
import quopri
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus

import redis
from django.contrib.sessions.models import Session
from django.db import connection

from tests.kit.own_servers import OwnRedis, find_postgres

SHORTEST = 8  # of what stays of a text in base64: less is found by chance


def database() -> Iterator[tuple[str, bytes]]:
    """Yield the files of an SQLite database, or a PostgreSQL's dump, by name; and sessions, which are compressed."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-journal"))]
        assert path.exists()
        yield from ((file.name, file.read_bytes()) for file in files if file.exists())
    else:
        yield "pg_dump", _dump()
    for session in Session.objects.all():
        yield "a session", json.dumps(session.get_decoded(), ensure_ascii=False).encode()


def memory(server: OwnRedis) -> Iterator[tuple[str, bytes]]:
    """Yield what a Redis started with `--appendonly yes` holds: each key with its value, and its files."""
    for number in range(2):
        with redis.Redis(port=server.port, db=number) as client:
            for key in client.scan_iter():
                yield "a key of Redis", key + b"\n" + (client.dump(key) or b"")
    for file in server.directory.rglob("*"):
        if file.is_file():
            yield f"Redis' {file.name}", file.read_bytes()


def found(texts: Iterable[str], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Return in which places which of `texts` can be read, in a sentence each."""
    known = [(text, _ways(text)) for text in texts]
    hits = []
    for place, data in places:
        folded = data.lower()
        for text, (exact, any_case) in known:
            if any(way in data for way in exact) or any(way in folded for way in any_case):
                hits.append(f"{place} holds {text!r}")
    return hits


def _ways(text: str) -> tuple[list[bytes], list[bytes]]:
    """Return how a text may be written: what stands so exactly, and what may stand in any case."""
    coded = text.encode()
    exact = []
    for shift in range(3):  # base64 depends on where in a group of three bytes the text begins
        whole = base64.b64encode(bytes(shift) + coded)
        first, last = (0, 2, 3)[shift], len(whole) - 4 * bool((shift + len(coded)) % 3)
        if len(kept := whole[first:last]) >= SHORTEST:
            exact += [kept, kept.translate(bytes.maketrans(b"+/", b"-_"))]
    ways = {text, json.dumps(text)[1:-1], escape(text), quote(text), quote(text, safe=""), quote_plus(text)}
    ways |= {"".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text)}  # as Django's JSON in scripts does
    ways |= {text.replace("@", sign) for sign in ("\\u0040", "%40", "&#64;", "&#x40;")} | {coded.hex()}
    any_case = {way.lower().encode() for way in ways} | {text.lower().encode("utf-16-le")}
    return exact, [*any_case, quopri.encodestring(coded).lower()]


def _dump() -> bytes:
    settings = connection.settings_dict
    programs = find_postgres()
    program = programs / "pg_dump" if programs and (programs / "pg_dump").exists() else shutil.which("pg_dump")
    if program is None:
        return _rows()
    address = ["-h", settings["HOST"], "-p", str(settings["PORT"] or 5432), "-U", settings["USER"]]
    environment = {**os.environ, "PGPASSWORD": settings["PASSWORD"] or ""}
    command = [str(program), *address, "--inserts", "--data-only", "--disable-triggers", settings["NAME"]]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"INSERT INTO public.django_migrations" in done.stdout
    return done.stdout


def _rows() -> bytes:
    """Return every row of every table as text, where there is no pg_dump."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT t::text FROM {name} AS t")
            parts += [row[0] for row in cursor.fetchall()]
    return "\n".join(parts).encode()
