"""The record of signing in: who did, who failed to, who signed out. django-axes writes it, the admin shows it."""

from datetime import timedelta
from importlib import import_module

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from core.sign_in import folded

SHOWN = 10


def latest(user: User) -> QuerySet[AccessLog]:
    """Return a user's latest sign-ins, newest first."""
    entries: QuerySet[AccessLog] = AccessLog.objects.filter(username=user.get_username())
    return entries.order_by("-attempt_time")[:SHOWN]


def failures_since(user: User, days: int) -> int:
    """Return how often somebody failed to sign in under a user's name in so many days."""
    since = timezone.now() - timedelta(days=days)
    failures = AccessFailureLog.objects.filter(username=folded(user.get_username()), attempt_time__gte=since)
    return int(failures.count())


def purge() -> int:
    """Delete what is older than `SIGN_IN_LOG_DAYS` days, and ended sessions; return how many entries went.

    Attempts that count towards a lock-out go with the time of the lock-out. May run at any time.
    """
    now = timezone.now()
    kept_since = now - timedelta(days=settings.SIGN_IN_LOG_DAYS)
    outdated = [model.objects.filter(attempt_time__lt=kept_since) for model in (AccessLog, AccessFailureLog)]
    gone: int = sum(rows.delete()[0] for rows in outdated)
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return gone
