"""Run everything on this machine: Valkey, web, worker, scheduler."""

import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from enrichment_project import checks, embedded, supervisor


class Command(BaseCommand):
    help = "Run the web server, the worker, the scheduler and, unless REDIS_URL is set, a Valkey. Ctrl-C stops all."
    requires_system_checks = [checks.TAG]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stop-with", type=int, metavar="PID", help="stop when the parent process PID has ended (Linux)"
        )

    def handle(self, *, stop_with: int | None, **_options: Any) -> None:
        if stop_with is not None:
            supervisor.die_with_parent(signal.SIGTERM)
            if os.getppid() != stop_with:
                raise CommandError(f"Process {stop_with} has ended, or is not the parent of this one.")
        try:
            failure = embedded.up(self._say)
        except embedded.CannotStart as error:
            raise CommandError(str(error)) from error
        if failure:
            raise CommandError("Stopped, since a part failed.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
