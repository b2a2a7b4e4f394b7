"""The answer to a form whose token is missing or old (`CSRF_FAILURE_VIEW`)."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def failed(request: HttpRequest, **_reason: str) -> HttpResponse:
    """Say that nothing was done, and lead back to the page that the form was on."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure())
    parts = urlsplit(referer)
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return render(request, "403_csrf.html", {"page": page if ours and page else "/"}, status=403)
