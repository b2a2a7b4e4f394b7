"""`POST /api/auth/token`: JWT sign-in, slowed down for those who guess passwords (core/sign_in.py)."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from core.api.schema import Error
from core.sign_in import count_attempt

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
        username = request.data.get("username") if isinstance(request.data, dict) else None
        seconds = count_attempt(request._request, username)
        if seconds is not None:
            raise Throttled(wait=seconds)
        return super().post(request, *args, **kwargs)


class _RefreshSerializer(TokenRefreshSerializer):
    """Refuses what an access token would be refused for: a user deleted or inactive, or with another password since.

    SimpleJWT's own looks at no password, and raises DoesNotExist for a user who is gone.
    """

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        refresh = self.token_class(attrs["refresh"])
        JWTAuthentication().get_user(refresh)
        return {"access": str(refresh.access_token)}


class RefreshToken(TokenRefreshView):
    """Exchange a refresh token for a new access token."""

    serializer_class = _RefreshSerializer

    @extend_schema(
        operation_id="refresh_token",
        request=TokenRefreshSerializer,
        responses={200: TokenRefreshSerializer, **ERRORS},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return `{access}`."""
        return super().post(request, *args, **kwargs)
