"""`POST /api/auth/token`: JWT sign-in, slowed down for those who guess passwords."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from .serializers import Error

ERRORS = {
    400: OpenApiResponse(Error, "The request is malformed."),
    401: OpenApiResponse(Error, "Wrong user name, password or token."),
    429: OpenApiResponse(Error, "Too many attempts; `Retry-After` says when to come back."),
    503: OpenApiResponse(Error, "The database or Redis does not answer."),
}


class ObtainToken(TokenObtainPairView):
    """Exchange a user name and password for an access and a refresh token."""

    @extend_schema(operation_id="obtain_token", responses={200: TokenObtainPairView().get_serializer_class(), **ERRORS})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return `{access, refresh}`."""

        def caller(_group: str, _request: HttpRequest) -> str:
            username = request.data.get("username") if isinstance(request.data, dict) else None
            return f"{request.META.get('REMOTE_ADDR', '')}:{str(username).lower()[:150]}"

        usage = get_usage(
            request._request, group="token", key=caller, rate=settings.TOKEN_ATTEMPTS_RATE, increment=True
        )
        if usage and usage["should_limit"]:
            raise Throttled(wait=usage["time_left"])
        return super().post(request, *args, **kwargs)


class RefreshToken(TokenRefreshView):
    """Exchange a refresh token for a new access token."""

    @extend_schema(operation_id="refresh_token", responses={200: TokenRefreshView().get_serializer_class(), **ERRORS})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return `{access}`."""
        return super().post(request, *args, **kwargs)
