from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"

    def ready(self) -> None:
        from crm.by_hand import AFTER_REGION
        from crm.merging import BEFORE

        from . import judging, merging, webhooks

        AFTER_REGION.append(judging.rejudge_contacts)
        BEFORE.append(merging.stop_doubles)
        webhooks.connect()
