"""What the pages' templates share: badges, buttons that post, moments in somebody's own time."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

TONES = ("good", "wait", "bad", "info", "off")  # app.css has a colour and a shape for each


@register.simple_tag
def badge(word: object, tone: str) -> SafeString:
    """Return a word with the colour and the shape of its tone."""
    return format_html('<span class="badge {}">{}</span>', tone if tone in TONES else "off", word)


@register.inclusion_tag("parts/button.html", takes_context=True)
def button(context: template.Context, label: str, url: str, **options: Any) -> dict[str, Any]:
    """A button that posts to `url`, with the page it is on as the way back.

    Options: `kind` (a class, such as `danger`), `about` (for screen readers: whom it concerns); all others are posted.
    """
    request = context["request"]
    return {
        "label": label,
        "url": url,
        "kind": options.pop("kind", ""),
        "about": options.pop("about", ""),
        "fields": options,
        "next": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def in_zone(moment: datetime | None, zone: str) -> str:
    """Return a moment on the clock of a zone such as Europe/Berlin, with the zone; UTC where it is not known."""
    if moment is None:
        return ""
    try:
        clock = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        clock = ZoneInfo("UTC")
    return f"{date_format(timezone.localtime(moment, clock), 'D j M Y, H:i')} {clock.key}"


@register.filter
def moment(value: datetime | None) -> str:
    """Return a moment on the server's clock."""
    return date_format(timezone.localtime(value), "j M Y, H:i") if value else ""


@register.filter
def percent(value: float | None) -> str:
    """Return a share between 0 and 1 in per cent, to one decimal below ten."""
    if value is None:
        return ""
    return f"{value:.1%}" if 0 < value < 0.1 else f"{value:.0%}"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return an entry of a mapping whose key is in a variable."""
    return mapping.get(key)
