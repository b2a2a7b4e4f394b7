"""`manage.py retry_failed_jobs [JOB…]`: start a new round of attempts for failed jobs. No limits apply."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from core.ids import parse_id
from enrichment import jobs
from enrichment.intake import RegionRestricted
from enrichment.models import EnrichmentJob, JobStatus


class Command(BaseCommand):
    help = "Start a new round of attempts for every failed job, or for those named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("jobs", metavar="JOB", nargs="*", help="a job's id (default: every failed job)")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = EnrichmentJob.objects.filter(status=JobStatus.FAILED).order_by("created_at", "pk")
        named = dict.fromkeys(options["jobs"]) or [str(key) for key in failed.values_list("pk", flat=True)]
        retried, skipped, errors = 0, {}, {}
        for name in named:
            key = parse_id(name)
            try:
                if key is None:
                    raise EnrichmentJob.DoesNotExist
                jobs.retry(key)
                retried += 1
            except RegionRestricted as refusal:
                skipped[name] = str(refusal)
            except EnrichmentJob.DoesNotExist:
                errors[name] = "There is no job with this id."
            except jobs.NotInState as error:
                errors[name] = str(error)
        if options["json"]:
            result = {"retried": retried, "skipped": skipped, "errors": errors}
            self.stdout.write(orjson.dumps(result).decode())
        else:
            self.stdout.write(f"{retried} job{'' if retried == 1 else 's'} started again.")
            for name, sentence in skipped.items():
                self.stdout.write(f"{name} skipped: {sentence}.")
        if errors:
            raise CommandError("\n".join(f"{name}: {sentence}" for name, sentence in errors.items()), returncode=1)
