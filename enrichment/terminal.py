"""What commands print for people: tables with scores in colour and shape, and a progress line on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.table import Table
from rich.text import Text

from enrichment.emails import scoring

# spec, "Confidence Indicators"; a shape beside the colour, since not everybody sees it.
LOOKS = {"verified": ("green", "●"), "unknown": ("yellow", "◐"), "risky": ("red", "○")}


def console(stream: OutputWrapper) -> Console:
    """Return a rich console on a command's stdout. Off a terminal it neither colours nor cuts lines."""
    terminal = stream.isatty()
    return Console(file=cast(IO[str], stream), no_color=not terminal, width=None if terminal else 160, highlight=False)


def table(*columns: str) -> Table:
    """Return an empty table with these headings."""
    result = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        result.add_column(column, overflow="fold")
    return result


def score(value: int | None) -> Text:
    """Return a 0-100 score with the colour and shape of its band."""
    if value is None:
        return Text("-")
    colour, shape = LOOKS[scoring.status(value)]
    return Text(f"{shape} {value:>3}", style=colour)


def chance(value: float | None) -> Text:
    """Return a probability as a percentage."""
    return Text("-" if value is None else f"{value:.0%}")


@contextmanager
def progress(show: bool) -> Iterator[Callable[[str], None]]:
    """Yield a function that shows one line of progress on stderr; it shows nothing unless that is a terminal."""
    if not (show and sys.stderr.isatty()):
        yield lambda _text: None
        return
    with Console(stderr=True).status("Starting") as status:
        yield status.update
