"""One source at work among others: how it is doing, and how it ended."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import StrEnum

from enrichment.discovery.base import (
    Diagnostic,
    Findings,
    Person,
    Source,
    SourceError,
    printable,
    printable_claim,
)
from enrichment.discovery.clues import Clues

BUSY = 0.5  # seconds of work by which a source shows that it does not just wait for another's clue

log = logging.getLogger(__name__)


class State(StrEnum):
    """How one source is doing."""

    WAITING = "waiting"  # for what another source finds
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"
    LEFT_ALONE = "left_alone"


@dataclass(frozen=True, slots=True)
class Report:
    """How one source is doing, how many seconds it has taken, whom it found, and what it has to say."""

    name: str
    state: State
    seconds: float = 0.0
    people: tuple[Person, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """How a source ended: with findings, or with a failure, which may be an unexpected one."""

    seconds: float
    findings: Findings = field(default_factory=Findings)
    failure: Diagnostic | None = None
    crash: Exception | None = None


@dataclass(slots=True)
class Run:
    """One source at work."""

    source: Source
    clues: Clues
    all_stopped: Callable[[], bool]
    clock: Callable[[], float]
    began: float
    end: End | None = None

    def over(self) -> float:
        """Return by how many seconds the source has used more than its time; negative while it has some left."""
        return self._used() - self.source.seconds

    def stopped(self) -> bool:
        return self.all_stopped() or self.over() >= 0

    def report(self) -> Report:
        name = self.source.name
        if self.end is None:
            waits = self.clues.waited > 0 and self._used() < BUSY
            return Report(name, State.WAITING if waits else State.ASKING, self.clock() - self.began)
        if self.end.failure is not None:
            return Report(name, State.FAILED, self.end.seconds, note=self.end.failure.sentence)
        findings = self.end.findings
        note = findings.diagnostics[0].sentence if findings.diagnostics else ""
        return Report(name, State.DONE, self.end.seconds, findings.people, note)

    def ended(self, future: Future[Findings] | None) -> None:
        """Note how the source ended; without a future it did not, and is left behind."""
        seconds = self.clock() - self.began
        if future is None:
            self.end = End(seconds, failure=_timed_out(self.source))
            return
        try:
            self.end = End(seconds, _printable(future.result()))
        except SourceError as error:
            self.end = End(seconds, failure=error.diagnostic)
        except Exception as error:
            # One source never costs the others' work.
            log.exception("the source %s failed", self.source.name)
            self.end = End(seconds, failure=_crashed(self.source, error), crash=error)

    def _used(self) -> float:
        return self.clock() - self.began - self.clues.waited


def _printable(findings: Findings) -> Findings:
    """Return the findings without characters that no database takes."""
    return replace(
        findings,
        people=tuple(map(printable, findings.people)),
        departed=tuple(map(printable, findings.departed)),
        company=tuple(map(printable_claim, findings.company)),
    )


def _timed_out(source: Source) -> Diagnostic:
    seconds = f"{source.seconds:.0f} seconds"
    sentence = f"{source.name} had not ended after its {seconds}: what the others found was taken without it."
    return Diagnostic("timeout", sentence, source.name)


def _crashed(source: Source, error: Exception) -> Diagnostic:
    sentence = f"The source {source.name} failed unexpectedly ({type(error).__name__}); the log has the details."
    return Diagnostic("source_failed", sentence, source.name)
