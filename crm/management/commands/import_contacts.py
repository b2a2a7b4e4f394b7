"""`manage.py import_contacts FILE`: contacts, or companies, from a CSV file into the CRM."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.imports import FileError, Report, import_contacts

STDIN = Path("-")


class Command(BaseCommand):
    help = "Import contacts from a CSV file. Its first line names the columns; reading it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="-: read from stdin")
        parser.add_argument("--dry-run", action="store_true", help="write nothing and say what would be done")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *_args: Any, file: Path, dry_run: bool, json: bool, **_options: Any) -> None:
        try:
            with nullcontext(sys.stdin.buffer) if file == STDIN else file.open("rb") as stream:
                report = import_contacts(stream, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.", returncode=2) from error
        except FileError as error:
            raise CommandError(str(error), returncode=2) from error
        if json:
            self.stdout.write(orjson.dumps(report.as_json()).decode())
        else:
            self._tell(report)
        if report.errors:
            raise CommandError(f"{report.failed} of {report.rows} rows have errors.", returncode=1)

    def _tell(self, report: Report) -> None:
        for error in report.errors:
            column = f", {error.column}" if error.column else ""
            self.stderr.write(f"Line {error.line}{column}: {error.message}")
        if report.suppressed_lines:
            self.stdout.write(f"Suppressed, not imported: lines {', '.join(map(str, report.suppressed_lines))}.")
        if report.ignored:
            self.stdout.write(f"Columns without a meaning here: {', '.join(report.ignored)}.")
        self.stdout.write(report.sentence())
