"""`manage.py verify_audit`: read the audit trail from its first entry to its last, and say whether it is whole."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from core import audit


class Command(BaseCommand):
    help = (
        "Verify the audit trail: that no entry was changed, added or taken out. Prints the first and the last number "
        "and the chain's end. Exit code 0: it is whole; 1: it is not, and a sentence says where."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--after",
            metavar="NUMBER:LINK",
            help="an earlier end of the chain, kept elsewhere: the trail must still hold it",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, after: str | None, json: bool, **_options: Any) -> None:
        try:
            kept = audit.anchor(after) if after is not None else None
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            found = audit.verify(kept)
        except audit.Broken as error:
            if json:
                self.stdout.write(orjson.dumps({"whole": False, "problem": str(error)}).decode())
            raise CommandError(str(error), returncode=1) from error
        if json:
            whole = {"whole": True, "first": found.first, "last": found.last, "link": found.link}
            self.stdout.write(orjson.dumps(whole).decode())
        elif found.last:
            self.stdout.write(f"The audit trail is whole: entries {found.first} to {found.last}.")
            self.stdout.write(f"Its end is {found.last}:{found.link}")
        else:
            self.stdout.write("The audit trail has no entries.")
