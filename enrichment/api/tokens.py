"""`POST /api/auth/token`: JWT sign-in, by the same rules as the sign-in page (core/sign_in.py); refresh and revoke."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView, TokenViewBase

from core import refresh_tokens, second_factor, sign_in
from core.api.bodies import Text
from core.api.schema import Error

ERRORS = {
    400: OpenApiResponse(Error, "The request is malformed."),
    401: OpenApiResponse(Error, "Wrong user name, password, code or token."),
    429: OpenApiResponse(Error, "Too many attempts; `Retry-After` says when to come back."),
    503: OpenApiResponse(Error, "The database or Redis does not answer."),
}
REVOKING = {code: answer for code, answer in ERRORS.items() if code != status.HTTP_401_UNAUTHORIZED}
NO_CODE = "This user has a second factor: send the code that the authenticator app shows, or a recovery code, as `otp`."
WRONG_CODE = "The code in `otp` is wrong or was used before: take the next one."


class _Tokens(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class _Refresh(serializers.Serializer[Any]):
    refresh = Text(help_text="A refresh token.")


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
        refresh = refresh_tokens.issue(user)
        return {"refresh": str(refresh), "access": str(refresh.access_token)}


class ObtainToken(TokenObtainPairView):
    """Exchange a user name and password for an access and a refresh token."""

    serializer_class = _ObtainSerializer

    @extend_schema(operation_id="obtain_token", request=_ObtainSerializer, responses={200: _Tokens, **ERRORS})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return `{access, refresh}`."""
        return super().post(request, *args, **kwargs)


class _RefreshSerializer(TokenRefreshSerializer):
    """Takes a refresh token, which is exchanged for the next one."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        _let_through(self.context["request"])
        refresh = refresh_tokens.exchange(attrs["refresh"])
        return {"access": str(refresh.access_token), "refresh": str(refresh)}


class RefreshToken(TokenRefreshView):
    """Exchange a refresh token for a new access token and the next refresh token."""

    serializer_class = _RefreshSerializer

    @extend_schema(operation_id="refresh_token", request=_Refresh, responses={200: _Tokens, **ERRORS})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return `{access, refresh}`. A refresh token that comes a second time ends the sign-in it comes from."""
        return super().post(request, *args, **kwargs)


class RevokeToken(TokenViewBase):
    """End a sign-in."""

    serializer_class = _Refresh

    @extend_schema(operation_id="revoke_token", request=_Refresh, responses={204: None, **REVOKING})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End the sign-in that a refresh token comes from, and its access tokens. What is unknown is no error."""
        query = _Refresh(data=request.data)
        query.is_valid(raise_exception=True)
        _let_through(request)
        refresh_tokens.revoke(query.validated_data["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


def _let_through(request: Request) -> None:
    """Raise Refused for an address that sends too many tokens. Nobody guesses one, so Redis may be gone."""
    try:
        seconds = sign_in.count_attempt(request._request, "", group="refresh")
    except RedisError:
        return
    if seconds:
        raise sign_in.Refused("Too many tokens came from your address.", seconds)
