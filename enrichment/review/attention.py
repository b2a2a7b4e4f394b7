"""What needs somebody now: a number, what it counts, and the page where it is dealt with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.templatetags.pages import day
from crm.telling import month_after
from enrichment import requests, retention
from enrichment.limits import RUNNING
from enrichment.models import EnrichmentJob, JobStatus, ReviewStatus
from outreach import handling, notices
from outreach.models import Message, Task

FAILURES_SHOWN = timedelta(days=7)
PURGE_WARNING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Need:
    """So many of something. `detail` says what to do; `tone` is a class of app.css, "" for what can wait."""

    number: int
    one: str
    many: str
    detail: str | SafeString
    url: str
    tone: str = ""

    @property
    def words(self) -> str:
        return self.one if self.number == 1 else self.many


def needs(user: User, to_review: int) -> list[Need]:
    """Return what needs this user, as far as the user may see it; nothing of which there is none.

    `to_review` is the number of contacts that nobody has looked at, which the page knows already.
    """
    found: list[Need] = []
    for permissions, look in LOOKS:
        if user.has_perms(permissions):
            found += look()
    if user.has_perm("enrichment.view_enrichedcontact"):
        url = f"{reverse('review:contacts')}?reviewed={ReviewStatus.NEW}"
        review = Need(to_review, "contact to review", "contacts to review", "Approve or reject them.", url, "info")
        found.insert(0, review)
    return [need for need in found if need.number]


def _events() -> list[Need]:
    detail = "Bounces and replies that wait for your decision."
    url = f"{reverse('outreach:events')}?open=1"
    return [Need(handling.waiting().count(), "answer to look at", "answers to look at", detail, url, "bad")]


def _tasks() -> list[Need]:
    found = Task.objects.filter(state=Task.State.OPEN).aggregate(number=Count("pk"), first=Min("expires_at"))
    detail = f"The first expires on {day(found['first'])}." if found["first"] else ""
    return [Need(found["number"], "task due", "tasks due", SafeString(detail), reverse("outreach:tasks"), "wait")]


def _messages() -> list[Need]:
    states = (Message.State.HELD, Message.State.UNKNOWN)
    rows = Message.objects.filter(state__in=states).order_by().values_list("state").annotate(Count("pk"))
    counted, outbox = dict(rows), reverse("outreach:outbox")
    return [
        Need(
            counted.get(Message.State.UNKNOWN, 0),
            "message perhaps sent",
            "messages perhaps sent",
            "Say whether it went out.",
            f"{outbox}?state={Message.State.UNKNOWN}",
            "bad",
        ),
        Need(
            counted.get(Message.State.HELD, 0),
            "message held",
            "messages held",
            "Release or cancel what is held.",
            f"{outbox}?state={Message.State.HELD}",
            "wait",
        ),
    ]


def _jobs() -> list[Need]:
    lately = Q(status=JobStatus.FAILED, created_at__gte=timezone.now() - FAILURES_SHOWN)
    counted = EnrichmentJob.objects.filter(Q(status__in=RUNNING) | lately).aggregate(
        failed=Count("pk", filter=lately), running=Count("pk", filter=~lately)
    )
    jobs = reverse("review:jobs")
    failed = f"{jobs}?status={JobStatus.FAILED}"
    return [
        Need(counted["failed"], "job failed", "jobs failed", "In the last 7 days: see why, retry.", failed, "bad"),
        Need(counted["running"], "job under way", "jobs under way", "Watch how far it is.", f"{jobs}?status=running"),
    ]


def _purge() -> list[Need]:
    rows = retention.due(timezone.now() + PURGE_WARNING).filter(review_status=ReviewStatus.NEW)
    url = f"{reverse('review:contacts')}?reviewed={ReviewStatus.NEW}&sort=purge"
    detail = "Within 3 days, if nobody approves them."
    return [Need(rows.count(), "contact will be deleted", "contacts will be deleted", detail, url, "wait")]


def _notices() -> list[Need]:
    found = notices.due(timezone.now()).aggregate(number=Count("pk"), first=Min("obtained_at"))
    detail = f"The first by {day(month_after(found['first']))}." if found["first"] else ""
    url = reverse("oversight:notices")
    one, many = "person to tell what you hold", "people to tell what you hold"
    return [Need(found["number"], one, many, SafeString(detail), url, "wait")]


def _requests() -> list[Need]:
    now = timezone.now()
    counted = requests.waiting().aggregate(number=Count("pk"), late=Count("pk", filter=requests.overdue(now)))
    detail = f"{counted['late']} should have been answered." if counted["late"] else "Answer within a month."
    tone, url = "bad" if counted["late"] else "wait", reverse("oversight:requests")
    return [Need(counted["number"], "request about data", "requests about data", detail, url, tone)]


LOOKS: tuple[tuple[tuple[str, ...], Callable[[], list[Need]]], ...] = (
    (("outreach.view_event",), _events),
    (("outreach.view_task", "outreach.view_message"), _tasks),
    (("outreach.view_message",), _messages),
    (("enrichment.view_enrichedcontact",), _purge),
    (("enrichment.view_enrichmentjob",), _jobs),
    (("enrichment.view_subjectrequest",), _requests),
    (("outreach.view_notice",), _notices),
)
