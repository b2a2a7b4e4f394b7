"""The Redis of the tests: a Valkey of their own, or the server of `REDIS_URL` under a key prefix of their own."""

import warnings
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from enrichment_project import valkey


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[None]:
    """A server for broker, cache and limits, for the length of the run."""
    if settings.EMBEDDED_REDIS_SOCKET is None:
        yield
        forget()
        return
    with warnings.catch_warnings():
        # Newer Pythons warn of any fork in a process with threads; the child only calls prctl and exec.
        warnings.simplefilter("ignore", DeprecationWarning)
        server = valkey.start(settings.EMBEDDED_REDIS_SOCKET, settings.VAR_DIR / "valkey", persist=False)
    yield
    if server.child is not None:
        server.child.kill()
        valkey.stop(server)


def forget() -> None:
    """Remove everything the tests put into Redis: cache, limits, queue."""
    urls = {settings.CACHES["default"]["LOCATION"], _broker_as_redis_py_has_it()}
    for url in urls:
        with redis.Redis.from_url(url) as client:
            if settings.EMBEDDED_REDIS_SOCKET is not None:
                client.flushall()
                return
            keys = list(client.scan_iter(match=f"{settings.CACHES['default']['KEY_PREFIX']}*", count=1000))
            if keys:
                client.delete(*keys)


def _broker_as_redis_py_has_it() -> str:
    return str(settings.CELERY_BROKER_URL).replace("redis+socket://", "unix://").replace("?virtual_host=", "?db=")


@pytest.fixture
def _empty_redis() -> Iterator[None]:
    yield
    forget()
