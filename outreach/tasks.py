"""Celery's entry points: call one function. Each may run twice without harm."""

from celery import shared_task

from outreach import enrolments


@shared_task(name="outreach.tasks.stop_suppressed")
def stop_suppressed() -> None:
    """Stop what is planned for whoever has come onto the suppression list, by whichever way."""
    enrolments.stop_suppressed()
