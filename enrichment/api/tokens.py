"""`POST /api/auth/token`: JWT sign-in, by the same rules as the sign-in page (core/sign_in.py)."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.tokens import RefreshToken as JwtRefreshToken
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from core import second_factor, sign_in
from core.api.schema import Error

ERRORS = {
    400: OpenApiResponse(Error, "The request is malformed."),
    401: OpenApiResponse(Error, "Wrong user name, password, code or token."),
    429: OpenApiResponse(Error, "Too many attempts; `Retry-After` says when to come back."),
    503: OpenApiResponse(Error, "The database or Redis does not answer."),
}
NO_CODE = "This user has a second factor: send the code that the authenticator app shows, or a recovery code, as `otp`."
WRONG_CODE = "The code in `otp` is wrong or was used before: take the next one."


class _Tokens(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class _ObtainSerializer(TokenObtainPairSerializer):
    """User name, password and, from users with a second factor, a code."""

    otp = serializers.CharField(
        required=False,
        write_only=True,
        max_length=40,
        help_text="For users with a second factor: the authenticator app's code, or a recovery code.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        request = self.context["request"]._request
        user = sign_in.authenticated(request, attrs["username"], attrs["password"])
        if user is None:
            raise AuthenticationFailed(self.error_messages["no_active_account"])
        if second_factor.of(user) is not None:
            if not attrs.get("otp"):
                raise ValidationError({"otp": NO_CODE})
            if sign_in.verified(request, user, attrs["otp"]) is None:
                raise AuthenticationFailed(WRONG_CODE)
        sign_in.note_token(request, user)
        refresh = cast(JwtRefreshToken, self.get_token(user))
        return {"refresh": str(refresh), "access": str(refresh.access_token)}


class ObtainToken(TokenObtainPairView):
    """Exchange a user name and password for an access and a refresh token."""

    serializer_class = _ObtainSerializer

    @extend_schema(operation_id="obtain_token", request=_ObtainSerializer, responses={200: _Tokens, **ERRORS})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return `{access, refresh}`."""
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
