"""What one test leaves in Redis, no other sees; other users of the server are left alone."""

import os
from queue import Empty

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.core.cache import cache


def leave_something() -> None:
    assert cache.get("left") is None
    with current_app.connection_for_write() as broker, broker.SimpleQueue("letters") as queue:
        with pytest.raises(Empty):
            queue.get(block=False)
        cache.set("left", 1)
        queue.put("left")


def test_the_first_leaves_something() -> None:
    leave_something()


def test_the_second_does_not_see_it() -> None:
    leave_something()


def test_all_keys_carry_the_prefix_of_this_run(redis_server) -> None:
    leave_something()
    assert os.environ["REDIS_KEY_PREFIX"] == settings.REDIS_KEY_PREFIX
    for url in (settings.CACHES["default"]["LOCATION"], redis_server.broker_url()):
        with redis.Redis.from_url(url) as client:
            ours = [key for key in client.scan_iter() if settings.REDIS_KEY_PREFIX in key.decode()]
            assert ours
            assert all(key.decode().startswith(settings.REDIS_KEY_PREFIX) for key in ours)
