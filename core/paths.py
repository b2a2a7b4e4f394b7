"""Paths under /api/ have no trailing slash; with one they work too."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class StripApiSlash:
    """Serve `/api/x/` as `/api/x`. No redirect: a redirected POST would lose its body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/") and request.path_info.endswith("/"):
            request.path_info = request.path_info.rstrip("/")
            request.path = request.path.rstrip("/")
        return self.get_response(request)
