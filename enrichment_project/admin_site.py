"""The admin's site: what is used daily stands first, and apps of others have names that say what they hold."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from core.audit.in_admin import Audited

# Apps and models in the order of their use; what is not named follows, by name.
APPS = ["enrichment", "crm", "outreach", "core", "auth", "axes"]
MODELS = [
    *("EnrichedContact", "EnrichmentJob", "ReviewBatch"),
    *("Contact", "Brand", "Suppression"),
    *("Sequence", "Enrolment", "Message", "Task", "Event"),
]
NAMES = {
    "auth": "Users and groups",
    "axes": "Sign-in attempts",
}


class Site(AdminSite):
    """Every list of apps and models in the order above."""

    site_header = site_title = "Contact enrichment"
    index_title = "Overview"
    site_url = None  # its pages have links of their own to the rest (templates/admin/base_site.html)
    enable_nav_sidebar = False  # lists need the width

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register an admin class as one whose changes are in the audit trail."""
        whole = admin_class or ModelAdmin
        audited = type(whole.__name__, (Audited, whole), {"__module__": whole.__module__, "__doc__": whole.__doc__})
        super().register(model_or_iterable, audited, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's; an id in a form that is none at all is the sender's mistake, where Django calls it ours."""
        shown = super().admin_view(view, cacheable)

        @wraps(shown)
        def answer(*args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                found: HttpResponseBase = shown(*args, **kwargs)
                if isinstance(found, TemplateResponse):
                    found.render()
            except ValidationError as error:
                raise BadRequest("A value in this form is not of its kind: reload the page, then try again.") from error
            return found

        return answer

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        found: list[Any] = super().get_app_list(request, app_label)
        for app in found:
            app["name"] = NAMES.get(app["app_label"], app["name"])
            app["models"].sort(key=lambda model: _place(model["object_name"], MODELS))
        return sorted(found, key=lambda app: _place(app["app_label"], APPS))


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)
