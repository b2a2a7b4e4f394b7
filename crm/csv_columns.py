"""The columns of a contacts file: what export calls them, and under which other names import knows them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from .csv_text import DELIMITERS, NO_CSV, Record, Records, unescaped

# In the order of an export. The first name is export's and the column's own; the others are those of other programs.
COLUMNS: dict[str, tuple[str, ...]] = {
    "email": ("e mail", "mail", "email address", "e mail address", "primary email", "work email", "business email"),
    "further emails": (
        *("other emails", "additional emails", "additional email addresses", "secondary email", "second email"),
        *("email 2", "e mail 2", "e mail 2 address", "e mail 2 value", "email 3", "e mail 3", "e mail 3 address"),
    ),
    "first name": ("firstname", "given name", "forename"),
    "last name": ("lastname", "surname", "family name"),
    "name": ("full name", "fullname", "contact", "contact name", "person"),
    "job title": ("title", "jobtitle", "position", "job", "role", "organization title"),
    "seniority": (),
    "department": (),
    "company": (
        *("brand", "company name", "brand name", "organisation", "organization", "organization name", "employer"),
        *("account", "account name", "associated company"),
    ),
    "domain": ("company domain", "company domain name", "brand domain", "website domain"),
    "website": ("web site", "company website", "website url", "url", "homepage", "web page", "web"),
    "company linkedin": (
        "company linkedin url",
        "linkedin company url",
        "linkedin company page",
        "company linkedin page",
    ),
    "company region": ("company country", "brand region"),
    "linkedin": ("linkedin url", "linkedin profile", "linkedin profile url", "person linkedin url", "linkedin bio"),
    "region": ("country", "country region", "country code", "region code", "person country"),
    "lawful basis": ("legal basis", "gdpr basis"),
    "relationship status": ("relationship",),
    "owner": (),  # a user name; other programs have other people there
    "suppressed": ("suppress", "blocked", "blocklisted"),
    "unsubscribed": (
        *("opt out", "optout", "opted out", "email opt out", "has opted out of email", "unsubscribe"),
        *("unsubscribed from all email", "unsubscribed at"),
    ),
    "do not contact": ("do not email", "do not mail", "dnc", "objection", "objected"),
    "source": ("lead source", "contact source", "original source"),
    "notes": ("note", "comment", "comments", "description", "remarks"),
}
NAMED = {name: column for column, others in COLUMNS.items() for name in (column, *others)}
SEVERAL = {"email", "further emails"}  # of these every column counts, of the others the first that is filled
PERSONAL = {"email", "further emails", "first name", "last name", "name"}

HEADER = (
    "The first line must name the columns: email, first name, last name and company, for instance. "
    "A file of companies has company or domain."
)

TOO_MANY = (
    "This line has more cells than the first line has: put quotation marks around a cell with the delimiter in it."
)


class FileError(ValueError):
    """The whole file cannot be read as one of contacts or companies; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its cells by column; those of unknown columns are left out. `problem` is about all of it, or ""."""

    line: int
    cells: dict[str, str]
    headings: dict[str, str]
    problem: str = ""

    def heading(self, column: str) -> str:
        """Return what the file calls a column, else what we do."""
        return self.headings.get(column, column)


class Table:
    """A text whose first record names the columns. Raises FileError where it does not."""

    def __init__(self, text: TextIO) -> None:
        self._records = Records(text)
        self._records.skip()
        # The delimiter by which most of the header are names of columns.
        self._delimiter = max(DELIMITERS, key=lambda delimiter: len(_known(self._records.peek(delimiter))))
        header = next(self._records.read(self._delimiter), None)
        cells = header.cells if header and header.cells else []
        self._columns = [NAMED.get(_folded(cell), "") for cell in cells]
        known = set(self._columns)
        if not known & (PERSONAL | {"company", "domain"}):
            raise FileError(HEADER)
        self.of_people = bool(known & PERSONAL)
        self._headings = {column: cell.strip() for column, cell in zip(self._columns, cells, strict=True) if column}
        self.ignored = [cell.strip() for column, cell in zip(self._columns, cells, strict=True) if not column]

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not empty."""
        for record in self._records.read(self._delimiter):
            if record.cells is None:
                yield Row(record.line, {}, self._headings, NO_CSV)
            elif any(cell.strip() for cell in record.cells):
                yield self._row(record.line, record.cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        values: dict[str, list[str]] = defaultdict(list)
        for column, cell in zip(self._columns, cells, strict=False):
            if column and (value := unescaped(cell.strip())):
                values[column].append(value)
        too_many = any(cell.strip() for cell in cells[len(self._columns) :])
        joined = {name: " ".join(given) if name in SEVERAL else given[0] for name, given in values.items()}
        return Row(line, joined, self._headings, TOO_MANY if too_many else "")


def _folded(cell: str) -> str:
    return " ".join(re.findall(r"\w+", cell.replace("_", " ").casefold()))


def _known(record: Record | None) -> set[str]:
    return {_folded(cell) for cell in (record.cells if record and record.cells else [])} & NAMED.keys()
