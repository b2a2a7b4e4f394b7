"""`manage.py purge_unverified`: delete the contacts that may not be kept, without waiting for the scheduler."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand

from enrichment import retention
from enrichment.retention import Purged


class Command(BaseCommand):
    help = "Delete contacts that nobody approved or linked to the CRM within ENRICHMENT_RETENTION_DAYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        purged = retention.purge(dry_run=options["dry_run"])
        self.stdout.write(as_json(purged, options["dry_run"]) if options["json"] else table(purged, options["dry_run"]))


def as_json(purged: Purged, dry_run: bool) -> str:
    """Return the counts as one JSON object; `oldest` is the day on which the oldest contact was found."""
    return orjson.dumps(
        {
            "dryRun": dry_run,
            "purged": {"unverified": purged.unverified, "notTold": purged.not_told},
            "brands": purged.brands,
            "oldest": purged.oldest.date() if purged.oldest else None,
            "usageEntries": purged.usage,
            "idempotencyKeys": purged.idempotency_keys,
            "keptAnswers": purged.answers,
            "addressChecks": purged.checks,
            "jobItems": purged.items,
            "providerUsage": purged.provider_usage,
            "jobProgress": purged.progress,
        }
    ).decode()


def table(purged: Purged, dry_run: bool) -> str:
    """Return the counts for people."""
    rows = [
        ("unverified", purged.unverified, "contacts without proof of an address"),
        ("not told", purged.not_told, "contacts with proof, of whom nobody was told (GDPR, article 14)"),
        ("brands", purged.brands, "that these contacts were of"),
        ("oldest", purged.oldest.date() if purged.oldest else "-", "day on which it was found"),
        ("usage entries", purged.usage, "no longer needed for the limits"),
        ("idempotency keys", purged.idempotency_keys, "no longer needed"),
        ("kept answers", purged.answers, "pages and services' data older than a week"),
        ("address checks", purged.checks, "answers of mail servers and providers that have grown old"),
        ("job items", purged.items, "addresses of e-mail enrichments that ended long ago"),
        ("job progress", purged.progress, "how far jobs were that ended long ago"),
        ("provider usage", purged.provider_usage, "counts of requests of more than a year ago"),
    ]
    days = settings.ENRICHMENT_RETENTION_DAYS
    head = f"{'Would delete' if dry_run else 'Deleted'} what nobody approved or linked to the CRM in {days} days:"
    return "\n".join([head, *(f"  {name:<16} {value!s:>10}  {meaning}" for name, value, meaning in rows)])
