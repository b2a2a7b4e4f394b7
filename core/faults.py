"""What a request is answered when something that we stand on is gone: 503, a sentence, and when to try again.

The database, Redis (broker, cache, limits), the disk, or the keys. Nothing was written then, or it was rolled back.
"""

import errno
import sys
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError

from core.encryption import DecryptionError

RETRY_SECONDS = 5
DATABASE = "The database does not answer. Try again in a moment."
DATABASE_FULL = "The disk of the database is full, so nothing can be written. Free some space, then try again."
REDIS = "Redis does not answer. Try again in a moment."
REDIS_FULL = "Redis is full or cannot write. Give it more memory or disk space, then try again."
DISK_FULL = "The disk is full. Free some space, then try again."
KEYS = (
    "A stored value cannot be read with the keys that are set. Set FIELD_ENCRYPTION_KEYS to the keys that wrote it: "
    "docs/operations.md, “Keys”."
)
FULL = {errno.ENOSPC, errno.EDQUOT}
# SQLite's result codes and PostgreSQL's SQLSTATE (disk_full) for a disk without space
SQLITE_FULL, POSTGRESQL_FULL = "SQLITE_FULL", "53100"
CANNOT_WRITE = "MISCONF"  # how Redis begins when its own disk fails it
# For tasks that no schedule does over: a database that is gone must not cost what somebody asked for. Celery's options.
RETRIED: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError),
    "retry_backoff": RETRY_SECONDS,
    "retry_backoff_max": 600,
    "max_retries": 10,
}

log = structlog.get_logger(__name__)


def sentence(error: BaseException | None) -> str | None:
    """Return what to tell whoever asked; None for an error that is none of these."""
    if isinstance(error, OperationalError | InterfaceError):
        return DATABASE_FULL if _database_is_full(error) else DATABASE
    if isinstance(error, RedisError | BrokerError):
        full = isinstance(error, OutOfMemoryError | ReadOnlyError) or str(error).startswith(CANNOT_WRITE)
        return REDIS_FULL if full else REDIS
    if isinstance(error, DecryptionError):
        return KEYS
    if isinstance(error, OSError) and error.errno in FULL:
        return DISK_FULL
    return None


def note(error: BaseException) -> None:
    """Write the kind of error to the log, and let go of connections that may be broken."""
    log.warning("a request could not be answered", error=type(error).__name__)
    if sentence(error) == DATABASE:
        connections.close_all()


def page(_request: HttpRequest) -> HttpResponse | None:
    """Return the page for the error that is being handled just now; None when it is none of these.

    It is rendered without the request: looking for a user would ask the database again.
    """
    error = sys.exc_info()[1]
    said = sentence(error)
    if error is None or said is None:
        return None
    note(error)
    answer = HttpResponse(render_to_string("503.html", {"sentence": said}), status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def _database_is_full(error: BaseException) -> bool:
    cause = error.__cause__ or error
    return getattr(cause, "sqlite_errorname", "") == SQLITE_FULL or getattr(cause, "sqlstate", "") == POSTGRESQL_FULL
