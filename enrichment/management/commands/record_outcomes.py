"""`manage.py record_outcomes [FILE]`: what came of messages that were sent elsewhere, from CSV lines."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.contacts import clean_email
from crm.outcomes import Kind, Outcome, Recorded
from enrichment import outcomes, terminal
from enrichment.management import standard_input
from outreach import enrolments

USAGE = "Name a CSV file, or write lines address,outcome[,date] to standard input."
KINDS = ", ".join(Kind.values)
HEADER = "outcome"  # what the second column of a first line that is no record is called
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # a day begins earlier elsewhere

Line = tuple[int, Outcome | ValueError]


class Command(BaseCommand):
    help = (
        "Record what came of messages (delivered, bounced, replied, complained) from CSV lines address,outcome[,date]."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="none: read from stdin")
        parser.add_argument("--json", action="store_true", help="print JSON: an object for each bad line, then counts")

    def handle(self, *_args: Any, file: Path | None, json: bool, **_options: Any) -> None:
        total = bad = 0
        recorded = Recorded(0, 0, 0)
        with _lines(file) as lines, terminal.progress(not json) as progress:
            for batch in standard_input.batches(_read(lines)):
                progress(f"Recording {len(batch)} outcomes ({total} done)")
                good = [outcome for _, outcome in batch if isinstance(outcome, Outcome)]
                recorded = _sum(recorded, outcomes.record_many(good))
                for number, error in batch:
                    if isinstance(error, ValueError):
                        self._complain(number, error, json)
                total += len(batch)
                bad += len(batch) - len(good)
        stopped = enrolments.stop_suppressed() if recorded.suppressed else 0
        self.stdout.write(as_json(recorded, stopped, bad) if json else sentence(recorded, stopped))
        if bad:
            raise CommandError(f"{bad} of {total} lines could not be read.", returncode=1)

    def _complain(self, number: int, error: ValueError, json: bool) -> None:
        if json:
            self.stdout.write(orjson.dumps({"line": number, "error": "invalid_line", "message": str(error)}).decode())
        else:
            self.stderr.write(f"Line {number}: {error}")


@contextmanager
def _lines(file: Path | None) -> Iterator[Iterable[bytes]]:
    """Open a file, or standard input, and yield its lines. Raises CommandError when there is neither."""
    if file is None:
        yield standard_input.lines(USAGE)
        return
    try:
        opened = file.open("rb")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}. {USAGE}", returncode=2) from error
    with opened:
        yield opened


def _read(lines: Iterable[bytes]) -> Iterator[Line]:
    """Yield each line that is not empty by its number (from 1), as an outcome or as what is wrong with it."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            columns = _columns(line)
            if number > 1 or columns[1].lower() != HEADER:
                yield number, _outcome(*columns)
        except ValueError as error:
            yield number, error


def _columns(line: bytes) -> list[str]:
    """Return the two or three columns of a line: each by itself, so that a quotation mark left open spoils no other."""
    try:
        columns = [column.strip() for column in next(csv.reader([line.decode("utf-8-sig").strip()]))]
    except UnicodeDecodeError:
        raise ValueError("This line is not UTF-8.") from None
    except csv.Error as error:
        raise ValueError(f"This is no line of CSV ({error}).") from error
    if not 2 <= len(columns) <= 3:
        raise ValueError("Write address,outcome or address,outcome,date.")
    return columns


def _outcome(address: str, kind: str, date: str = "") -> Outcome:
    """Return the outcome that a line states. Raises ValueError with a sentence that does not repeat the address."""
    try:
        clean_email(address)
    except ValueError:
        raise ValueError("The first column must be an e-mail address such as ada@acme.example.") from None
    if kind.lower() not in Kind.values:
        raise ValueError(f"The second column must be one of {KINDS}.")
    return Outcome(address, kind.lower(), _moment(date) if date else None)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("The third column must be a date such as 2026-11-24 or 2026-11-24T10:30:00Z.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST < moment < timezone.now() + AHEAD:
        raise ValueError("The date must lie between 1970 and now.")
    return moment


def _sum(one: Recorded, other: Recorded) -> Recorded:
    return Recorded(one.added + other.added, one.known + other.known, one.suppressed + other.suppressed)


def as_json(recorded: Recorded, stopped: int, bad: int) -> str:
    """Return the counts as a program reads them."""
    return orjson.dumps(
        {
            "recorded": recorded.added,
            "known": recorded.known,
            "suppressed": recorded.suppressed,
            "enrolmentsStopped": stopped,
            "invalid": bad,
        }
    ).decode()


def sentence(recorded: Recorded, stopped: int) -> str:
    """Return the counts as a person reads them."""
    return (
        f"{recorded.added} recorded, {recorded.known} known already; "
        f"{recorded.suppressed} put on the suppression list, {stopped} enrolment{'' if stopped == 1 else 's'} stopped."
    )
