"""What one source finds and another follows while both run: the numbers under which registers keep a company."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

TICK = 0.2  # seconds between looks at `stopped()`

# The registers, by country, and the form of their numbers.
NO_ORGNR = "no_orgnr"  # 9 digits
FR_SIREN = "fr_siren"  # 9 digits
CZ_ICO = "cz_ico"  # 8 digits
SK_ICO = "sk_ico"  # 8 digits
GB_COMPANY = "gb_company"  # 8 characters: 01234567, SC123456
US_CIK = "us_cik"  # digits without leading zeros
SCHEMES = (NO_ORGNR, FR_SIREN, CZ_ICO, SK_ICO, GB_COMPANY, US_CIK)


@dataclass(frozen=True, slots=True)
class Clue:
    """One number and where it was read. `scheme`: one of SCHEMES; `value` in that scheme's form, checksum checked."""

    scheme: str
    value: str
    url: str
    snippet: str = ""


@dataclass(slots=True)
class _Board:
    """What the sources of one job share."""

    givers: set[str]
    clues: dict[tuple[str, str], Clue] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)


class Clues:
    """A board for one job's sources, safe among threads. `givers`: the sources that may still put something up.

    `waited`: the seconds that this source has spent waiting for others (`for_source` gives each its own count).
    """

    def __init__(self, givers: Iterable[str] = (), board: _Board | None = None) -> None:
        self._board = board or _Board(set(givers))
        self.waited = 0.0

    def for_source(self) -> "Clues":
        """Return the same board for another source."""
        return Clues(board=self._board)

    def add(self, clue: Clue) -> None:
        """Put a clue up. One that is there already stays as it was."""
        with self._board.changed:
            self._board.clues.setdefault((clue.scheme, clue.value), clue)
            self._board.changed.notify_all()

    def done(self, source: str) -> None:
        """Say that `source` has ended: nobody waits for it any longer."""
        with self._board.changed:
            self._board.givers.discard(source)
            self._board.changed.notify_all()

    def follow(self, scheme: str, stopped: Callable[[], bool]) -> Iterator[Clue]:
        """Yield the clues of `scheme`, each once, as they come, until no giver is left or `stopped()`."""
        given: set[str] = set()
        while not stopped():
            fresh = self._next(scheme, given)
            if fresh is None:
                return
            for clue in fresh:
                given.add(clue.value)
                yield clue

    def _next(self, scheme: str, given: set[str]) -> list[Clue] | None:
        """Return what has come since, perhaps after a short wait; None when nothing can come any more."""
        board = self._board
        with board.changed:
            fresh = [clue for clue in board.clues.values() if clue.scheme == scheme and clue.value not in given]
            if not fresh and not board.givers:
                return None
            if not fresh:
                began = time.monotonic()
                board.changed.wait(TICK)
                self.waited += time.monotonic() - began
            return fresh
