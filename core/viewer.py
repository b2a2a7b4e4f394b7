"""Whoever looks at a page: their clock, and how long they stay signed in without doing anything."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

ZONE_COOKIE = "time_zone"  # set by app.js from the browser's own zone, or chosen on the account page
RENEWED_EVERY = 600  # seconds
_SEEN = "seen"

View = Callable[[HttpRequest], HttpResponseBase]


class ViewerZone:
    """Middleware: dates are shown on the viewer's clock, and on the server's as long as that is not known."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        zone = read_zone(request.COOKIES.get(ZONE_COOKIE, ""))
        if zone is None:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


class SlidingSession:
    """Middleware: the session's time (SESSION_COOKIE_AGE) begins anew while its user is at work.

    At most every RENEWED_EVERY seconds, since each time is a write.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.session.is_empty():
            now = int(time.time())
            if now - request.session.get(_SEEN, 0) >= RENEWED_EVERY:
                request.session[_SEEN] = now
        return self.get_response(request)


def read_zone(name: str) -> ZoneInfo | None:
    """Return a zone of the IANA database, such as Europe/Berlin; None for a name that it does not have."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
