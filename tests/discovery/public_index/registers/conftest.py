"""Registers on loopback."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from tests.discovery.public_index.registers.desk import Desk, open_desk
from tests.kit.web import Content

Serve = Callable[[Mapping[str, Content]], Desk]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that opens a register with these pages until the test ends."""
    with ExitStack() as stack:
        yield lambda pages: stack.enter_context(open_desk(pages))
