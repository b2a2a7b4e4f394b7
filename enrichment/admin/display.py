"""What these pages share: scores and states with their word and colour."""

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.badges import AMBER, BLUE, GREEN, GREY, RED, badge
from enrichment.emails import scoring
from enrichment.models import JobStatus, ReviewStatus

NOT_LISTED = ("linkedin_url", "linkedin_id", "evidence")  # of a contact: encrypted, and shown in no list

# spec, "Confidence Indicators"
BAND_COLOURS = {"verified": GREEN, "unknown": AMBER, "risky": RED}
CONFIDENCE_WORDS = {"verified": "high", "unknown": "medium", "risky": "low"}
REVIEW_COLOURS = {ReviewStatus.NEW: BLUE, ReviewStatus.APPROVED: GREEN, ReviewStatus.REJECTED: GREY}
JOB_COLOURS = {
    JobStatus.PENDING: GREY,
    JobStatus.PROCESSING: BLUE,
    JobStatus.RETRYING: AMBER,
    JobStatus.COMPLETED: GREEN,
    JobStatus.FAILED: RED,
    JobStatus.CANCELLED: GREY,
}


def score_badge(score: int) -> SafeString:
    """Return the score of an address, 0-100, with the word and colour of its band."""
    word = scoring.status(score)
    return badge(f"{score} · {word}", BAND_COLOURS[word])


def confidence_badge(score: int) -> SafeString:
    """Return how sure we are of a person, 0-100, with the word and colour of its band."""
    band = scoring.status(score)
    return badge(f"{score} · {CONFIDENCE_WORDS[band]}", BAND_COLOURS[band])


def chance(probability: float | None) -> str:
    """Return the chance that an address is right."""
    return "-" if probability is None else f"{probability:.0%}"


def review_badge(status: str) -> SafeString:
    """Return where a contact's review stands."""
    return badge(ReviewStatus(status).label, REVIEW_COLOURS[ReviewStatus(status)])


def job_badge(status: str) -> SafeString:
    """Return a job's status."""
    return badge(JobStatus(status).label, JOB_COLOURS[JobStatus(status)])


def counted(number: int, one: str, many: str) -> str:
    """Return `1 contact`, `2 contacts`."""
    return f"{number} {one if number == 1 else many}"


def staff(request: HttpRequest) -> User:
    """Return who is signed in; the admin lets nobody else come this far."""
    return cast(User, request.user)
