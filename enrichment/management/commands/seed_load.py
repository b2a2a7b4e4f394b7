"""`manage.py seed_load N`: write N synthetic contacts for benchmarks; `--remove` deletes them all again."""

import time
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from enrichment import terminal
from enrichment.management import load


class Command(BaseCommand):
    help = "Write synthetic contacts, at brands named Load 1, Load 2 …, for benchmarks; or remove them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("contacts", nargs="?", type=int, metavar="N", help="how many contacts to write")
        parser.add_argument("--remove", action="store_true", help="remove all that this command ever wrote")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, contacts: int | None, remove: bool, **options: Any) -> None:
        if remove == (contacts is not None) or (contacts is not None and contacts < 1):
            raise CommandError("Say how many contacts to write, 1 or more, or --remove.", returncode=2)
        began = time.perf_counter()
        with terminal.progress(not options["json"]) as progress:
            rows = load.remove(progress) if contacts is None else load.seed(contacts, progress)
        seconds = round(time.perf_counter() - began, 1)
        if options["json"]:
            self.stdout.write(orjson.dumps({**asdict(rows), "seconds": seconds}).decode())
        else:
            self.stdout.write(
                f"{rows.contacts:,} contacts with {rows.addresses:,} addresses, at {rows.brands:,} brands with "
                f"{rows.jobs:,} jobs, {'removed' if remove else 'written'} in {seconds} s."
            )
