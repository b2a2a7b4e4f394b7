"""Several at once: the same call in threads, each in a transaction of its own."""

from collections.abc import Callable
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

from django.db import DatabaseError, connections, transaction


def run(work: Callable[[], object]) -> list[DatabaseError]:
    """Run `work` twice at once; return the errors of the database."""
    errors: list[DatabaseError] = []

    def one() -> None:
        try:
            with transaction.atomic():
                work()
        except DatabaseError as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def meeting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function`, after which both wait for each other: what one of them then writes, the other has not read."""
    both = Barrier(2)

    def call(*arguments: Any) -> Any:
        result = function(*arguments)
        try:
            both.wait(0.5)
        except BrokenBarrierError:
            pass  # the other one has to wait until we are done, as it should
        return result

    return call
