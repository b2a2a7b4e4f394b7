"""Every form of DATABASE_URL and REDIS_URL."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from kombu.utils.url import parse_url

from enrichment_project import databases, valkey

VAR = Path("/srv/var")


def test_without_a_url_the_database_is_sqlite_in_var_dir() -> None:
    config = databases.database("", VAR)
    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["NAME"] == "/srv/var/db.sqlite3"
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in config["OPTIONS"]["init_command"]


def test_the_tests_database_is_a_file_that_other_processes_see() -> None:
    assert databases.database("", VAR)["TEST"]["NAME"] == "/srv/var/db.sqlite3.test"


def test_sqlite_may_be_named_and_is_tuned_all_the_same() -> None:
    config = databases.database("sqlite:////data/x.sqlite3", VAR)
    assert config["NAME"] == "/data/x.sqlite3"
    assert config["OPTIONS"] == databases.SQLITE_OPTIONS


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "psql", "pgsql"])
def test_postgresql_in_every_spelling(scheme: str) -> None:
    config = databases.database(f"{scheme}://ann:secret@db.example:6543/enrichment", VAR)
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["USER"], config["PASSWORD"], config["HOST"], config["PORT"], config["NAME"]) == (
        "ann",
        "secret",
        "db.example",
        6543,
        "enrichment",
    )
    assert config["CONN_HEALTH_CHECKS"]


def test_a_password_with_odd_characters_is_percent_encoded() -> None:
    config = databases.database("postgresql://ann:p%40ss%2Fw%3Ard%25@db.example/enrichment", VAR)
    assert config["PASSWORD"] == "p@ss/w:rd%"


def test_the_query_becomes_options_beside_ours() -> None:
    config = databases.database("postgresql://db.example/enrichment?sslmode=verify-full", VAR)
    assert config["OPTIONS"] == {"connect_timeout": 5, "sslmode": "verify-full"}


def test_the_query_may_override_our_time_out() -> None:
    config = databases.database("postgresql://db.example/enrichment?connect_timeout=1", VAR)
    assert str(config["OPTIONS"]["connect_timeout"]) == "1"


@pytest.mark.parametrize("url", ["mysql://localhost/x", "oracle://localhost/x", "enrichment.sqlite3", "://x"])
def test_another_database_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="use postgresql://"):
        databases.database(url, VAR)


@pytest.mark.parametrize(
    ("url", "broker", "cache"),
    [
        ("redis://cache.example", "redis://cache.example/0", "redis://cache.example/1"),
        ("redis://cache.example:6380/", "redis://cache.example:6380/0", "redis://cache.example:6380/1"),
        ("redis://cache.example:6380/4", "redis://cache.example:6380/4", "redis://cache.example:6380/5"),
        ("redis://:s%40x@cache.example/2", "redis://:s%40x@cache.example/2", "redis://:s%40x@cache.example/3"),
        (
            "rediss://u:p@cache.example/0?ssl_cert_reqs=none",
            "rediss://u:p@cache.example/0?ssl_cert_reqs=none",
            "rediss://u:p@cache.example/1?ssl_cert_reqs=none",
        ),
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0", "unix:///run/r.sock?db=1"),
        ("unix:///run/r.sock?db=3", "redis+socket:///run/r.sock?virtual_host=3", "unix:///run/r.sock?db=4"),
        (
            "unix://u:p@/run/r.sock?db=3",
            "redis+socket://u:p@/run/r.sock?virtual_host=3",
            "unix://u:p@/run/r.sock?db=4",
        ),
    ],
)
def test_redis_urls_in_the_spelling_of_each_client(url: str, broker: str, cache: str) -> None:
    assert databases.redis(url) == databases.RedisUrls(broker=broker, cache=cache)


def _address(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("host", "port", "username", "password", "db") if name in options}


@pytest.mark.parametrize("url", ["redis://h:1/2", "rediss://u:p%40@h/0"])
def test_the_clients_read_these_urls_as_meant(url: str) -> None:
    urls = databases.redis(url)
    given, cache = (_address(redis.ConnectionPool.from_url(one).connection_kwargs) for one in (url, urls.cache))
    assert cache == {**given, "db": given.get("db", 0) + 1}
    broker = parse_url(urls.broker)
    assert broker["password"] == given.get("password")
    assert (broker["hostname"], int(broker["virtual_host"])) == (given["host"], given.get("db", 0))


def test_a_unix_socket_with_a_password_serves_broker_and_cache(short_dir: Path) -> None:
    socket = short_dir / "v.sock"
    server = valkey.start(socket, short_dir / "valkey", persist=False)
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            client.config_set("requirepass", "s@x/y")
        urls = databases.redis(f"unix://:s%40x%2Fy@{socket}?db=2")
        with Connection(urls.broker) as broker, broker.SimpleQueue("letters") as queue:
            queue.put("hello")
        with redis.Redis.from_url(urls.cache) as client:
            client.set("kept", "yes")
        with redis.Redis(unix_socket_path=str(socket), password="s@x/y", db=2) as client:
            assert client.llen("letters") == 1
            client.select(3)
            assert client.get("kept") == b"yes"
    finally:
        server.child.kill()


@pytest.mark.parametrize("url", ["rediss://cache.example/0", "rediss://cache.example?ssl_ca_certs=/etc/ca.pem"])
def test_tls_verifies_the_server_unless_told_otherwise(url: str) -> None:
    urls = databases.redis(url)
    assert parse_url(urls.broker)["ssl"]["ssl_cert_reqs"] == ssl.CERT_REQUIRED
    assert redis.ConnectionPool.from_url(urls.cache).connection_kwargs["ssl_cert_reqs"] == "required"


@pytest.mark.parametrize("url", ["http://cache.example", "cache.example:6379", "memcached://h"])
def test_another_broker_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="use redis://"):
        databases.redis(url)


@pytest.mark.parametrize("url", ["redis://cache.example/zero", "unix:///run/r.sock?db=x"])
def test_a_database_number_that_is_none_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="database number"):
        databases.redis(url)


def test_short_names_differ_by_path_and_stay() -> None:
    one, other = databases.short_name(Path("/a")), databases.short_name(Path("/b"))
    assert one != other
    assert one == databases.short_name(Path("/a"))
    assert len(one) == 8
