"""The Redis of the tests: a Valkey of their own, or the server of `REDIS_URL` under a key prefix of their own."""

import warnings
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from enrichment_project import valkey


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> "Iterator[RedisServer]":
    """A server for broker, cache and limits, for the length of the run."""
    if settings.EMBEDDED_REDIS_SOCKET is None:
        named = RedisServer(RedisServer.broker_url(), settings.CACHES["default"]["LOCATION"])
        yield named
        named.close()
        return
    with warnings.catch_warnings():
        # Newer Pythons warn of any fork in a process with threads; the child only calls prctl and exec.
        warnings.simplefilter("ignore", DeprecationWarning)
        server = valkey.start(settings.EMBEDDED_REDIS_SOCKET, settings.VAR_DIR / "valkey", persist=False)
    ours = RedisServer(f"unix://{settings.EMBEDDED_REDIS_SOCKET}")
    yield ours
    ours.close()
    if server.child is not None:
        server.child.kill()
        valkey.stop(server)


class RedisServer:
    """The databases that the tests write to, by URL. Connections stay open: tests change what `socket` does."""

    def __init__(self, *urls: str) -> None:
        self.clients = [redis.Redis.from_url(url, single_connection_client=True) for url in urls]

    @staticmethod
    def broker_url() -> str:
        """Return Celery's URL as redis-py spells it."""
        return str(settings.CELERY_BROKER_URL).replace("redis+socket://", "unix://").replace("?virtual_host=", "?db=")

    def forget(self) -> None:
        """Remove everything the tests put there: cache, limits, queue."""
        for client in self.clients:
            if settings.EMBEDDED_REDIS_SOCKET is not None:
                client.flushall()
            elif keys := list(client.scan_iter(match=f"{settings.REDIS_KEY_PREFIX}*", count=1000)):
                client.delete(*keys)

    def close(self) -> None:
        self.forget()
        for client in self.clients:
            client.close()


@pytest.fixture
def _empty_redis(redis_server: RedisServer) -> Iterator[None]:
    yield
    redis_server.forget()
