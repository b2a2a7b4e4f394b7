"""The unsubscribe link: its token, its page, and what a click does. Without session, cookie or sign-in.

GET changes nothing, since mail filters open links before people do; POST unsubscribes, by the button or by the mail
program's own (RFC 8058). The token holds the address's blind index alone, so that it works after an erasure too.
"""

import ipaddress
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core import audit
from core.fields import blind_index, normalise_email
from core.hosts import is_localhost
from crm import contacts, history, suppression
from crm.models import Contact, ContactAddress, Suppression

from . import enrolments, footers
from .models import Event, Message

REASON = "unsubscribed"
SENTENCE = "Unsubscribed by the link in an e-mail: will not be written to again."

_SAFETY = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
}


class BadToken(ValueError):
    """A token was not made here, or with another key."""


def token(email: str) -> str:
    """Return the token of an address: a signature and the address's blind index, nothing else."""
    index = blind_index(normalise_email(email))
    # The index stands last: it ends in a letter or digit, so that no mail program takes its end for punctuation.
    return f"{_signer().signature(index)}.{index}"


def url(email: str) -> str:
    """Return the unsubscribe link of an address; empty without an OUTREACH_PUBLIC_URL."""
    return link(token(email))


def link(token: str) -> str:
    """Return the address of a token's page; empty without an OUTREACH_PUBLIC_URL that browsers can open."""
    public = settings.OUTREACH_PUBLIC_URL
    return f"{public}/unsubscribe/{token}" if urlsplit(public).scheme in {"http", "https"} else ""


def one_click(link: str) -> bool:
    """Return whether mail programs may POST to a link: HTTPS (RFC 8058 section 3.1), or this machine, for trials."""
    parts = urlsplit(link)
    host = parts.hostname or ""
    return parts.scheme == "https" or (parts.scheme == "http" and (is_localhost(host) or _is_loopback(host)))


def read(token: str) -> str:
    """Return the blind index in a token. Raises BadToken."""
    signature, _, index = token.partition(".")
    try:
        return _signer().unsign(f"{index}:{signature}")
    except BadSignature as error:
        raise BadToken("The token was not made here, or with another key.") from error


def unsubscribe(index: str) -> None:
    """Never write to the address with this blind index again, and stop what is planned for its person.

    May be called again without harm. The suppression is stored first and by itself: whatever fails after it, nothing
    more is sent.
    """
    suppression.add_indexes([index], Suppression.Reason.UNSUBSCRIBED)
    people = _people(index)
    enrolments.stop(people, REASON)
    _write_down(index, people)


@transaction.atomic
def _write_down(index: str, people: list[UUID]) -> None:
    """Write the event, the first time, and a line in the history of whom it concerns and who is still there."""
    contacts.hold(people)  # somebody may be merged just now
    last, found, now = _last_message(index), list(Contact.objects.filter(pk__in=people)), timezone.now()
    contact = min(found, key=lambda one: people.index(one.pk), default=None)
    event, first_time = Event.objects.get_or_create(
        key=f"unsubscribed:{index}",
        defaults={
            "kind": Event.Kind.UNSUBSCRIBED,
            "source": Event.Source.LINK,
            "message": last,
            "enrolment": last.enrolment if last else None,
            "mailbox": last.mailbox if last else None,
            "contact": contact,
            "brand_id": contact.brand_id if contact else None,
            "matched": Event.Match.ADDRESS if contact else Event.Match.NONE,
            "email": _address(index),
            "happened_at": now,
        },
    )
    if first_time:
        history.record_many(found, REASON, SENTENCE, at=now)
        # Under the blind index that the link holds: the address may be erased by now.
        audit.record("event.received", of=event, subject=index, kind=event.kind, source=event.source)


@csrf_exempt  # mail programs post to it from anywhere; the token is the permission
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button, or on POST, with whatever body, unsubscribe. 404 for a token that is not ours."""
    try:
        index = read(token)
    except BadToken:
        return _answer(request, "broken", status=404)
    if request.method != "POST":
        return _answer(request, "ask")
    unsubscribe(index)
    return _answer(request, "done")


def _signer() -> Signer:
    return Signer(salt="outreach.unsubscribing")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _people(index: str) -> list[UUID]:
    """Return the ids of the contacts who have this address, and of those to whom we wrote there."""
    having = ContactAddress.objects.filter(email_index=index).values_list("contact_id", flat=True)
    written_to = Message.objects.filter(email_index=index).values_list("enrolment__contact_id", flat=True)
    return list(dict.fromkeys([*having.order_by("-is_primary", "id"), *written_to.order_by("id")]))


def _last_message(index: str) -> Message | None:
    sent = Message.objects.filter(email_index=index, state__in=Message.PERHAPS_SENT)
    return sent.select_related("enrolment", "mailbox").order_by("-claimed_at", "-id").first()


def _address(index: str) -> str | None:
    row = ContactAddress.objects.filter(email_index=index).order_by("id").first()
    return row.email if row else None


def _answer(request: HttpRequest, state: str, status: int = 200) -> HttpResponse:
    language = _language(request.headers.get("Accept-Language", ""))
    words = footers.WORDINGS[language]
    context = {
        "language": language,
        "title": words["page_title" if state == "ask" else f"page_{state}_title"],
        "sentence": words[f"page_{state}"],
        "button": words["page_button"] if state == "ask" else "",
    }
    # Rendered without the request: its context processors know sessions and users.
    response = HttpResponse(render_to_string("outreach/unsubscribe.html", context), status=status, headers=_SAFETY)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _language(accepted: str) -> str:
    """Return the first language of an Accept-Language header that we have, otherwise English."""
    known = (tag.partition("-")[0] for tag, _ in parse_accept_lang_header(accepted))
    return next((tag for tag in known if tag in footers.WORDINGS), footers.ENGLISH)
