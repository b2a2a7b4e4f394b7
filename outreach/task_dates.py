"""Until when a person may do a step."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from .hours import hours_for
from .models import Task
from .schedule import Hours
from .workdays import workday


def expiry(opened: datetime, hours: Hours) -> datetime:
    """Return when a task expires: as the recipient's hours end, OUTREACH_TASK_DAYS of their workdays later."""
    day = workday(opened.astimezone(hours.zone).date(), settings.OUTREACH_TASK_DAYS, hours.country)
    return datetime.combine(day, hours.closes, tzinfo=hours.zone)


def prolong(enrolment_ids: list[UUID], now: datetime) -> None:
    """Give the open tasks of these enrolments that would expire at once as much time as a new one has."""
    rows = Task.objects.filter(message__enrolment_id__in=enrolment_ids, state=Task.State.OPEN, expires_at__lte=now)
    tasks = list(
        rows.select_related("message__enrolment__contact__brand", "message__enrolment__sequence").defer(
            "message__subject", "message__body", "message__email"
        )
    )
    for task in tasks:
        task.expires_at = expiry(now, hours_for(task.message.enrolment))
    Task.objects.bulk_update(tasks, ["expires_at"], batch_size=200)
