"""What rows of the list have in common, put together once: badges, icons, roles, and how old a check is.

A page of 200 rows has a thousand of these, and few that differ.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.pages import badge, icon, percent
from enrichment.templatetags import review

LAST_DAYS = 3  # from when on the days that are left are pointed out
AGES = ((365, "year"), (30, "month"), (7, "week"), (1, "day"))


def of(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row's cells that are more than a text, by their columns."""
    best = row["best"]
    return {
        "seniority": _role(row["seniority"], row["department"], row["decision_maker"]),
        "status": _status(best["verification_status"]) if best else "",
        "checked": _ago(best["last_checked_at"]) if best else "",
        "confidence": _score(row["confidence_score"]),
        "chance": percent(best["probability"]) if best else "",
        "sources": [_source(source) for source in row["sources"]],
        "region": _region(row["region_code"], row["gate"]),
        "review": _review(row["review_status"]),
        "purge": _purge(row["days_left"]),
        "found": _ago(row["discovered_at"]),
    }


@lru_cache(maxsize=1024)
def _role(seniority: str, department: str, decides: bool) -> SafeString:
    star = icon("star", "Decides") if decides else ""
    words = (
        review.seniority_word(seniority),
        star,
        "" if department == "other" else review.department_word(department),
    )
    return format_html('{} {} <span class="quiet">{}</span>', *words)


@lru_cache(maxsize=256)
def _score(value: int) -> SafeString:
    return review.score(value)


@lru_cache(maxsize=8)
def _status(status: str) -> SafeString | str:
    return review.address_status(status)


@lru_cache(maxsize=64)
def _source(source: str) -> SafeString:
    return review.source_icon(source)


@lru_cache(maxsize=1024)
def _region(code: str | None, gate: str | None) -> SafeString:
    return format_html('<span class="code">{}</span> {}', code or "", review.gate(gate))


@lru_cache(maxsize=8)
def _review(status: str) -> SafeString:
    return review.review_status(status)


@lru_cache(maxsize=512)
def _purge(days: int | None) -> SafeString | str:
    if days is None:
        return format_html('<span class="quiet">{}</span>', "never")
    words = f"{days} d" if days else "today"
    return badge(words, "bad") if days <= LAST_DAYS else words


def _ago(moment: datetime | None) -> SafeString | str:
    """Return how long ago a moment was; pointing at it shows the moment on the reader's clock."""
    if moment is None:
        return "never checked"
    local = timezone.localtime(moment)
    day = f"{local.day} {local:%b %Y, %H:%M}"
    iso = local.isoformat("T", "seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, day, age(moment))


def age(moment: datetime) -> str:
    """Return how long ago a moment was, in its largest unit from a day on."""
    days = (timezone.now() - moment).days
    for length, unit in AGES:
        if days >= length:
            return f"{days // length} {unit}{'s' * (days >= 2 * length)} ago"
    return "today"
