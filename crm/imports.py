"""Contacts and companies out of a CSV file, in batches of one transaction each. Reading a file again changes nothing.

csv_columns.py has the columns, csv_people.py what a row may say. A dry run goes the same way and writes nothing.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from django.contrib.auth.models import User
from django.db import transaction

from core import audit
from core.names import name_key

from . import suppression
from .contacts import Facts
from .csv_brands import Directory, Placed
from .csv_columns import FileError, Table
from .csv_contacts import Entry, People, email_index
from .csv_people import OptOut, Person, Problem, read
from .csv_text import opened

__all__ = ["FileError", "Problem", "Report", "import_contacts"]

BATCH = 1000

_T = TypeVar("_T")


@dataclass(slots=True)
class Report:
    """What came of a file, or would: each of its `rows` is counted once, or has one or more `errors`.

    `suppressed` are rows of people who are on the suppression list, or were put on it. `duplicates` are rows of
    somebody whom an earlier row had. `updated` rows filled in what was missing of a contact or its brand. `ignored`
    are the headings of columns that mean nothing to us. No address and no name is in it.
    """

    dry_run: bool
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    suppressed: int = 0
    duplicates: int = 0
    errors: list[Problem] = field(default_factory=list)
    suppressed_lines: list[int] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report as programs read it."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "suppressed": self.suppressed,
            "duplicates": self.duplicates,
            "errors": [{"line": e.line, "column": e.column, "message": e.message} for e in self.errors],
            "dryRun": self.dry_run,
        }

    @property
    def failed(self) -> int:
        """How many rows have errors."""
        return len({error.line for error in self.errors})

    def sentence(self) -> str:
        """Return the counts as people read them."""
        counts = (
            f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged, "
            f"{self.suppressed} suppressed, {self.duplicates} duplicates, {self.failed} with errors"
        )
        return f"{self.rows} rows: {counts}.{' Nothing was written: this was a dry run.' if self.dry_run else ''}"


def import_contacts(stream: BinaryIO, user: User | None = None, *, dry_run: bool = False) -> Report:
    """Import a CSV file of contacts, or of companies, and return what came of it; with `dry_run` what would.

    The good rows are imported whatever is wrong with others. Raises FileError for a file without a header, before
    anything is written. An error of the database ends the import; the batches before it are written.
    """
    report = Report(dry_run)
    with opened(stream) as text:
        table = Table(text)
        report.ignored = [heading for heading in table.ignored if heading]
        run = _Run(report, user)
        owners = dict(User.objects.filter(is_active=True).values_list("username", "pk"))
        for rows in _batches(table.rows()):
            run.batch([read(row, owners, of_people=table.of_people) for row in rows])
    if not dry_run:
        _record(report, user)
    return report


def _record(report: Report, user: User | None) -> None:
    """Write the import into the audit trail; of each contact it has told already."""
    counts = {name: getattr(report, name) for name in ("rows", "created", "updated", "suppressed", "duplicates")}
    audit.record("contacts.imported", actor=user, **counts, errors=report.failed)


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


class _Run:
    """What an import has to know from one batch to the next."""

    def __init__(self, report: Report, user: User | None) -> None:
        self.report = report
        self.user = user
        self.opted_out: set[str] = set()  # by blind index; in a dry run they are on no list
        self.seen: set[bytes] = set()  # marks of contacts that a row had
        self.touched: set[uuid.UUID] = set()  # contacts and brands, too
        self.directory = Directory(dry_run=True)

    def batch(self, items: Iterable[Person | OptOut | list[Problem]]) -> None:
        people, opt_outs = list[Person](), list[OptOut]()
        for item in items:
            self.report.rows += 1
            if isinstance(item, Person):
                people.append(item)
            elif isinstance(item, OptOut):
                opt_outs.append(item)
            else:
                self.report.errors += item
        with nullcontext() if self.report.dry_run else transaction.atomic():
            suppression.hold()
            self._opt_out(opt_outs)
            self._write(self._allowed(people))

    def _opt_out(self, opt_outs: Iterable[OptOut]) -> None:
        """Suppress people before anything else of the batch: they may stand in it twice."""
        addresses: dict[str, list[str]] = defaultdict(list)
        for item in opt_outs:
            addresses[item.reason] += item.addresses
            self.opted_out.update(map(email_index, item.addresses))
            self._count_suppressed(item.line)
        if not self.report.dry_run:
            for reason, values in addresses.items():
                suppression.add(values, reason, self.user)

    def _allowed(self, people: list[Person]) -> list[Person]:
        """Return those who may be kept, without their addresses that may not. Whose first may not is left out."""
        at_domains = {f"@{person.company.domain}" for person in people if person.company.domain}
        listed = suppression.suppressed(at_domains.union(*(person.addresses for person in people)))
        allowed = []
        for person in people:
            free = tuple(
                email for email in person.addresses if email not in listed and email_index(email) not in self.opted_out
            )
            if free[:1] != person.addresses[:1] or f"@{person.company.domain}" in listed:
                self._count_suppressed(person.line)
            else:
                allowed.append(replace(person, addresses=free))
        return allowed

    def _count_suppressed(self, line: int) -> None:
        self.report.suppressed += 1
        self.report.suppressed_lines.append(line)

    def _write(self, people: list[Person]) -> None:
        directory = self.directory if self.report.dry_run else Directory(dry_run=False)
        placed = directory.place(person.company for person in people)
        rows = [(placed[person.company].brand, person, person.facts) for person in people if person.facts]
        known = People(rows, self.user, lock=not self.report.dry_run)
        for person in people:
            place = placed[person.company]
            if person.facts is None:
                self._count_company(place)
            else:
                self._take(known, place, person, person.facts)
        if not self.report.dry_run:
            known.write()

    def _count_company(self, place: Placed) -> None:
        again = place.brand in self.touched
        self.touched.add(place.brand)
        self._count(again=again, created=place.created, changed=place.changed)

    def _take(self, known: People, place: Placed, person: Person, facts: Facts) -> None:
        entry = known.find(place.brand, person, facts)
        marks = {_mark(place.brand, email_index(email)) for email in person.addresses}
        name = _mark(place.brand, entry.contact.name_key if entry else name_key(facts.first_name, facts.last_name))
        again = bool((marks or {name}) & self.seen) or (entry is not None and entry.contact.pk in self.touched)
        self.seen |= marks
        if again and entry is None:
            # A dry run whose earlier batch would have made this contact.
            self._count(again=True)
            return
        created = entry is None
        entry = entry or known.add(place.brand, facts)
        changed = entry.take(person, facts)
        known.index(entry)
        self._remember(entry, name)
        self._count(again=again, created=created, changed=changed or place.changed)

    def _remember(self, entry: Entry, name: bytes) -> None:
        self.seen.add(name)
        if not entry.new:
            self.touched.add(entry.contact.pk)

    def _count(self, *, again: bool, created: bool = False, changed: bool = False) -> None:
        if again:
            self.report.duplicates += 1
        elif created:
            self.report.created += 1
        elif changed:
            self.report.updated += 1
        else:
            self.report.unchanged += 1


def _mark(brand: uuid.UUID, text: str) -> bytes:
    """Return what stands for a contact's address or name at a brand in little room."""
    return hashlib.blake2b(brand.bytes + text.encode(), digest_size=16).digest()
