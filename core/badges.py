"""What the admin's lists share: words in colour, and links between pages."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

# With contrast on light and dark ground. A colour never stands alone: the word beside it says the same.
GREEN, AMBER, RED, BLUE, GREY = "#1a7f37", "#9a6700", "#c93c37", "#0969da", "#6e7781"


def badge(word: str, colour: str) -> SafeString:
    """Return a word in its colour."""
    return format_html('<b style="color:{};white-space:nowrap">{}</b>', colour, word)


def link(text: object, page: str, *args: object, **query: object) -> SafeString:
    """Return a link to a page of the admin, such as `crm_brand_change`, with its query string."""
    address = reverse(f"admin:{page}", args=args)
    return format_html('<a href="{}">{}</a>', f"{address}?{urlencode(query)}" if query else address, text)
