"""What the pages of found contacts share: scores, chances, sources, the region's answer, the days that are left."""

from datetime import timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.pages import badge, icon, percent
from crm import regions
from enrichment.emails import scoring
from enrichment.models import ContactSource, JobStatus, ReviewStatus

register = template.Library()

# spec, "Confidence Indicators": green 80-100, yellow 50-79, red below
BANDS = {"verified": ("good", "high"), "unknown": ("wait", "medium"), "risky": ("bad", "low")}
STATUS_TONES = {"verified": "good", "unknown": "wait", "risky": "bad"}
REVIEW_TONES = {ReviewStatus.NEW: "info", ReviewStatus.APPROVED: "good", ReviewStatus.REJECTED: "off"}
JOB_TONES = {
    JobStatus.PENDING: "off",
    JobStatus.PROCESSING: "info",
    JobStatus.RETRYING: "wait",
    JobStatus.COMPLETED: "good",
    JobStatus.FAILED: "bad",
    JobStatus.CANCELLED: "off",
}
GATE_TONES = {regions.Action.ALLOW: "good", regions.Action.HOLD: "wait", regions.Action.BLOCK: "bad"}
GATE_WORDS = {regions.Action.ALLOW: "may be sent", regions.Action.HOLD: "held", regions.Action.BLOCK: "not allowed"}
SENIORITIES = {"c_level": "C-level", "vp": "VP"}
DEPARTMENTS = {"hr": "HR"}


@register.simple_tag
def score(value: int) -> SafeString:
    """Return a score of 0-100 with the word and the shape of its band."""
    tone, word = BANDS[scoring.status(value)]
    return format_html('<span class="badge {} score"><b>{}</b> {}</span>', tone, value, word)


@register.simple_tag
def address_status(status: str) -> SafeString | str:
    """Return the verification status of an address."""
    return badge(status, STATUS_TONES[status]) if status else ""


@register.simple_tag
def review_status(status: str) -> SafeString:
    """Return where a contact's review stands."""
    return badge(ReviewStatus(status).label, REVIEW_TONES[ReviewStatus(status)])


@register.simple_tag
def job_status(status: str) -> SafeString:
    """Return a job's status."""
    return badge(JobStatus(status).label, JOB_TONES[JobStatus(status)])


@register.simple_tag
def gate(action: str | None) -> SafeString | str:
    """Return what the region's rules say to a first message."""
    return badge(GATE_WORDS[regions.Action(action)], GATE_TONES[regions.Action(action)]) if action else ""


@register.simple_tag
def chance(probability: float | None) -> SafeString:
    """Return the chance that an address is right, in per cent, or that it is not known."""
    if probability is None:
        return format_html('<span class="chance quiet">{}</span>', "chance not known")
    return format_html('<span class="chance">{} chance</span>', percent(probability))


@register.simple_tag
def source_icon(source: str) -> SafeString:
    """Return the icon of where a contact or a claim comes from, with its name for all who cannot see it."""
    known = source if source in ContactSource.values else "public_index"
    label = ContactSource(source).label if source in ContactSource.values else source
    return icon(known, label)


@register.filter
def days_left(contact: Any) -> int | None:
    """Return in how many days a contact is purged unless approved or linked; None when it stays (retention.py)."""
    if contact.linked_contact_id or contact.review_status == ReviewStatus.APPROVED:
        return None
    ends = contact.discovered_at + timedelta(days=settings.ENRICHMENT_RETENTION_DAYS)
    return max(0, (ends - timezone.now()).days)


@register.filter
def seniority_word(code: str) -> str:
    """Return a seniority as people write it."""
    return SENIORITIES.get(code, code.replace("_", " ").capitalize())


@register.filter
def department_word(code: str) -> str:
    """Return a department as people write it."""
    return DEPARTMENTS.get(code, code.capitalize())
