"""The senders: which one a message goes out from, and pausing and resuming one."""

import logging
from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from core import audit
from crm.contacts import clean_email

from . import audited
from .models import Enrolment, Mailbox

logger = logging.getLogger(__name__)

# What somebody edits of a mailbox.
EDITED = (
    *("address", "sender_name", "company", "postal_address", "privacy_url", "signature", "daily_cap"),
    *("dkim_selector", "active"),
)
REASON_LENGTH = Mailbox._meta.get_field("pause_reason").max_length


def default() -> Mailbox | None:
    """Return the active mailbox that is the oldest; without one, the one of OUTREACH_FROM, made when it is not there.

    None when there is neither, or when somebody switched the one of OUTREACH_FROM off. Raises ImproperlyConfigured,
    in a sentence, when OUTREACH_FROM has no address.
    """
    mailbox = Mailbox.objects.filter(active=True).order_by("created_at", "id").first()
    if mailbox is not None or not settings.OUTREACH_FROM.strip():
        return mailbox
    name, address = _from(settings.OUTREACH_FROM)
    mailbox = Mailbox.objects.filter(address__iexact=address).first()
    if mailbox is None:
        mailbox, _ = Mailbox.objects.get_or_create(address=address, defaults={"sender_name": name[:100]})
    return mailbox if mailbox.active else None


def for_enrolment(enrolment: Enrolment) -> Mailbox | None:
    """Return the mailbox that an enrolment's messages go out from: its own, else its sequence's, else the default.

    One that was chosen and is switched off is returned all the same: another one must not write in its place.
    """
    return chosen(enrolment) or default()


def chosen(enrolment: Enrolment) -> Mailbox | None:
    """Return the mailbox that somebody chose for an enrolment or its sequence."""
    return enrolment.mailbox or enrolment.sequence.mailbox


def clean_address(text: str, mailbox: Mailbox) -> str:
    """Return the address that a mailbox is to have. Raises ValueError, with a sentence, for one that cannot be used.

    The same address in other letters is the same mailbox.
    """
    address = clean_email(text)
    if Mailbox.objects.filter(address__iexact=address).exclude(pk=mailbox.pk).exists():
        raise ValueError("There is a sender with this address already: edit that one.")
    return address


@transaction.atomic
def save(mailbox: Mailbox, user: User | None = None) -> None:
    """Save a mailbox that somebody edited. What was found of another domain or selector counts no more."""
    stored = audited.stored(mailbox, EDITED)
    if stored is not None and (stored["address"], stored["dkim_selector"]) != (mailbox.address, mailbox.dkim_selector):
        mailbox.preflight, mailbox.preflight_at = {}, None
    mailbox.save()
    audited.changed(mailbox, "mailbox", stored, user)


def pause(mailbox: Mailbox, reason: str, user: User | None = None) -> None:
    """Let nothing go out from a mailbox until a person resumes it. One that is paused keeps its first reason.

    `reason` is a sentence for people; beyond 300 characters it is cut. `user` is who pauses it by hand.
    """
    with transaction.atomic():
        row = Mailbox.objects.select_for_update(no_key=True, of=("self",)).get(pk=mailbox.pk)
        if row.paused_at is None:
            row.paused_at, row.pause_reason = timezone.now(), reason[:REASON_LENGTH]
            row.save(update_fields=["paused_at", "pause_reason", "updated_at"])
            audit.record("mailbox.paused", of=row, actor=user, reason=row.pause_reason)
            logger.warning("mailbox paused", extra={"mailbox": str(row.pk)})
    mailbox.paused_at, mailbox.pause_reason = row.paused_at, row.pause_reason


def resume(mailbox: Mailbox, user: User | None) -> None:
    """Let a paused mailbox send again: bounces and complaints from before count no more (health.py)."""
    with transaction.atomic():
        row = Mailbox.objects.select_for_update(no_key=True, of=("self",)).get(pk=mailbox.pk)
        if row.paused_at is not None:
            row.paused_at, row.pause_reason, row.resumed_at = None, "", timezone.now()
            row.save(update_fields=["paused_at", "pause_reason", "resumed_at", "updated_at"])
            audit.record("mailbox.resumed", of=row, actor=user)
            logger.info("mailbox resumed", extra={"mailbox": str(row.pk), "user": user.pk if user else None})
    mailbox.paused_at, mailbox.pause_reason, mailbox.resumed_at = row.paused_at, row.pause_reason, row.resumed_at


def _from(text: str) -> tuple[str, str]:
    """Return the name and the address of `Ada Sender <ada@acme.example>`; without a name, the local part is it."""
    name, address = parseaddr(text.strip())
    try:
        address = clean_email(address)
    except ValueError:
        raise ImproperlyConfigured(
            f"OUTREACH_FROM is {text!r}: write a name and an address, such as Ada Sender <ada@acme.example>."
        ) from None
    return name or address.rpartition("@")[0], address
