"""One source for every company register: follow the numbers that others find, and ask who the officers are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from enrichment.discovery.answers import Kept
from enrichment.discovery.base import Brand, Context, Diagnostic, Evidence, Findings, Person, SourceError
from enrichment.discovery.clues import Clue
from enrichment.discovery.public_index.registers import matching, people
from enrichment.discovery.public_index.registers.records import Officer, Record, dumped, loaded

__all__ = ["Officer", "Record", "Register", "RegisterSource"]

MAX_NUMBERS = 3  # of one brand
NOTHING_KEPT = timedelta(days=7)  # a number that no company has
LESS_SURE = 0.25  # the company was found by name, or has another name than the brand


class Register(Protocol):
    """A country's register. `scheme`: its numbers'; `name`: as in ENRICHMENT_SOURCES; `title`: what people call it.

    `certainty`, 0-1: how sure an entry makes that somebody holds the role now. `keep`: how long a record serves.
    """

    scheme: str
    name: str
    title: str
    certainty: float
    keep: timedelta

    def company(self, number: str, context: Context) -> Record | None:
        """Return what is registered under `number`; None for nothing, and for a company that is no more.

        Raises SourceError.
        """

    def numbers(self, brand: Brand, context: Context) -> Sequence[str]:
        """Return the numbers that a search for the brand finds, the best first; none where no search is safe.

        Raises SourceError.
        """


class RegisterSource:
    """A register as a source of people (see `Register`): by numbers, and only without any by a search."""

    seconds = 25.0

    def __init__(self, register: Register) -> None:
        self.register = register
        self.name = register.name

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return the officers of the brand's companies, at most MAX_NUMBERS. Raises SourceError when none was found."""
        visit = _Visit(self.register, brand, context)
        try:
            visit.follow_clues()
            if not visit.asked and not context.stopped():
                visit.search()
        except SourceError as error:
            if not visit.matched:
                raise
            visit.diagnostics.append(error.diagnostic)
        return visit.findings()


@dataclass(slots=True)
class _Visit:
    """One brand looked up in one register."""

    register: Register
    brand: Brand
    context: Context
    asked: int = 0
    matched: int = 0
    strangers: int = 0
    found: list[Person] = field(default_factory=list)
    left: list[Person] = field(default_factory=list)
    facts: list[Evidence] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def follow_clues(self) -> None:
        for clue in self.context.clues.follow(self.register.scheme, self.context.stopped):
            if not (clue.value.isascii() and clue.value.isalnum()):
                continue  # it becomes part of an address
            self.asked += 1
            record = self._record(clue.value)
            if record is not None:
                self._take(record, self._certainty(record, clue))
            if self.asked >= MAX_NUMBERS:
                return

    def search(self) -> None:
        for number in self.register.numbers(self.brand, self.context)[:MAX_NUMBERS]:
            if self.context.stopped():
                return
            record = self._record(number)
            if record is not None:
                self._take(record, self._certainty(record, None))

    def findings(self) -> Findings:
        if self.strangers and not self.matched:
            self._tell(
                "other_company",
                "{title} keeps another company under the number on the website: its name is not the brand's, so its "
                "officers were left out. Enter the legal name as the brand's if it is the same company.",
            )
        return Findings(
            people=tuple(self.found),
            diagnostics=tuple(self.diagnostics),
            departed=tuple(self.left),
            company=tuple(self.facts),
        )

    def _certainty(self, record: Record, clue: Clue | None) -> float | None:
        """How sure it is that the company is the brand and the roles are held; None when it is another company."""
        certainty = self.register.certainty
        if matching.resembles(record, self.brand):
            by_name_only = clue is None and self.brand.domain not in record.domains
            return certainty - LESS_SURE if by_name_only else certainty
        if clue is not None and matching.is_published_by(record, self.brand, clue):
            return certainty - LESS_SURE
        return None

    def _take(self, record: Record, certainty: float | None) -> None:
        if record.withheld:
            self._tell("withheld", "{title} withholds the company's entry at its own wish; nothing was taken from it.")
            return
        if certainty is None:
            self.strangers += 1
            return
        self.matched += 1
        register = self.register
        self.found += people.current(record, register.name, certainty)
        self.left += people.departed(record, register.name)
        self.facts += people.company_facts(record, register.name, register.title)
        if record.withheld_people:
            self._tell("withheld", "{title} withholds some of the company's officers at their own wish.")

    def _tell(self, code: str, sentence: str) -> None:
        diagnostic = Diagnostic(code, sentence.format(title=self.register.title), self.register.name)
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)

    def _record(self, number: str) -> Record | None:
        """Return the company's record, kept or asked for. What is kept is the record, not the answer: that has birth
        dates and addresses in it.
        """
        key = f"{self.register.name} record {number}"
        kept = self.context.answers.get(key)
        if kept is not None:
            try:
                record = loaded(kept.content)
            except ValueError:
                pass  # written by another version
            else:
                age = self.register.keep if record is not None else NOTHING_KEPT
                if kept.is_fresh(age, self.context.now()):
                    return record
        record = self.register.company(number, self.context)
        self.context.answers.put(Kept(key, self.context.now(), dumped(record)))
        return record
