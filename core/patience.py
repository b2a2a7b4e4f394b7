"""How long a reader waits for SQLite's one writer.

Whoever only looks at something leaves an entry in the audit trail all the same. Behind a long write transaction that
would hold a web thread for as long as a writer waits, which is what `OPTIONS["timeout"]` says.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

READERS_SECONDS = 3


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Have statements of the block wait so long for the write lock, then raise OperationalError.

    On SQLite outside of transactions: within one that writes the lock is there already.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    usual = connection.settings_dict["OPTIONS"].get("timeout", 5)
    _wait(min(seconds, usual))
    try:
        yield
    finally:
        _wait(usual)


def _wait(seconds: float) -> None:
    if connection.connection is not None:  # a fault may have closed it
        connection.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
