"""A region as these pages show it: code, word and colour in lists, the whole rule on a page."""

from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.badges import AMBER, GREEN, RED, badge
from crm import regions
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
