"""What one source finds and another follows while both run: the numbers under which registers keep a company."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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


class Clues:
    """A board for one job's sources, safe among threads. `givers`: the sources that may still put something up."""

    def __init__(self, givers: Iterable[str] = ()) -> None:
        self._givers = set(givers)
        self._clues: dict[tuple[str, str], Clue] = {}
        self._changed = threading.Condition()

    def add(self, clue: Clue) -> None:
        """Put a clue up. One that is there already stays as it was."""
        with self._changed:
            self._clues.setdefault((clue.scheme, clue.value), clue)
            self._changed.notify_all()

    def done(self, source: str) -> None:
        """Say that `source` has ended: nobody waits for it any longer."""
        with self._changed:
            self._givers.discard(source)
            self._changed.notify_all()

    def follow(self, scheme: str, stopped: Callable[[], bool]) -> Iterator[Clue]:
        """Yield the clues of `scheme`, each once, as they come, until no giver is left or `stopped()`."""
        given: set[str] = set()
        while not stopped():
            with self._changed:
                fresh = [clue for clue in self._clues.values() if clue.scheme == scheme and clue.value not in given]
                if not fresh:
                    if not self._givers:
                        return
                    self._changed.wait(TICK)
                    continue
            for clue in fresh:
                given.add(clue.value)
                yield clue
