"""What commands read from standard input: lines, in batches that one burst of DNS questions can serve."""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.core.management.base import CommandError

BATCH = 1000

_T = TypeVar("_T")


def lines(missing: str) -> Iterator[bytes]:
    """Yield the lines of standard input, without line ends. Raises CommandError `missing` when a terminal waits there.

    The check is made at the call, before the first line is asked for.
    """
    if sys.stdin.isatty():
        raise CommandError(missing, returncode=2)
    return (line.rstrip(b"\r\n") for line in sys.stdin.buffer)


def batches(items: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def readable(argument: str) -> str:
    """Return a command-line argument with the bytes that are no UTF-8 replaced."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
