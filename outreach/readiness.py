"""Whether messages can go out at all, and what is in the way: what somebody who sets this up has to see to."""

from django.conf import settings
from django.utils import timezone

from . import claiming, health, mailboxes, preflight
from .models import Mailbox

OFF = "Sending is switched off: messages stay in the outbox. Set OUTREACH_SEND_ENABLED=true when all else is in order."
NO_WAY = "There is no way to send: set EMAIL_URL to a mail server, or ANYMAIL_ESP to a mail service."
NO_PUBLIC_URL = "Recipients could not unsubscribe: set OUTREACH_PUBLIC_URL to where they reach this server."
NO_SENDER = "There is no sender: set OUTREACH_FROM, or add one under Outreach, Senders."


def enabled() -> bool:
    """Return whether messages go out: sending is switched on, and there is a way."""
    return claiming.sending_is_on()


def problems() -> list[str]:
    """Return what keeps messages from going out, a sentence each; empty when nothing does. A few queries."""
    found = []
    if not settings.OUTREACH_SEND_ENABLED:
        found.append(OFF)
    if not (settings.EMAIL_URL or settings.ANYMAIL_ESP):
        found.append(NO_WAY)
    if not settings.OUTREACH_PUBLIC_URL:
        found.append(NO_PUBLIC_URL)
    if mailboxes.default() is None:
        found.append(NO_SENDER)
    boxes = list(Mailbox.objects.filter(active=True))
    healths = health.check_many(boxes, timezone.now())
    for mailbox in boxes:
        found += [f"{mailbox.address}: {sentence}" for sentence in [*lacking(mailbox), *healths[mailbox.pk].problems]]
    return found


def lacking(mailbox: Mailbox) -> list[str]:
    """Return why nothing goes out from a sender, a sentence each, as far as its row says. No query."""
    found = []
    if mailbox.paused_at:
        found.append(f"The sender is paused. {mailbox.pause_reason}".strip())
    if not mailbox.company:
        found.append("The sender's company is missing, and a message must say who writes.")
    if not mailbox.postal_address:
        found.append("The sender's postal address is missing, and laws ask for it.")
    return [*found, *preflight.problems(mailbox)]
