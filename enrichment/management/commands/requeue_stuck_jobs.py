"""`manage.py requeue_stuck_jobs`: wake every job that should be running and is not, without waiting for the sweep."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from enrichment import jobs


class Command(BaseCommand):
    help = "Wake jobs whose message was lost, whose retry is due, or whose worker vanished."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the count as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        woken = jobs.sweep(patience=timedelta(0))
        if options["json"]:
            self.stdout.write(orjson.dumps({"requeued": woken}).decode())
        else:
            self.stdout.write(f"{woken} jobs woken." if woken != 1 else "1 job woken.")
