"""All that the page of one found contact shows. The number of queries does not grow with addresses or evidence."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.fields import normalise_email
from crm import regions
from enrichment import compliance, duplicates, screening
from enrichment.models import EnrichedContact, Outcome, ReviewItem
from outreach.models import Enrolment, Message

from . import contact_addresses, contact_evidence, contact_timeline, prospects
from .contact_forms import NoteForm

DUPLICATES = 5
JOBS = 10
NOTES = 100

Context = dict[str, Any]


def load(pk: UUID) -> EnrichedContact:
    """Return a contact. Raises Http404."""
    related = EnrichedContact.objects.select_related("linked_brand", "linked_contact", "reviewed_by")
    return get_object_or_404(related, pk=pk)


def in_drawer(request: HttpRequest) -> bool:
    """Return whether the page is shown in the drawer of a list."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and (htmx.target == "drawer-body" or request.POST.get("drawer") == "1")


def _behind(request: HttpRequest) -> str:
    """Return the path of the page that the drawer is on; "" where the browser says nothing that is one of ours."""
    try:
        return request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]
    except ValueError:  # no URL
        return ""


def context(request: HttpRequest, contact: EnrichedContact, note_form: Form | None = None) -> Context:
    """Return what the templates need; `note_form` is one that came back with mistakes."""
    user: User = request.user  # type: ignore[assignment]
    drawer = in_drawer(request)
    page = reverse("review:contact", args=[contact.pk])
    behind = _behind(request) if drawer else ""
    notes = list(contact.notes.select_related("author")[:NOTES])
    merges = list(contact.merges.defer("snapshot").select_related("merged_by", "undone_by"))
    jobs = contact.jobs.order_by("-created_at")[:JOBS] if user.has_perm("enrichment.view_enrichmentjob") else ()
    timeline = contact_timeline.timeline(contact, notes, jobs)
    return {
        "contact": contact,
        "drawer": drawer,
        "next": behind or page,
        "after_deleting": behind or reverse("review:contacts"),
        "purged_at": _purged_at(contact),
        "rule": regions.explanation(contact.region_code),
        "notes": notes,
        "note_form": note_form or NoteForm(),
        "merges": merges,
        "duplicates": duplicates.duplicates_of(contact, DUPLICATES),
        "timeline": timeline[: contact_timeline.SHOWN],
        "earlier": timeline[contact_timeline.SHOWN :],
        "enrolments": _enrolments(contact, user),
        "decided": ReviewItem.objects.filter(contact=contact, outcome=Outcome.DONE).order_by("-id").first(),
        "editable": user.has_perm("enrichment.change_enrichedcontact"),
        **_addresses(contact, user),
    }


def _purged_at(contact: EnrichedContact) -> datetime:
    return contact.discovered_at + timedelta(days=settings.ENRICHMENT_RETENTION_DAYS)


def _addresses(contact: EnrichedContact, user: User) -> Context:
    """Return what depends on the addresses; those who may not see them learn only how many there are."""
    emails = list(contact.emails.all())
    addresses = [normalise_email(email.email) for email in emails]
    hits = screening.look_up(addresses)
    left_out = screening.screen(addresses, hits) is None
    means = prospects.available()
    visible = user.has_perm("enrichment.view_contactemail")
    cards = contact_addresses.cards(emails, hits.all, left_out=left_out, means=means) if visible else []
    return {
        "gate": compliance.decision(contact, next(iter(emails), None)),
        "suppressed": left_out,
        "means": means,
        "addresses_visible": visible,
        "addresses": cards[: contact_addresses.OPEN],
        "other_addresses": cards[contact_addresses.OPEN :],
        "number_of_addresses": len(emails),
        "claims": contact_evidence.claims(contact, addresses if visible else None),
    }


def _enrolments(contact: EnrichedContact, user: User) -> list[Enrolment]:
    """Return the contact's enrolments, each with how many messages are still to go (`waiting`)."""
    if not contact.linked_contact_id or not user.has_perm("outreach.view_enrolment"):
        return []
    waiting = Count("messages", filter=Q(messages__state__in=Message.WAITING))
    rows = Enrolment.objects.filter(contact=contact.linked_contact_id).select_related("sequence")
    return list(rows.annotate(waiting=waiting).order_by("-created_at")[:JOBS])
