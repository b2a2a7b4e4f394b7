from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Access"

    def ready(self) -> None:
        # Found by their import: drf-spectacular's extensions.
        from core import openapi  # noqa: F401
