"""What the OpenAPI document says of signing in with a personal token. Imported at start-up (apps.py)."""

from typing import Any

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from core.api_tokens import PREFIX


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # its base is not annotated
    """Names the scheme `apiToken` beside drf-spectacular's own `jwtAuth` and `cookieAuth`."""

    target_class = "core.api_tokens.ApiTokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": f"{PREFIX}…",
            "description": "A personal API token, made in the admin under API tokens.",
        }


class JwtScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call] # its base is not annotated
    """Names the scheme of our authentication by JWT as that of SimpleJWT's."""

    target_class = "core.refresh_tokens.JwtAuthentication"
