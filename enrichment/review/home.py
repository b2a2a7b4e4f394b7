"""What needs somebody now, the figures, and what was found lately."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format

from core.pages import allowed, user_of
from enrichment import statistics
from enrichment.models import EnrichedContact, EnrichmentJob, JobStatus, JobType
from enrichment.review.attention import needs
from enrichment.review.charts import Chart, Column, chart

RECENT_JOBS = 8
RECENT_CONTACTS = 6
# spec, "Confidence Indicators"
BANDS = ((80, 100, "High", "good"), (50, 79, "Medium", "wait"), (0, 49, "Low", "bad"))
MORNING, AFTERNOON, EVENING = 5, 12, 18  # o'clock
JOB_COLUMNS = ("brand_name", "job_type", "status", "contacts_discovered", "created_at")
CONTACT_COLUMNS = ("first_name", "last_name", "job_title", "company", "confidence_score", "created_at")


@allowed("enrichment.view_enrichedcontact")
def home(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    confidence = statistics.confidence()
    sees_jobs = user.has_perm("enrichment.view_enrichmentjob")
    context: dict[str, Any] = {
        "greeting": greeting(user),
        "needs": needs(user, confidence.to_review),
        "contacts": statistics.Share(confidence.total, statistics.proven()),
        "bands": _bands(confidence),
        "tens": [(_range(ten), number) for ten, number in enumerate(confidence.tens)],
        "by_confidence": _by_confidence(confidence),
        "recent_contacts": EnrichedContact.objects.only(*CONTACT_COLUMNS)[:RECENT_CONTACTS],
    }
    if user.has_perm("enrichment.view_contactemail"):
        context["addresses"] = statistics.addresses()
    if sees_jobs:
        context |= _jobs()
    context["is_fresh"] = not context["contacts"].total and not context.get("recent_jobs")
    return render(request, "review/home.html", context)


def greeting(user: User) -> str:
    """Return a greeting by the viewer's clock."""
    hour = timezone.localtime().hour
    part = "evening" if hour >= EVENING or hour < MORNING else "afternoon" if hour >= AFTERNOON else "morning"
    return f"Good {part}, {user.first_name or user.get_username()}"


def _jobs() -> dict[str, Any]:
    counts = statistics.jobs()
    days = statistics.jobs_per_day()
    recent = EnrichmentJob.objects.filter(job_type=JobType.BRAND_CONTACT_DISCOVERY).only(*JOB_COLUMNS)
    return {
        "jobs_total": sum(counts.values()),
        "jobs_by_status": [(status.label.lower(), counts[status]) for status in JobStatus if counts[status]],
        "days": days,
        "days_by_outcome": [
            ("Completed", "good", sum(day.completed for day in days)),
            ("Failed", "bad", sum(day.failed for day in days)),
            ("Other", "info", sum(day.other for day in days)),
        ],
        "days_total": sum(day.total for day in days),
        "per_day": _per_day(days),
        "recent_jobs": list(recent[:RECENT_JOBS]),
    }


def _per_day(days: list[statistics.Day]) -> Chart:
    return chart(
        [
            Column(
                date_format(day.date, "j"),
                ((day.completed, "good"), (day.other, "bar"), (day.failed, "bad")),
                f"{date_format(day.date, 'j M')}: {day.completed} completed, {day.failed} failed, {day.other} other",
            )
            for day in days
        ]
    )


def _by_confidence(confidence: statistics.Confidence) -> Chart:
    return chart(
        [
            Column(str(ten * 10), ((number, _tone(ten * 10)),), f"{_range(ten)}: {number:,} contacts")
            for ten, number in enumerate(confidence.tens)
        ]
    )


def _bands(confidence: statistics.Confidence) -> list[dict[str, Any]]:
    return [
        {
            "word": word,
            "tone": tone,
            "lowest": lowest,
            "highest": highest,
            "number": confidence.between(lowest, highest),
        }
        for lowest, highest, word, tone in BANDS
    ]


def _range(ten: int) -> str:
    return f"{ten * 10}–{ten * 10 + 9 if ten < 9 else 100}"


def _tone(score: int) -> str:
    return next(tone for lowest, _, _, tone in BANDS if score >= lowest)
