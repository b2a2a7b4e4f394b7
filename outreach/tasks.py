"""Celery's entry points: call one function. Each may run twice without harm."""

from celery import shared_task
from django.conf import settings

from outreach import enrolments, mailbox_poll, notice_mail, sending, settling

# A third of the time that a task has: the last message may wait for several answers of a slow server.
SHARE_OF_THE_LIMIT = 3
LONGEST_RUN_SECONDS = 120.0


@shared_task(name="outreach.tasks.send_due")
def send_due() -> None:
    """Send the messages that are due, and open the tasks that are."""
    sending.send_due(seconds=min(LONGEST_RUN_SECONDS, settings.JOB_TIME_LIMIT_SECONDS / SHARE_OF_THE_LIMIT))


@shared_task(name="outreach.tasks.poll_mailbox")
def poll_mailbox() -> None:
    """Read what came back, where a mailbox to read is set."""
    if settings.OUTREACH_IMAP_URL:
        mailbox_poll.poll()


@shared_task(name="outreach.tasks.send_notices")
def send_notices() -> None:
    """Tell people what is held about them, where the month in which they must be told runs out."""
    notice_mail.send_notices()


@shared_task(name="outreach.tasks.settle")
def settle() -> None:
    """Settle what is over: deliveries, enrolments, tasks, facts that changed."""
    settling.settle()


@shared_task(name="outreach.tasks.stop_suppressed")
def stop_suppressed() -> None:
    """Stop what is planned for whoever has come onto the suppression list, by whichever way."""
    enrolments.stop_suppressed()
