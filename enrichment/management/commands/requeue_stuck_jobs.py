"""`manage.py requeue_stuck_jobs`: wake every job that should be running and is not, without waiting for the sweep."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from enrichment import jobs


class Command(BaseCommand):
    help = "Wake jobs whose message was lost, whose retry is due, or whose worker vanished."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the count as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        swept = jobs.sweep(patience=timedelta(0))
        if options["json"]:
            self.stdout.write(orjson.dumps({"requeued": swept.woken, "unannounced": swept.unannounced}).decode())
        else:
            self.stdout.write(f"{swept.woken} job{'' if swept.woken == 1 else 's'} woken.")
        if swept.unannounced:
            raise CommandError(
                f"{swept.unannounced} due and not announced, since Redis does not answer. Start it (make run does, "
                "unless REDIS_URL is set); the scheduler then wakes them by itself."
            )
