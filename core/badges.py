"""What the admin's lists share: words in colour, and links between pages."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Classes of core/static/core/admin.css. A colour never stands alone: the word beside it says the same.
GREEN, AMBER, RED, BLUE, GREY = "good", "wait", "bad", "info", "off"


def badge(word: str, colour: str) -> SafeString:
    """Return a word in its colour."""
    return format_html('<b class="badge {}">{}</b>', colour, word)


def link(text: object, page: str, *args: object, **query: object) -> SafeString:
    """Return a link to a page of the admin, such as `crm_brand_change`, with its query string."""
    address = reverse(f"admin:{page}", args=args)
    return format_html('<a href="{}">{}</a>', f"{address}?{urlencode(query)}" if query else address, text)
