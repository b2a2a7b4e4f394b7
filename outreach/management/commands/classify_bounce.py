"""`manage.py classify_bounce FILE…`: what messages that came back say of whom they were for."""

from pathlib import Path
from typing import IO, Any, cast

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outreach import bounce_mime, bounces
from outreach.bounces import Report


class Command(BaseCommand):
    help = "Tell bounces (hard, soft, blocked), complaints, automatic answers and replies apart."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a stored message (.eml)")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line, one for each file")

    def handle(self, *_args: Any, files: list[str], json: bool, **_options: Any) -> None:
        unread = 0
        table = Table("File", "Address", "Kind", "Status", "Reason", box=None, pad_edge=False, header_style="bold")
        for file in files:
            try:
                report = bounces.read(_content(Path(file)))
            except (OSError, ValueError) as error:  # ValueError: a NUL in the name
                unread += 1
                self._report(file, getattr(error, "strerror", None) or str(error), json)
                continue
            if json:
                self.stdout.write(as_json(file, report))
            else:
                _add_rows(table, file, report)
        if table.row_count:
            terminal = self.stdout.isatty()
            stream = cast(IO[str], self.stdout)
            Console(file=stream, no_color=not terminal, width=None if terminal else 160, highlight=False).print(table)
        if unread:
            raise CommandError(f"{unread} of {len(files)} files could not be read.", returncode=1)

    def _report(self, file: str, reason: str, json: bool) -> None:
        message = f"{_readable(file)} could not be read: {reason}."
        problem = {"file": _readable(file), "error": "unreadable", "message": message}
        self.stdout.write(orjson.dumps(problem).decode() if json else message)


def _content(path: Path) -> bytes:
    """Return as much of a message as is looked at. Raises OSError."""
    with path.open("rb") as file:
        return file.read(bounce_mime.MAX_BYTES)


def as_json(file: str, report: Report) -> str:
    """Return the line that a program reads."""
    recipients = [
        {"address": one.address, "kind": one.kind, "status": one.status, "reason": one.reason}
        for one in report.recipients
    ]
    return orjson.dumps({"file": _readable(file), "recipients": recipients}).decode()


def _add_rows(table: Table, file: str, report: Report) -> None:
    for number, one in enumerate(report.recipients):
        name = "" if number else _readable(file)
        table.add_row(*(Text(cell) for cell in (name, one.address or "-", one.kind, one.status or "-", one.reason)))


def _readable(file: str) -> str:
    """Return a file's name as text: the bytes of an argument that is no UTF-8 are replaced."""
    return file.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
