"""`manage.py subject_access ADDRESS`: all that is held of whoever has an address (GDPR art. 15)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from enrichment import subject_rights
from enrichment.privacy import readable


class Command(BaseCommand):
    help = "Print all that is held of the person who has an address, with its sources, as JSON or as a page to read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="the person's e-mail address")
        parser.add_argument("--html", metavar="FILE", help="write a page to read into this file instead")
        parser.add_argument("--json", action="store_true", help="print JSON (also beside --html); what happens anyway")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            data = subject_rights.access(options["address"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["html"]:
            try:
                Path(options["html"]).write_text(readable.html(data), encoding="utf-8")
            except OSError as error:
                raise CommandError(f"The page could not be written: {error.strerror}.", returncode=1) from error
            self.stderr.write(f"Written to {options['html']}.")
        if options["json"] or not options["html"]:
            self.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
