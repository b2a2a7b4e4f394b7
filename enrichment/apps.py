from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EnrichmentConfig(AppConfig):
    name = "enrichment"

    def ready(self) -> None:
        from core import audit
        from enrichment import roles
        from enrichment_project import checks  # noqa: F401 - importing registers them

        audit.people("enrichment.enrichedcontact")
        # Of the last app: the permissions of all others are there by then.
        post_migrate.connect(roles.grant, sender=self)
