"""`manage.py erase_subject ADDRESS`: delete all that is held of whoever has an address (GDPR art. 17)."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from enrichment import subject_rights


class Command(BaseCommand):
    help = "Delete all that is held of the person who has an address; nobody finds or writes to them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="the person's e-mail address")
        parser.add_argument("--yes", action="store_true", help="do not ask first")
        parser.add_argument("--json", action="store_true", help="print one JSON object; does not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = subject_rights.known(options["address"])
            if not (options["yes"] or options["json"]) and not self._sure():
                raise CommandError("Nothing was erased.", returncode=1)
            gone = subject_rights.erase(options["address"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(orjson.dumps({"known": known, "erased": gone}).decode())
        elif not known:
            self.stdout.write("Nothing was known of this address. It is on the suppression list now.")
        else:
            self.stdout.write("Erased, and on the suppression list now:")
            for name, number in gone.items():
                self.stdout.write(f"  {name:<36} {number:>6}")

    def _sure(self) -> bool:
        return input("Everything about this person is deleted for good. Type yes to go on: ").strip() == "yes"
