"""A person's consent to be written to. It is withdrawn, never deleted: that it was given once is the proof."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import audit

from . import history
from .models import Consent, Contact

LONGEST_SOURCE = 2000
LONGEST_WORDING = 5000
SLACK = timedelta(minutes=5)  # another clock may be ahead of ours


def record(contact: Contact, given_at: datetime, source: str, user: User | None, wording: str = "") -> Consent:
    """Keep a consent: when it was given (aware, not in the future), where and how, and to what words.

    GDPR art. 7(1): we must be able to show it. Raises ValueError with a sentence for what cannot be.
    """
    given_at, source, wording = clean_moment(given_at), clean_source(source), clean_wording(wording)
    with transaction.atomic():
        consent = Consent.objects.create(
            contact=contact, given_at=given_at, source=source, wording=wording or None, recorded_by=user
        )
        after = {"given_at": given_at, "source": source, "wording": wording}
        audit.record(
            "consent.recorded", of=consent, subject=audit.person(contact), after=after, actor=user, contact=contact.pk
        )
        history.record(contact, "consent_recorded", f"Consent of {given_at:%Y-%m-%d} recorded.", user)
    return consent


@transaction.atomic
def withdraw(consent: Consent, user: User | None) -> Consent:
    """Note that a consent was withdrawn, now; one that was before keeps its date."""
    row = Consent.objects.select_for_update(of=("self",)).select_related("contact").get(pk=consent.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])
        about = audit.person(row.contact)
        audit.record("consent.withdrawn", of=row, subject=about, actor=user, contact=row.contact_id)
        history.record(row.contact, "consent_withdrawn", f"Consent of {row.given_at:%Y-%m-%d} withdrawn.", user)
    return row


def valid(contact: Contact) -> Consent | None:
    """Return the contact's newest consent that was not withdrawn, or None."""
    return contact.consents.filter(withdrawn_at=None, given_at__lte=timezone.now() + SLACK).first()


def clean_moment(given_at: datetime) -> datetime:
    """Return the moment of a consent. Raises ValueError as `record` does."""
    if timezone.is_naive(given_at):
        raise ValueError("When the consent was given has no time zone: write it like 2026-11-24T10:00:00Z.")
    if given_at > timezone.now() + SLACK:
        raise ValueError("The consent lies in the future: write when it was given.")
    return given_at


def clean_wording(wording: str) -> str:
    """Return what somebody agreed to, word for word; "" where it is not known. Raises ValueError as `record` does."""
    stripped = wording.strip()
    if len(stripped) > LONGEST_WORDING:
        raise ValueError(f"The wording takes more than {LONGEST_WORDING} characters: keep the part they agreed to.")
    return stripped


def clean_source(source: str) -> str:
    """Return where a consent is from. Raises ValueError as `record` does."""
    stripped = source.strip()
    if not stripped:
        raise ValueError("Where the consent is from is missing: write where and how it was given.")
    if len(stripped) > LONGEST_SOURCE:
        raise ValueError(f"Where the consent is from takes more than {LONGEST_SOURCE} characters: shorten it.")
    return stripped
