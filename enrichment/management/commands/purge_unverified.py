"""`manage.py purge_unverified`: do away with what may not be kept, without waiting for the scheduler."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from enrichment import periods, retention
from enrichment.retention import Purged, Upcoming

# What scripts know kinds by where it is not their name in periods.py.
NAMES = {
    "usage": "usageEntries",
    "answers": "keptAnswers",
    "checks": "addressChecks",
    "items": "jobItems",
    "progress": "jobProgress",
}


class Command(BaseCommand):
    help = (
        "Delete contacts that nobody approved within ENRICHMENT_RETENTION_DAYS, those approved whom nobody wrote to or "
        "told in that time, and whatever else has had its time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go, and what is next")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        purged = retention.purge(dry_run=dry_run)
        upcoming = retention.upcoming(timezone.now())
        self.stdout.write((as_json if options["json"] else table)(purged, upcoming, dry_run))


def as_json(purged: Purged, upcoming: list[Upcoming], dry_run: bool) -> str:
    """Return the counts as one JSON object; `oldest` is the day on which the oldest contact was found.

    `next` says for each kind of which there is something on which day the next is due, and how many are in a week.
    """
    counts = purged.by_kind()
    people = {camel(kind.name): counts[kind.name] for kind in periods.PEOPLE}
    return orjson.dumps(
        {
            "dryRun": dry_run,
            "purged": people,
            "brands": purged.brands,
            "oldest": _day(purged.oldest),
            **{camel(kind.name): counts[kind.name] for kind in periods.OTHERS},
            "reasons": [
                {"what": camel(kind.name), "number": counts[kind.name], "act": kind.act, "reason": kind.why}
                for kind in periods.KINDS
                if counts[kind.name]
            ],
            "next": [
                {"what": camel(one.kind.name), "on": _day(one.next_at), "inAWeek": one.soon}
                for one in upcoming
                if one.next_at is not None
            ],
        }
    ).decode()


def camel(name: str) -> str:
    """Return the name of a kind as JSON has it."""
    first, *others = name.split("_")
    return NAMES.get(name) or first + "".join(word.title() for word in others)


def table(purged: Purged, upcoming: list[Upcoming], dry_run: bool) -> str:
    """Return the counts for people."""
    days = settings.ENRICHMENT_RETENTION_DAYS
    head = f"{'Would delete' if dry_run else 'Deleted'} what nobody approved or linked to the CRM in {days} days:"
    lines, counts = [head], purged.by_kind()
    nexts = {one.kind.name: one.next_at for one in upcoming}
    for kind in periods.KINDS:
        due = f"next on {nexts[kind.name]:%Y-%m-%d}" if nexts[kind.name] else "none are kept"
        lines.append(f"  {kind.name.replace('_', ' '):<17} {counts[kind.name]:>7}  {kind.title} ({kind.words}; {due})")
        if counts[kind.name]:
            lines.append(f"  {'':<17} {'':>7}  {kind.act}: {kind.why}")
    oldest = f", the oldest found on {_day(purged.oldest)}" if purged.oldest else ""
    lines.append(f"These people are of {purged.brands} brand{'' if purged.brands == 1 else 's'}{oldest}.")
    return "\n".join(lines)


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
