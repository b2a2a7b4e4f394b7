"""What every answer tells browsers and caches beside the policy of core/csp.py, refusals and faults too."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# None of it is used, so that nothing that gets into a page can use it either. Only names that browsers know without a
# switch: they complain of others in their consoles. Names: the W3C's registry of policies.
_UNUSED = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
    *("publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"),
    *("xr-spatial-tracking", "browsing-topics"),
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",  # no page elsewhere can embed ours, not even as an image
    "X-Permitted-Cross-Domain-Policies": "none",
}
PRIVATE = "no-store, private"


class BrowserHeaders:
    """Middleware: adds the headers where a view has not set its own, and keeps what may be personal out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # Django's middleware stands further in, where an answer to a refused host never comes by.
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if _may_be_personal(request):
            response.headers.setdefault("Cache-Control", PRIVATE)
        return response


def _may_be_personal(request: HttpRequest) -> bool:
    """Return whether the answer was made for somebody: a user, or whoever holds a token of the API."""
    if request.path_info.startswith(settings.STATIC_URL):
        return False
    known = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    return known or request.path_info.startswith("/api/")
