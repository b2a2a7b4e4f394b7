"""Celery's entry points: take an id or nothing, call one function. Each may run twice without harm."""

from uuid import UUID

from celery import shared_task

from core import faults
from enrichment import batches, bulk, jobs, pipeline, request_links, retention, reverification
from enrichment.models import JobType


@shared_task(name="enrichment.tasks.run_job")
def run_job(job_id: str) -> None:
    """Run one attempt of a job, or one batch of it, if it is due."""
    key = UUID(job_id)
    if jobs.type_of(key) == JobType.EMAIL_ENRICHMENT:
        bulk.run(key)
    else:
        pipeline.run(key)


@shared_task(name="enrichment.tasks.run_batch", **faults.RETRIED)
def run_batch(batch_id: str) -> None:
    """Carry out what is left of a confirmed decision about many contacts."""
    batches.run(UUID(batch_id))


@shared_task(name="enrichment.tasks.sweep_jobs", time_limit=60, soft_time_limit=50)
def sweep_jobs() -> None:
    """Wake jobs and decisions whose message was lost, whose retry is due, or whose worker vanished."""
    jobs.sweep()
    batches.sweep()


@shared_task(name="enrichment.tasks.purge")
def purge() -> None:
    """Delete what may not be kept any longer; an hour later where the clock may have jumped."""
    if retention.clock_is_trusted():
        retention.purge()


@shared_task(name="enrichment.tasks.verify_due")
def verify_due() -> None:
    """Ask mail servers again that asked for patience."""
    reverification.verify_due()


@shared_task(name="enrichment.tasks.reverify")
def reverify() -> None:
    """Verify the addresses in use that were not looked at for long."""
    reverification.reverify()


@shared_task(name="enrichment.tasks.mail_privacy_link", **faults.RETRIED)
def mail_privacy_link(request_id: str, public: str, language: str) -> None:
    """Mail the person of a request the link that proves who they are."""
    request_links.mail(UUID(request_id), public, language)
