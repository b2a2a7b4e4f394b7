"""All sources at once: each in a thread with a time of its own, and one that fails or hangs costs only itself."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from enrichment.discovery.base import (
    Brand,
    Context,
    Diagnostic,
    Evidence,
    Findings,
    Person,
    Source,
    SourceError,
    printable,
    printable_claim,
)
from enrichment.discovery.breakers import Breakers
from enrichment.discovery.clues import Clues

GRACE = 1.0  # seconds between telling a source that its time is up and going on without it

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Discovered:
    """What the sources brought back together. `crashes`: the unexpected errors, if every source ended in one."""

    people: list[Person] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    departed: list[Person] = field(default_factory=list)
    company: list[Evidence] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)

    def add(self, findings: Findings) -> None:
        self.people += map(printable, findings.people)
        self.addresses += findings.addresses
        self.diagnostics += findings.diagnostics
        self.departed += map(printable, findings.departed)
        self.company += map(printable_claim, findings.company)


@dataclass(slots=True)
class _Run:
    """One source at work."""

    source: Source
    clues: Clues
    all_stopped: Callable[[], bool]
    clock: Callable[[], float]
    began: float

    def over(self) -> float:
        """Return by how many seconds the source has used more than its time; negative while it has some left."""
        return self.clock() - self.began - self.clues.waited - self.source.seconds

    def stopped(self) -> bool:
        return self.all_stopped() or self.over() >= 0


@dataclass(slots=True)
class SideBySide:
    """Asks sources about a brand.

    `givers`: names of sources whose clues others wait for. `own_site`: names of those that read the brand's own site,
    whose failures say nothing about the next brand. `clock` as `time.monotonic`.
    """

    breakers: Breakers
    givers: Collection[str] = ()
    own_site: Collection[str] = ()
    clock: Callable[[], float] = time.monotonic

    def ask(
        self,
        sources: Sequence[Source],
        brand: Brand,
        context: Context,
        tick: Callable[[Sequence[str]], object],
        every: float = 1.0,
    ) -> Discovered:
        """Return what the sources found, in their order.

        `tick(names)` is called at least every `every` seconds with the sources still at work; what it raises goes
        through, once `context.stopped` tells the sources to end.
        """
        result = Discovered()
        open_ones = [source for source in sources if not self._left_alone(source, result)]
        board = Clues({source.name for source in open_ones} & set(self.givers))
        pool = ThreadPoolExecutor(max(len(open_ones), 1), "source")
        try:
            runs = dict(self._start(pool, open_ones, brand, context, board))
            abandoned = self._wait(runs, board, tick, every)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        failures = [self._gather(run, None if future in abandoned else future, result) for future, run in runs.items()]
        if not all(failures):  # somebody got through, or said in words why not
            result.crashes.clear()
        return result

    def _left_alone(self, source: Source, result: Discovered) -> bool:
        closed = self.breakers.closed_for(source.name)
        if closed:
            result.diagnostics.append(closed)
        return closed is not None

    def _start(
        self, pool: ThreadPoolExecutor, sources: Sequence[Source], brand: Brand, context: Context, board: Clues
    ) -> Iterator[tuple[Future[Findings], _Run]]:
        for source in sources:
            clues = board.for_source()
            run = _Run(source, clues, context.stopped, self.clock, self.clock())
            yield pool.submit(source.find, brand, replace(context, stopped=run.stopped, clues=clues)), run

    def _wait(
        self,
        runs: dict[Future[Findings], _Run],
        board: Clues,
        tick: Callable[[Sequence[str]], object],
        every: float,
    ) -> set[Future[Findings]]:
        """Wait until each source has ended or its time is up; return those that did not end."""
        pending, abandoned = set(runs), set()
        while pending:
            left = [-runs[future].over() + GRACE for future in pending]
            done, pending = wait(pending, max(min([every, *left]), 0.0), return_when=FIRST_COMPLETED)
            late = {future for future in pending if runs[future].over() >= GRACE}
            for future in done | late:
                board.done(runs[future].source.name)
            abandoned |= late
            pending -= late
            tick(sorted(runs[future].source.name for future in pending))
        return abandoned

    def _gather(self, run: _Run, future: Future[Findings] | None, result: Discovered) -> bool:
        """Add what a source found, or what it says went wrong; return whether it failed unexpectedly."""
        source = run.source
        if future is None:
            self._failed(source, _timed_out(source), result)
            return False
        try:
            findings = future.result()
        except SourceError as error:
            self._failed(source, error.diagnostic, result)
            return False
        except Exception as error:
            # One source never costs the others' work.
            log.exception("the source %s failed", source.name)
            result.crashes.append(error)
            self._failed(source, _crashed(source, error), result)
            return True
        result.add(findings)
        if source.name not in self.own_site:
            self.breakers.succeeded(source.name)
        return False

    def _failed(self, source: Source, diagnostic: Diagnostic, result: Discovered) -> None:
        said = {(item.code, item.sentence) for item in result.diagnostics}
        if (diagnostic.code, diagnostic.sentence) not in said:  # two sources that read the same site say it once
            result.diagnostics.append(diagnostic)
        if source.name not in self.own_site:
            self.breakers.failed(source.name, diagnostic)


def _timed_out(source: Source) -> Diagnostic:
    seconds = f"{source.seconds:.0f} seconds"
    sentence = f"{source.name} had not ended after its {seconds}: what the others found was taken without it."
    return Diagnostic("timeout", sentence, source.name)


def _crashed(source: Source, error: Exception) -> Diagnostic:
    sentence = f"The source {source.name} failed unexpectedly ({type(error).__name__}); the log has the details."
    return Diagnostic("source_failed", sentence, source.name)
