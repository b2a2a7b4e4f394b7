"""CSV as text: records out of bytes in any usual encoding, and cells that no spreadsheet takes for a formula.

A delimiter is tried and not sniffed: csv.Sniffer guesses from frequencies, which names and titles lead astray.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO, cast

DELIMITERS = ",;\t"
MAX_LINE = 100_000  # characters
MAX_RECORD_LINES = 100  # beyond them a quotation mark was left open

NO_CSV = (
    "This line is no CSV: close each quotation mark and double those inside a cell, and keep a line below "
    "100,000 characters."
)

# OWASP, "CSV Injection": what makes a cell a formula, also in full width. The apostrophes are our own, and others'.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def escaped(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe in front where it could be one."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unescaped(cell: str) -> str:
    """Return what `escaped` was given."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("windows-1252", "replace"), error.end


# Bytes that are no UTF-8 are read one by one, so that nobody has to look through a stream before reading it.
codecs.register_error("as-windows-1252", _as_windows_1252)


@contextmanager
def opened(stream: BinaryIO) -> Iterator[TextIO]:
    """Yield the text in a stream of UTF-8 (with or without BOM), UTF-16 or Windows-1252. The stream stays open."""
    buffer = io.BufferedReader(cast(Any, stream))
    encoding = _encoding(buffer.peek(4)[:4])
    errors = "as-windows-1252" if encoding == "utf-8-sig" else "replace"
    text = io.TextIOWrapper(buffer, encoding, errors, newline="")
    try:
        yield text
    finally:
        text.detach()
        buffer.detach()


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a BOM: an ASCII letter of the header has a zero beside it.
    if start[1:2] == b"\0" != start[:1]:
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" != start[1:2] else "utf-8-sig"


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the number (from 1) of the line where it begins; `cells` is None where it could not be read."""

    line: int
    cells: list[str] | None


class Records:
    """The records of a text; one that cannot be read costs its own line only."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._ahead: deque[str] = deque()
        self._line = 0

    def skip(self) -> None:
        """Go past empty lines, and Excel's line `sep=;`, at the beginning."""
        for line in iter(self._next, ""):
            if line.strip() and not re.fullmatch(r"\s*sep=.\s*", line, re.IGNORECASE):
                self._put_back([line])
                return

    def peek(self, delimiter: str) -> Record | None:
        """Return the next record, which stays the next one."""
        record, taken = self._read(delimiter)
        self._put_back(taken)
        return record

    def read(self, delimiter: str) -> Iterator[Record]:
        """Yield the records that are left."""
        while True:
            record, taken = self._read(delimiter)
            if record is None:
                return
            if record.cells is None:
                self._put_back(taken[1:])
            yield record

    def _read(self, delimiter: str) -> tuple[Record | None, list[str]]:
        line, taken = self._line + 1, list[str]()
        try:
            cells = next(csv.reader(self._some(taken), delimiter=delimiter, strict=True), None)
        except csv.Error:
            return Record(line, None), taken
        return None if cells is None else Record(line, cells), taken

    def _some(self, taken: list[str]) -> Iterator[str]:
        """Yield as many lines as a record may have and write them down in `taken`."""
        size = 0
        while len(taken) < MAX_RECORD_LINES and size <= MAX_LINE:
            line = self._next()
            if not line:
                return
            taken.append(line)
            size += len(line)
            if len(line) > MAX_LINE:
                raise csv.Error("too long")
            yield line

    def _next(self) -> str:
        """Return the next line, "" at the end. Of a line that is too long only the beginning is kept."""
        line = self._ahead.popleft() if self._ahead else self._fresh()
        self._line += bool(line)
        return line

    def _fresh(self) -> str:
        line = rest = self._text.readline(MAX_LINE + 1)
        while len(rest) > MAX_LINE and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(MAX_LINE + 1)
        return line

    def _put_back(self, lines: list[str]) -> None:
        self._ahead.extendleft(reversed(lines))
        self._line -= len(lines)
