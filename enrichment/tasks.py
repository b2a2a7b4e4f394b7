"""Celery's entry points: take an id or nothing, call one function. Each may run twice without harm."""

from uuid import UUID

from celery import shared_task

from enrichment import jobs, pipeline, retention


@shared_task(name="enrichment.tasks.run_job")
def run_job(job_id: str) -> None:
    """Run one attempt of a job, if it is due."""
    pipeline.run(UUID(job_id))


@shared_task(name="enrichment.tasks.sweep_jobs", time_limit=60, soft_time_limit=50)
def sweep_jobs() -> None:
    """Wake jobs whose message was lost, whose retry is due, or whose worker vanished."""
    jobs.sweep()


@shared_task(name="enrichment.tasks.purge")
def purge() -> None:
    """Delete what may not be kept any longer."""
    retention.purge()
