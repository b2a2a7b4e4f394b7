"""Celery's entry points for accounts: call one function. Each may run twice without harm."""

import structlog
from celery import shared_task
from django.utils import timezone

from core import audit as trail
from core import faults, refresh_tokens
from core.account import audit, reset

log = structlog.get_logger(__name__)


@shared_task(name="core.tasks.send_reset_links", **faults.RETRIED)
def send_reset_links(users: list[int], origin: str) -> None:
    """Send links for new passwords."""
    reset.send_links(users, origin)


@shared_task(name="core.tasks.forget_sign_ins")
def forget_sign_ins() -> None:
    """Forget sign-ins that are long over, sessions that have ended, and refresh tokens that have expired."""
    audit.purge()
    refresh_tokens.purge(timezone.now())


@shared_task(name="core.tasks.seal_audit_trail")
def seal_audit_trail() -> None:
    """Seal entries of the audit trail whose own process did not come to it."""
    trail.seal()


@shared_task(name="core.tasks.keep_audit_trail")
def keep_audit_trail() -> None:
    """Forget entries of the audit trail that have had their time, and log where its chain ends.

    Logs are kept elsewhere: `manage.py verify_audit --after` takes that end to see whether it was cut off since.
    """
    gone = trail.forget_old(timezone.now())
    trail.seal()
    head = trail.end()
    log.info("the audit trail's end", number=head.number, link=head.link, forgotten=gone)
