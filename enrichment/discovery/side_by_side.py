"""All sources at once: each in a thread with a time of its own, and one that fails or hangs costs only itself."""

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
)
from enrichment.discovery.breakers import Breakers
from enrichment.discovery.clues import Clues
from enrichment.discovery.running import End, Report, Run, State

GRACE = 1.0  # seconds between telling a source that its time is up and going on without it

Tick = Callable[[Sequence[Report]], object]


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
        self.people += findings.people
        self.addresses += findings.addresses
        self.diagnostics += findings.diagnostics
        self.departed += findings.departed
        self.company += findings.company


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
        self, sources: Sequence[Source], brand: Brand, context: Context, tick: Tick, every: float = 1.0
    ) -> Discovered:
        """Return what the sources found, in their order.

        `tick` is called in this thread when they were started, whenever one has ended, and at least every `every`
        seconds, with how each of them is doing; what it raises goes through, once `context.stopped` tells the sources
        to end.
        """
        closed = {source.name: self.breakers.closed_for(source.name) for source in sources}
        open_ones = [source for source in sources if closed[source.name] is None]
        result = Discovered(diagnostics=[left_alone for left_alone in closed.values() if left_alone])
        left_alone = {
            said.source: Report(said.source, State.LEFT_ALONE, note=said.sentence) for said in result.diagnostics
        }
        board = Clues({source.name for source in open_ones} & set(self.givers))
        pool = ThreadPoolExecutor(max(len(open_ones), 1), "source")

        def tell() -> None:
            by_name = left_alone | {run.source.name: run.report() for run in runs.values()}
            tick([by_name[source.name] for source in sources])

        try:
            runs = dict(self._start(pool, open_ones, brand, context, board))
            _wait(runs, board, tell, every)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        ends = [(run.source, run.end) for run in runs.values() if run.end]
        for source, end in ends:
            self._gather(source, end, result)
        if not all(end.crash for _, end in ends):  # somebody got through, or said why not
            result.crashes.clear()
        return result

    def _start(
        self, pool: ThreadPoolExecutor, sources: Sequence[Source], brand: Brand, context: Context, board: Clues
    ) -> Iterator[tuple[Future[Findings], Run]]:
        for source in sources:
            clues = board.for_source()
            run = Run(source, clues, context.stopped, self.clock, self.clock())
            yield pool.submit(source.find, brand, replace(context, stopped=run.stopped, clues=clues)), run

    def _gather(self, source: Source, end: End, result: Discovered) -> None:
        """Add what a source found, or what it says went wrong."""
        if end.crash is not None:
            result.crashes.append(end.crash)
        if end.failure is not None:
            self._failed(source, end.failure, result)
            return
        result.add(end.findings)
        if source.name not in self.own_site:
            self.breakers.succeeded(source.name)

    def _failed(self, source: Source, diagnostic: Diagnostic, result: Discovered) -> None:
        said = {(item.code, item.sentence) for item in result.diagnostics}
        if (diagnostic.code, diagnostic.sentence) not in said:  # two sources that read the same site say it once
            result.diagnostics.append(diagnostic)
        if source.name not in self.own_site:
            self.breakers.failed(source.name, diagnostic)


def _wait(runs: dict[Future[Findings], Run], board: Clues, tell: Callable[[], None], every: float) -> None:
    """Wait until each source has ended or its time is up."""
    tell()
    pending = set(runs)
    while pending:
        left = [-runs[future].over() + GRACE for future in pending]
        done, pending = wait(pending, max(min([every, *left]), 0.0), return_when=FIRST_COMPLETED)
        late = {future for future in pending if runs[future].over() >= GRACE}
        for future in done | late:
            board.done(runs[future].source.name)
            runs[future].ended(None if future in late else future)
        pending -= late
        tell()
