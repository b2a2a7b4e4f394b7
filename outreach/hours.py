"""The hours at which a contact may be written to, from its region, its sequence and the settings."""

from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from crm.models import Contact

from .models import Enrolment
from .schedule import Hours
from .zones import zone_of


def hours_of(region: str | None, weekdays: Iterable[int] = (), zone: str = "") -> Hours:
    """Return the hours of a country (ISO 3166-1 alpha-2); an unknown one's are those of OUTREACH_DEFAULT_ZONE.

    `weekdays` are the days of the week that are allowed (Monday is 0; none: all); `zone` is a zone's name that goes
    before the country's, and is passed over when there is none of that name. Raises ImproperlyConfigured, in a
    sentence, when OUTREACH_WINDOW or OUTREACH_DEFAULT_ZONE cannot be read.
    """
    opens, closes = _window(settings.OUTREACH_WINDOW)
    clock = _known(zone) or zone_of(region, _zone(settings.OUTREACH_DEFAULT_ZONE))
    return Hours((region or "").strip().upper(), clock, opens, closes, frozenset(weekdays))


def region_of(contact: Contact) -> str:
    """Return the country in which a contact works: its own, else that of its brand; empty when neither is known."""
    return contact.region_code or contact.brand.region_code


def hours_for(enrolment: Enrolment) -> Hours:
    """Return the hours in which an enrolment's messages may go out (needs its contact, brand and sequence)."""
    return hours_of(region_of(enrolment.contact), enrolment.sequence.weekdays, enrolment.zone)


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
    zone = _known(name)
    if zone is None:
        raise ImproperlyConfigured(f"OUTREACH_DEFAULT_ZONE is {name!r}: no zone such as Europe/Berlin or UTC.")
    return zone


def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a directory, a path that leads elsewhere, no such zone
        return None
