"""Every request acts: by a page, the API or the admin, or from outside. What it changed is in the audit trail.

A request that changed something and recorded nothing of its own leaves an entry all the same: which address (without
its parameters) was asked what, and what was answered.
"""

from collections.abc import Callable

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase

from . import acting
from .recording import record

View = Callable[[HttpRequest], HttpResponseBase]
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
WAYS = {
    "/api/": acting.API,
    "/admin/": acting.ADMIN,
    "/unsubscribe/": acting.PUBLIC,
    "/privacy/": acting.PUBLIC,
    "/webhooks/": acting.WEBHOOK,
}
# What writes nothing, or nothing but what the record of signing in has.
SILENT = {"token-refresh", "review:discover-region", "review:contacts-count", "oversight:audit-person"}

log = structlog.get_logger(__name__)


class Acting:
    """Middleware: says who acts while a request is answered."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        way = next((way for prefix, way in WAYS.items() if request.path_info.startswith(prefix)), acting.PAGE)
        with acting.acting_as(way, client=request.META.get("REMOTE_ADDR"), request=request) as now:
            response = self.get_response(request)
            if request.method not in SAFE and response.status_code < 400 and not now.recorded:
                _note(request, response)
            return response


def _note(request: HttpRequest, response: HttpResponseBase) -> None:
    match = request.resolver_match
    if match is None or match.view_name in SILENT or acting.current().actor is None:
        return
    try:
        record(
            "request.made",
            route=match.view_name or match.route,
            method=request.method,
            status=response.status_code,
            ids={name: str(value) for name, value in match.kwargs.items()},
        )
    except DatabaseError as error:
        log.warning("a request is not in the audit trail", error=type(error).__name__)
