"""`manage.py providers`: the providers of addresses that are configured, what was used of each, and what is left."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table
from rich.text import Text

from enrichment import providers, terminal
from enrichment.providers import Standing

NONE = "No provider is configured: set a key or an address, such as HUNTER_API_KEY (docs/configuration.md)."


class Command(BaseCommand):
    help = "Show the providers in the order in which they are asked, this month's use and budget, and their plans."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *_args: Any, json: bool, **_options: Any) -> None:
        try:
            standings = providers.standings()
        except (ValueError, ImproperlyConfigured) as error:
            raise CommandError(str(error), returncode=2) from error
        if json:
            self.stdout.write("\n".join(map(as_json, standings)))
        elif standings:
            terminal.console(self.stdout).print(as_table(standings))
        else:
            self.stdout.write(NONE)


def as_json(standing: Standing) -> str:
    """Return the line that a program reads."""
    quota, trouble = standing.quota, standing.trouble
    return orjson.dumps(
        {
            "provider": standing.name,
            "can": sorted(standing.can),
            "usedThisMonth": standing.used,
            "budget": standing.budget,
            "plan": {"used": quota.used, "available": quota.available, "resets": quota.resets} if quota else None,
            "error": {"code": trouble.code, "message": trouble.sentence} if trouble else None,
        }
    ).decode()


def as_table(standings: Iterable[Standing]) -> Table:
    """Return the table that a person reads."""
    table = terminal.table("Provider", "Asked to", "Used this month", "Budget", "Left in its plan")
    for standing in standings:
        left = f"{standing.quota.available:,}" if standing.quota else "it does not say"
        table.add_row(
            standing.title,
            ", ".join(sorted(standing.can)),
            f"{standing.used:,}",
            f"{standing.budget:,}",
            Text(standing.trouble.sentence if standing.trouble else left),
        )
    return table
