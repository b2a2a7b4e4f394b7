"""Where data lives: `DATABASE_URL` and `REDIS_URL` turned into Django's and Celery's settings.

Pure functions, so that every form of URL has a test.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# A unix socket's path is at most 107 bytes on Linux (sun_path, unix(7)).
MAX_SOCKET_PATH = 107

SQLITE_OPTIONS = {
    # BEGIN IMMEDIATE: a transaction that will write queues for the lock instead of failing later.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=NORMAL;"
        "PRAGMA temp_store=MEMORY;"
        "PRAGMA cache_size=-20000;"
        "PRAGMA journal_size_limit=67108864;"
    ),
}


def database(url: str, var_dir: Path) -> dict[str, Any]:
    """Return Django's `DATABASES["default"]` for `DATABASE_URL`; without one, SQLite in `var_dir`.

    Raises ImproperlyConfigured for an engine other than PostgreSQL or SQLite.
    """
    if not url:
        return _sqlite(str(var_dir / "db.sqlite3"))
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        name = environ.Env.db_url_config(url)["NAME"]
        return _sqlite(name)
    if scheme not in {"postgres", "postgresql", "psql", "pgsql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {scheme or 'no scheme'}: use postgresql://user:password@host:5432/name, "
            "or leave it unset for SQLite in VAR_DIR."
        )
    config = dict(environ.Env.db_url_config(url))
    config["ENGINE"] = "django.db.backends.postgresql"
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    config["OPTIONS"] = {"connect_timeout": 5, **config.get("OPTIONS", {})}
    return config


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "CONN_MAX_AGE": 60,
        "OPTIONS": dict(SQLITE_OPTIONS),
        # Threads and worker processes share a test's database: a file, never :memory:.
        "TEST": {"NAME": f"{name}.test"},
    }


def short_name(path: Path) -> str:
    """Return eight letters and digits that stand for `path`, for a socket whose full path would be too long."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class RedisUrls:
    """One server under the two spellings its clients use, each with a database number of its own."""

    broker: str  # Celery and kombu
    cache: str  # Django's RedisCache and redis-py


def redis(url: str) -> RedisUrls:
    """Return broker and cache URLs for `REDIS_URL` (`redis://`, `rediss://`, `unix://`).

    The database number in the URL (default 0) is the broker's, the next one the cache's. kombu
    writes a socket as `redis+socket://`, redis-py as `unix://`.
    Certificates are verified unless the URL says `ssl_cert_reqs=none`.
    Raises ImproperlyConfigured for another scheme, or a database number that is none.
    """
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = parse_qs(parts.query)
        number = _number(query.get("db", ["0"])[0])
        path = unquote(parts.path)
        credentials = f"{parts.username or ''}:{parts.password}@" if parts.password else ""
        return RedisUrls(
            broker=f"redis+socket://{credentials}{quote(path)}?virtual_host={number}",
            cache=f"unix://{credentials}{quote(path)}?db={number + 1}",
        )
    if parts.scheme not in {"redis", "rediss"}:
        raise ImproperlyConfigured(
            f"REDIS_URL starts with {parts.scheme or 'no scheme'}: use redis://, rediss:// or unix://, "
            "or leave it unset for the embedded Valkey."
        )
    number = _number(parts.path.strip("/") or "0")
    if parts.scheme == "rediss" and "ssl_cert_reqs" not in parse_qs(parts.query):
        # Without it kombu would not verify the certificate.
        parts = parts._replace(query="&".join(filter(None, [parts.query, "ssl_cert_reqs=required"])))
    return RedisUrls(
        broker=urlunsplit(parts._replace(path=f"/{number}")),
        cache=urlunsplit(parts._replace(path=f"/{number + 1}")),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ImproperlyConfigured(f"REDIS_URL: {text!r} is no database number. End it with /0, or ?db=0 for unix://.")
    return int(text)
