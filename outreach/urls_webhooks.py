"""Where mail services deliver their reports: django-anymail's views, guarded.

They exist only with a secret in the settings (ANYMAIL_WEBHOOK_SECRET): without one anybody could report bounces.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.urls import urlpatterns as services
from anymail.utils import get_request_basic_auth
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

app_name = "webhooks"

LARGEST = 40_000_000  # bytes; Postmark takes in mails of 35 MB

View = Callable[..., HttpResponse]

NOT_UNDERSTOOD = "This is no report that is expected here. Compare the service's name and the kind of webhook.\n"


def guarded(view: View) -> View:
    """Return a view that is not there without a secret, and that answers 400 to what is no report of its service."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.ANYMAIL_WEBHOOKS:
            raise Http404("Webhooks are off: ANYMAIL_WEBHOOK_SECRET is not set.")
        try:
            _read_large(request)
            return view(request, *args, **kwargs)
        except (AnymailConfigurationError, ImproperlyConfigured, ValueError, LookupError, TypeError, AttributeError):
            # What goes wrong once a report was understood raises NotRecorded (webhooks.py), and is a 500.
            return HttpResponse(NOT_UNDERSTOOD, status=400, content_type="text/plain")

    return answer


def _read_large(request: HttpRequest) -> None:
    """Read a report that is larger than what anybody may post here, from who has the secret: mail has attachments."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    large = settings.DATA_UPLOAD_MAX_MEMORY_SIZE < length <= LARGEST
    if large and request.content_type != "multipart/form-data" and _has_secret(request):
        request._body = request.read()  # where `body` keeps what it read


def _has_secret(request: HttpRequest) -> bool:
    secrets = settings.ANYMAIL.get("WEBHOOK_SECRET") or []
    given = get_request_basic_auth(request) or ""
    return any(constant_time_compare(given, one) for one in ([secrets] if isinstance(secrets, str) else secrets))


urlpatterns = [
    URLPattern(service.pattern, guarded(service.callback), service.default_args, service.name) for service in services
]
