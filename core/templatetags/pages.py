"""What the pages' templates share: badges, buttons that post, moments in somebody's own time."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

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
def moment(value: datetime | None) -> SafeString | str:
    """Return a moment on the viewer's clock (core/viewer.py); pointing at it shows the weekday and the zone too."""
    return _time(value, "j M Y, H:i")


@register.filter
def day(value: datetime | None) -> SafeString | str:
    """Return the day of a moment on the viewer's clock; pointing at it shows the whole moment."""
    return _time(value, "j M Y")


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """Return how long ago a moment was, in its largest unit; pointing at it shows the moment."""
    if value is None:
        return ""
    recent = timezone.now() - value < timedelta(minutes=1)
    return _time(value, "", "just now" if recent else f"{timesince(value, depth=1)} ago")


def _time(value: datetime | None, form: str, words: str = "") -> SafeString | str:
    if value is None:
        return ""
    local = timezone.localtime(value)
    whole = f"{date_format(local, 'D j M Y, H:i')} {timezone.get_current_timezone_name()}"
    iso = local.isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, whole, words or date_format(local, form))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon of icons.svg; without a label it is decoration, and the text beside it says what it means."""
    href = f"{static('core/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><title>{}</title><use href="{}"/></svg>', label, label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.filter
def percent(value: float | None) -> str:
    """Return a share between 0 and 1 in per cent, to one decimal below ten."""
    if value is None:
        return ""
    if 0 < value < 0.0005:
        return "less than 0.1%"
    return f"{value:.1%}" if 0 < value < 0.1 else f"{value:.0%}"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return an entry of a mapping whose key is in a variable."""
    return mapping.get(key)
