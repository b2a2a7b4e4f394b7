from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Access"

    def ready(self) -> None:
        # Found by their import: drf-spectacular's extensions, and the check of the keys.
        from core import key_check, openapi  # noqa: F401
