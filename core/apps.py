from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Access"

    def ready(self) -> None:
        from core import openapi  # noqa: F401 - drf-spectacular finds its extensions by their import
