"""Celery's entry points for accounts: call one function. Each may run twice without harm."""

from celery import shared_task

from core import audit as trail
from core.account import audit, reset


@shared_task(name="core.tasks.send_reset_links")
def send_reset_links(users: list[int], origin: str) -> None:
    """Send links for new passwords."""
    reset.send_links(users, origin)


@shared_task(name="core.tasks.forget_sign_ins")
def forget_sign_ins() -> None:
    """Forget sign-ins that are long over, and sessions that have ended."""
    audit.purge()


@shared_task(name="core.tasks.seal_audit_trail")
def seal_audit_trail() -> None:
    """Seal entries of the audit trail whose own process did not come to it."""
    trail.seal()
