"""The mailed link by which somebody proves that an address is theirs: sent, opened once, and taken as the proof.

Only the fingerprint of its token is kept. The link opens within LINK_KEPT; looking at it changes nothing.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any
from uuid import UUID

import structlog
from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from core import audit
from enrichment import requests, subject_rights
from enrichment.models import RequestKind, RequestState, SubjectRequest
from enrichment.requests import LINK_KEPT

COPY_KEPT = timedelta(minutes=15)  # within which the data just shown can be taken away as a file, once
LANGUAGES = ("en", "de")
SUBJECTS = {"en": "Your request about your data", "de": "Ihre Anfrage zu Ihren Daten"}

UNPROVED, OPEN, DONE = RequestState.UNPROVED, RequestState.OPEN, RequestState.DONE

log = structlog.get_logger(__name__)


class BadLink(ValueError):
    """A link was not made here, was used, or is too old; the message says so."""


def mail(request_id: UUID, public: str, language: str = "en") -> bool:
    """Send the person of a request a link that proves who they are; return whether it went.

    `public` is where they reach this server, such as https://host. Does nothing for a request that waits for no link.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        request = SubjectRequest.objects.select_for_update(of=("self",)).filter(pk=request_id).first()
        if request is None or request.email is None or request.state not in (UNPROVED, OPEN):
            return False
        request.token_hash = fingerprint(token)
        request.result = {**(request.result or {}), "mailedAt": timezone.now().isoformat()}
        request.save(update_fields=["token_hash", "result"])
        audit.record("subject_request.link_mailed", of=request, subject=request.email_index, kind=request.kind)
    language = language if language in LANGUAGES else "en"
    context = {
        "request": request,
        "link": f"{public}/privacy/confirm/{token}",
        "hours": int(LINK_KEPT.total_seconds() // 3600),
        "known": subject_rights.known(request.email),
        "controller": settings.CONTROLLER_NAME,
    }
    text = render_to_string(f"privacy/mail_{language}.txt", context)
    try:
        EmailMessage(SUBJECTS[language], text, to=[request.email]).send()
    except (AnymailError, SMTPException, OSError, ValueError) as error:  # whose text may name the address
        log.error("a link for a request was not sent", request=str(request.pk), error=type(error).__name__)
        return False
    return True


def opened(token: str) -> SubjectRequest:
    """Return the request that a link is for, changing nothing. Raises BadLink."""
    return _valid(SubjectRequest.objects.filter(token_hash=fingerprint(token)).first())


def prove(token: str) -> tuple[SubjectRequest, Any, str]:
    """Take a link as the proof of who asks, and do at once what can be done.

    Returns the request, what came of it (the data for access, else counts), and for access a second token, with which
    the data can be had as a file. Where others may read the mail to the address too (subject_rights.doubt), nobody's
    data is shown, erased or restricted: the request stays open for an admin. Raises BadLink.
    """
    with transaction.atomic():
        rows = SubjectRequest.objects.select_for_update(of=("self",))
        request = _valid(rows.filter(token_hash=fingerprint(token)).first())
        if request.state == DONE:
            raise BadLink("This link is for the file only.")
        looked_at = request.state == OPEN  # an admin had it sent, who knows who asks
        request.token_hash, request.proved_at, request.state = None, timezone.now(), OPEN
        request.save(update_fields=["token_hash", "proved_at", "state"])
        audit.record("subject_request.proved", of=request, subject=request.email_index, kind=request.kind)
    if not looked_at and requests.waits_for_admin(request):
        return request, {}, ""
    came = requests.carry_out(request, None)
    second = ""
    if request.kind == RequestKind.ACCESS:
        second = secrets.token_urlsafe(32)
        request.token_hash = fingerprint(second)
        request.save(update_fields=["token_hash"])
    return request, came, second


def take_copy(token: str) -> dict[str, Any]:
    """Return the data that was just shown, for the second token, which then opens nothing more. Raises BadLink."""
    with transaction.atomic():
        rows = SubjectRequest.objects.select_for_update(of=("self",))
        request = _valid(rows.filter(token_hash=fingerprint(token)).first())
        if request.state != DONE or request.email is None:
            raise BadLink("This link has to be confirmed first.")
        request.token_hash = None
        request.save(update_fields=["token_hash"])
        return subject_rights.access(request.email)


def fingerprint(token: str) -> str:
    """Return what is kept of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def _valid(request: SubjectRequest | None) -> SubjectRequest:
    if request is None or request.email is None or request.state not in (UNPROVED, OPEN, DONE):
        raise BadLink("This link does not exist, or was used already.")
    mailed = datetime.fromisoformat((request.result or {}).get("mailedAt", request.created_at.isoformat()))
    since, kept = (request.proved_at or mailed, COPY_KEPT) if request.state == DONE else (mailed, LINK_KEPT)
    if timezone.now() - since > kept:
        raise BadLink("This link is too old: ask for a new one.")
    return request
