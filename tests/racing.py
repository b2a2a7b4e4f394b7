"""Many threads who reach for the same thing at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

_T = TypeVar("_T")


def race(number: int, work: Callable[[int], _T]) -> list[_T]:
    """Return what `work(0)` … `work(number - 1)` return, all begun at once in threads of their own."""
    gate = Barrier(number)

    def run(index: int) -> _T:
        gate.wait()
        try:
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))
