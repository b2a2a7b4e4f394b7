from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"

    def ready(self) -> None:
        from crm.merging import BEFORE

        from . import merging, webhooks

        BEFORE.append(merging.stop_doubles)
        webhooks.connect()
