"""The hours at which a contact may be written to, from its region and the settings."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .schedule import Hours
from .zones import zone_of


def hours_of(region: str | None) -> Hours:
    """Return the hours of a country (ISO 3166-1 alpha-2); an unknown one's are those of OUTREACH_DEFAULT_ZONE.

    Raises ImproperlyConfigured, in a sentence, when OUTREACH_WINDOW or OUTREACH_DEFAULT_ZONE cannot be read.
    """
    opens, closes = _window(settings.OUTREACH_WINDOW)
    return Hours((region or "").strip().upper(), zone_of(region, _zone(settings.OUTREACH_DEFAULT_ZONE)), opens, closes)


def _window(text: str) -> tuple[time, time]:
    try:
        opens, closes = (datetime.strptime(part.strip(), "%H:%M").time() for part in text.split("-"))
    except ValueError:
        raise ImproperlyConfigured(
            f"OUTREACH_WINDOW is {text!r}: write two times of day, such as 09:00-17:00."
        ) from None
    if opens >= closes:
        raise ImproperlyConfigured(f"OUTREACH_WINDOW is {text!r}: it must begin before it ends, on one day.")
    return opens, closes


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a directory, a path that leads elsewhere, no such zone
        raise ImproperlyConfigured(
            f"OUTREACH_DEFAULT_ZONE is {name!r}: no zone such as Europe/Berlin or UTC."
        ) from None
