"""`manage.py discover BRAND`: find a brand's people and their addresses, in this process."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.text import Text

from core.api.renderers import dumps
from core.refusals import InputError
from enrichment import intake, jobs, pipeline, terminal
from enrichment.api import representations
from enrichment.models import EnrichmentJob, JobStatus


class Command(BaseCommand):
    help = "Find the decision-makers of a brand and work out their addresses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("brand", metavar="BRAND", help="the brand's name")
        parser.add_argument("--website", metavar="URL", help="its home page")
        parser.add_argument("--linkedin", metavar="URL", help="its LinkedIn company page")
        parser.add_argument("--region", metavar="CC", help="its country, ISO 3166-1 alpha-2")
        parser.add_argument("--no-wait", action="store_true", help="leave the job to the workers")
        parser.add_argument("--json", action="store_true", help="print the job as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            request = intake.discovery_request(
                options["brand"], options["website"], options["linkedin"], options["region"]
            )
        except InputError as error:
            raise CommandError(error.message, returncode=2) from error
        except intake.RegionRestricted as error:
            raise CommandError(str(error), returncode=2) from error
        job = jobs.create(request, enqueue=options["no_wait"])
        if not options["no_wait"]:
            with terminal.progress(not options["json"]) as progress:
                job = run_to_end(job, progress)
        if options["json"]:
            body = representations.job(job, representations.job_contacts(job))
            self.stdout.write(dumps(body).decode())
        else:
            self.report(job)
        if job.status == JobStatus.FAILED:
            raise CommandError(job.error_message or "The job failed.", returncode=1)

    def report(self, job: EnrichmentJob) -> None:
        """Print the job as a table of people and addresses, and what went otherwise than hoped."""
        console = terminal.console(self.stdout)
        if job.status == JobStatus.PENDING:
            console.print(f"Job {job.pk} is waiting for a worker; `make run` starts one.")
            return
        table = terminal.table("Person", "Title", "Confidence", "Address", "Status", "Score", "Chance", "By")
        for contact in representations.job_contacts(job):
            emails = list(contact.emails.all())
            first = emails[0] if emails else None
            name = f"{contact.first_name} {contact.last_name}{' *' if contact.decision_maker else ''}"
            table.add_row(
                Text(name),
                Text(contact.job_title or "-"),
                terminal.score(contact.confidence_score),
                Text(first.email) if first else "-",
                first.verification_status if first else "-",
                terminal.score(first.verification_score if first else None),
                terminal.chance(first.probability if first else None),
                first.get_verification_method_display() or "-" if first else "-",
            )
            for email in emails[1:]:
                table.add_row(
                    "", "", "", Text(email.email), email.verification_status,
                    terminal.score(email.verification_score), terminal.chance(email.probability),
                    email.get_verification_method_display() or "-",
                )  # fmt: skip
        if table.row_count:
            console.print(table)
        found, enriched = job.contacts_discovered, job.contacts_enriched
        console.print(f"{job.brand_name}: {found} people (* decides), {enriched} with a usable address.", markup=False)
        for diagnostic in job.diagnostics:
            console.print(f"- {diagnostic['sentence']}", markup=False)


def run_to_end(job: EnrichmentJob, progress: pipeline.Progress) -> EnrichmentJob:
    """Run the job here, its retries included, until it ends or another worker has it. Return its last state."""
    while True:
        pipeline.run(job.pk, progress)
        job = EnrichmentJob.objects.get(pk=job.pk)
        if job.status != JobStatus.RETRYING or job.next_attempt_at is None:
            return job
        progress("Trying again shortly")
        time.sleep(max(0.0, (job.next_attempt_at - timezone.now()).total_seconds()))
