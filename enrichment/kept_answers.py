"""Answers about a brand that are kept between its jobs, encrypted: pages with their validators, services' data.

A job reads them before its sources start and writes down afterwards what they added (discovery/answers.py). Nothing
is kept longer than a week, and nothing of a brand once somebody found there is deleted, since a page may name them.
"""

import base64
import binascii
import uuid
import zlib
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from core.fields import blind_index
from enrichment.discovery.answers import Answers, Kept
from enrichment.models import KeptAnswer

KEPT = timedelta(days=7)
MAX_ANSWERS = 100  # of one brand
MAX_BYTES = 1_000_000  # of one body


def load(brand_id: uuid.UUID | None) -> Answers:
    """Return what is kept of the brand."""
    if brand_id is None:
        return Answers()
    since = timezone.now() - KEPT
    rows = KeptAnswer.objects.filter(brand_id=brand_id, fetched_at__gte=since).order_by("-fetched_at")[:MAX_ANSWERS]
    return Answers(answer for answer in map(_kept, rows) if answer is not None)


def save(brand_id: uuid.UUID | None, answers: Answers) -> None:
    """Write down what the job's sources added. Call in the job's transaction, under the brand's lock."""
    if brand_id is None:
        return
    kept = [answer for answer in answers.changed if len(answer.content) <= MAX_BYTES][:MAX_ANSWERS]
    kept.sort(key=lambda answer: blind_index(answer.key))  # the one order in which everybody takes these rows
    KeptAnswer.objects.bulk_create(
        [_row(brand_id, answer) for answer in kept],
        update_conflicts=True,
        unique_fields=["brand", "key_index"],
        update_fields=["key", "head", "body", "fetched_at"],
    )


def forget(brands: Collection[uuid.UUID]) -> None:
    """Delete what is kept of these brands. Call in a transaction."""
    rows = KeptAnswer.objects.filter(brand_id__in=brands)
    locked = rows.select_for_update().order_by("brand_id", "key_index").values_list("pk", flat=True)
    KeptAnswer.objects.filter(pk__in=list(locked)).delete()


def outdated(now: datetime) -> QuerySet[KeptAnswer]:
    """Return the answers that are kept no longer."""
    return KeptAnswer.objects.filter(fetched_at__lt=now - KEPT)


def _row(brand_id: uuid.UUID, answer: Kept) -> KeptAnswer:
    return KeptAnswer(
        brand_id=brand_id,
        key=answer.key,
        head={
            "url": answer.url,
            "status": answer.status,
            "media_type": answer.media_type,
            "charset": answer.charset,
            "etag": answer.etag,
            "last_modified": answer.last_modified,
            "max_age": answer.max_age,
        },
        body=base64.b64encode(zlib.compress(answer.content)).decode(),
        fetched_at=answer.fetched_at,
    )


def _kept(row: KeptAnswer) -> Kept | None:
    try:
        content = zlib.decompress(base64.b64decode(row.body))
    except (zlib.error, binascii.Error):
        return None  # unreadable is as good as not kept
    return Kept(key=row.key, fetched_at=row.fetched_at, content=content, **row.head)
