"""Requests that take long: `Prefer: wait=N` (RFC 7240) until a job ends, and those that ask mail servers or providers.

At most a quarter of a process's web threads are held so at once, so that the others stay for everybody else.
"""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.db import connections

from enrichment.jobs import ENDED
from enrichment.models import EnrichmentJob

MAX_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5

_places = BoundedSemaphore(max(1, settings.WEB_THREADS // 4))


@contextmanager
def long_place() -> Iterator[bool]:
    """Hold one of the places for requests that take long; yields False when there is none, and nothing is held."""
    held = _places.acquire(blocking=False)
    try:
        yield held
    finally:
        if held:
            _places.release()


def preferred_wait(header: str) -> int | None:
    """Return the seconds in a Prefer header's `wait=N`, at most 60; None without one that can be read."""
    match = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])", header, re.IGNORECASE)
    return min(int(match[1]), MAX_SECONDS) if match else None


def wait_for(job_id: uuid.UUID, seconds: float) -> bool:
    """Wait until the job ends or `seconds` pass; False when too many requests wait already."""
    with long_place() as held:
        if not held:
            return False
        deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
        while time.monotonic() < deadline:
            status = EnrichmentJob.objects.filter(pk=job_id).values_list("status", flat=True).first()
            connections.close_all()
            if status is None or status in ENDED:
                break
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return True
