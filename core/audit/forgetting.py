"""Forgetting what is older than `AUDIT_DAYS`: the beginning of the chain, whole days of it.

The head says up to where before the rows go, or the database would not let them (migration core 0003). An entry says
the same, so that nobody can take the beginning away by changing the head alone.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from core.models import AuditEntry, AuditHead, SubjectKey

from .chain import seal
from .recording import record
from .verifying import FORGOTTEN

BATCH = 5000


def forget_old(now: datetime) -> int:
    """Delete the entries that have had their time, and keys of people of whom nothing is left; return how many went.

    An entry goes with all those before it, once a whole day (UTC) has had its time. May run at any time.
    """
    if not settings.AUDIT_DAYS:
        return 0
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    kept_since = midnight - timedelta(days=settings.AUDIT_DAYS)
    seal()
    gone = 0
    while batch := _forget_batch(kept_since):
        gone += batch
    return gone


@transaction.atomic
def _forget_batch(kept_since: datetime) -> int:
    head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1)
    rows = AuditEntry.objects.filter(number__gt=head.purged_through).order_by("number")
    first_kept = rows.filter(at__gte=kept_since).values_list("number", flat=True).first()
    through = min((first_kept or head.number + 1) - 1, head.purged_through + BATCH)
    last = rows.filter(number=through).first()
    if last is None:
        return 0
    old = AuditEntry.objects.filter(number__gt=head.purged_through, number__lte=through)
    subjects = set(old.exclude(subject="").order_by().values_list("subject", flat=True).distinct())
    head.purged_through, head.purged_link = through, last.link
    head.save(update_fields=["purged_through", "purged_link"])
    gone, _ = AuditEntry.objects.filter(number__lte=through).delete()
    left = AuditEntry.objects.filter(subject=OuterRef("subject"))
    keys, _ = SubjectKey.objects.filter(~Exists(left), pk__in=subjects).delete()
    record(FORGOTTEN, through=through, link=last.link, count=gone, keys=keys, kept_since=kept_since)
    return gone
