"""A region as these pages show it: code, word and colour in lists, the whole rule on a page."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin_lists import HasPage
from core.badges import AMBER, GREEN, RED, badge
from core.read_only import Kept
from crm import regions
from crm.models import RegionRule
from crm.regions import Action

WORDS = {
    Action.ALLOW: ("opt-out", GREEN),
    Action.HOLD: ("held", AMBER),
    Action.BLOCK: ("needs consent", RED),
}


def clean_region(text: str) -> str:
    """Return the region typed into a form as the database keeps it. Raises ValidationError."""
    try:
        return regions.clean_code(text) or ""
    except ValueError as error:
        raise ValidationError(str(error)) from error


def region_badge(code: str) -> SafeString:
    """Return a region with what its law says to a first e-mail; the whole rule as the tooltip."""
    word, colour = WORDS[regions.policy(code).default_action]
    return format_html(
        '<span title="{}">{}</span>', regions.explanation(code), badge(f"{code or 'unknown'} · {word}", colour)
    )


def region_rule(code: str) -> SafeString:
    """Return a region's rule for people, with a link to its source."""
    url = regions.policy(code).source_url
    source = format_html('<br><a href="{}" rel="noreferrer">Open the source</a>', url) if url else ""
    return format_html("{}{}", regions.explanation(code), source)


@admin.register(RegionRule)
class RegionRuleAdmin(Kept, HasPage):
    """Rules that were changed here, to look at: they are changed on their page, which checks them."""

    page = "oversight:region"
    list_display = ["code", "policy", "default_action", "confidence", "checked_on", "changed_by", "changed_at", "open"]
    list_filter = ["policy", "default_action", "confidence", "checked_on"]
    list_select_related = ["changed_by"]
    date_hierarchy = "changed_at"
    search_fields = ["code", "source_law"]
    search_help_text = "The country's two letters, or the law."
    fields = [
        *("code", "policy", "default_action", "need_published_address", "need_role_relevance", "automated_send_ok"),
        *("generated_address", "direct_messages_too", "optout_deadline_days", "label_required", "registry_to_check"),
        *("conditions", "source_law", "source_url", "evidence", "confidence", "checked_on", "reason"),
        *("changed_by", "changed_at"),
    ]
    readonly_fields = ["changed_by", "changed_at"]

    def has_delete_permission(self, request: HttpRequest, obj: RegionRule | None = None) -> bool:
        return False  # on its page it can be reset, which is told of
