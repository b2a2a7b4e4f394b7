"""The answer to a form whose token is missing or old (`CSRF_FAILURE_VIEW`)."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme


def failed(request: HttpRequest, **_reason: str) -> HttpResponse:
    """Say that nothing was done, and lead back to the page that the form was on."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure())
    return render(request, "403_csrf.html", {"page": _path(referer) if ours else "/"}, status=403)


def _path(url: str) -> str:
    """Return the path of one of our URLs, with its query string."""
    parts = urlsplit(url)
    path = escape_leading_slashes(parts.path) or "/"  # //host would lead elsewhere
    return f"{path}?{parts.query}" if parts.query else path
