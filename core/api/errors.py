"""Errors in one shape: `{"error": code or the specification's sentence, "message": what to do}`.

Malformed input is 400 whatever its kind (the specification knows no 415 or 422); an id that is unknown or of
another shape is 404; a limit that is used up is 429; a database or Redis that does not answer is 503.
"""

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from core import counts, faults
from core.refusals import Refusal

from .renderers import dumps

FORBIDDEN = "Forbidden: Admin access required"
CSRF = (
    "A request that changes something and is signed in by cookie needs the CSRF token: send the cookie csrftoken, "
    "and its value in the header X-CSRFToken. With `Authorization: Bearer <access token>` none is needed."
)


class NotFound(exceptions.NotFound):
    """404 that names what was not found."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no {what} with this id. Check the id; the {what} may have been deleted.")


def body(error: str, message: str, limit: str = "") -> dict[str, str]:
    """Return the error shape; `limit` names the limit that is used up, where one is."""
    return {"error": error, "message": message} | ({"limit": limit} if limit else {})


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn any exception of a view into the error shape (`REST_FRAMEWORK["EXCEPTION_HANDLER"]`)."""
    response = _refusal(error)
    if response is not None:
        return response
    if said := faults.sentence(error):
        faults.note(error)
        return _unavailable(said)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = drf_exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    response.data = _describe(error)
    if response.status_code in {status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, status.HTTP_422_UNPROCESSABLE_ENTITY}:
        response.status_code = status.HTTP_400_BAD_REQUEST
    return response


def _refusal(error: Exception) -> Response | None:
    """Return the answer to a request that a rule of ours refuses."""
    if isinstance(error, Refusal):
        counts.refused(error)
        return Response(body(error.error, error.message, error.limit), error.status, headers=error.headers)
    if isinstance(error, RequestDataTooBig):
        sentence = f"The body is longer than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes: send less at once."
        return Response(body("body_too_large", sentence), status.HTTP_400_BAD_REQUEST)
    return None


def _unavailable(message: str) -> Response:
    return Response(
        body("unavailable", message),
        status.HTTP_503_SERVICE_UNAVAILABLE,
        headers={"Retry-After": str(faults.RETRY_SECONDS)},
    )


def _describe(error: exceptions.APIException) -> dict[str, str]:
    if isinstance(error, exceptions.PermissionDenied):
        # DRF's SessionAuthentication has no code for the lack of a token.
        lacks_token = str(error.detail).startswith("CSRF Failed")
        return body("csrf_failed", CSRF) if lacks_token else body(FORBIDDEN, "Sign in as a user with staff status.")
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        code = "not_authenticated" if isinstance(error, exceptions.NotAuthenticated) else "authentication_failed"
        hint = "Send `Authorization: Bearer <access token>`; POST /api/auth/token gives one."
        return body(code, f"{_first_sentence(error.detail)} {hint}")
    if isinstance(error, exceptions.UnsupportedMediaType):
        return body("invalid_content_type", "Send the body as JSON, with `Content-Type: application/json`.")
    if isinstance(error, exceptions.ParseError):
        return body("invalid_json", f"The body could not be read as JSON: {_first_sentence(error.detail)}")
    if isinstance(error, exceptions.ValidationError):
        return body("invalid_input", _first_sentence(error.detail))
    return body(str(error.default_code), _first_sentence(error.detail))


def _first_sentence(detail: Any, field: str = "") -> str:
    """Return the first message in DRF's nested detail, with the field it belongs to."""
    if isinstance(detail, dict):
        if "messages" in detail and "detail" in detail:  # simplejwt
            return _first_sentence(detail["detail"])
        name, inner = next(iter(detail.items()))
        return _first_sentence(inner, _place(field, name))
    if isinstance(detail, list):
        return _first_sentence(detail[0], field) if detail else "The request is not valid."
    return f"{field}: {detail}" if field else str(detail)


def _place(field: str, name: str | int) -> str:
    """Return where a key of DRF's detail lies: `contactIds[0]` for the first entry of that list."""
    if name in {"non_field_errors", "detail"}:
        return field
    if isinstance(name, int):
        return f"{field}[{name}]"
    return f"{field}.{name}" if field else str(name)


def json_error(status_code: int, error: str, message: str) -> HttpResponse:
    """Return the error shape as a plain Django response, for what never reaches a DRF view."""
    return HttpResponse(dumps(body(error, message)), content_type="application/json", status=status_code)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`: JSON under /api/, the ordinary page elsewhere."""
    from django.views.defaults import page_not_found as html_page

    if request.path_info.startswith("/api/"):
        return json_error(404, "not_found", "There is no such endpoint. /api/docs lists them all.")
    return html_page(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: JSON under /api/, the ordinary page elsewhere. 503 where we stand on what is gone."""
    from django.views.defaults import server_error as html_page

    error = sys.exc_info()[1]
    if error and (said := faults.sentence(error)) and request.path_info.startswith("/api/"):
        faults.note(error)
        answer = json_error(503, "unavailable", said)
        answer["Retry-After"] = str(faults.RETRY_SECONDS)
        return answer
    if unavailable := faults.page(request):
        return unavailable
    if request.path_info.startswith("/api/"):
        return json_error(500, "internal_error", "Something went wrong on our side; the log has the details.")
    return html_page(request)
