"""Pages that browsers build with scripts: what comes over the wire is a shell without the content."""

import re

from lxml.html import HtmlElement

from enrichment.discovery.website import pages
from enrichment.discovery.website.pages import Page

NEXT_TO_NO_TEXT = 200  # characters
LITTLE_TEXT = 1_500  # of a shell that comes with a menu, a footer or a note on cookies

# Where React, Vue, Angular and the like put what they build.
_MOUNTS = frozenset(
    {"root", "app", "__next", "__nuxt", "___gatsby", "react-root", "app-root", "q-app", "svelte", "ember"}
)
_CUSTOM_MOUNT = re.compile(r"(?:app|[a-z]+-(?:app|root))", re.ASCII)


def is_shell(page: Page) -> bool:
    """Whether the page has scripts and next to no text, or little and the place where scripts put the rest."""
    if page.root.find(".//script") is None:
        return False
    size = len(pages.visible_text(page.root))
    return size < NEXT_TO_NO_TEXT or (size < LITTLE_TEXT and (_asks_for_scripts(page) or _has_empty_mount(page)))


def _asks_for_scripts(page: Page) -> bool:
    texts = ("".join(element.itertext()) for element in page.root.iter("noscript"))
    return any("javascript" in text.lower() for text in texts)


def _has_empty_mount(page: Page) -> bool:
    return any(_is_mount(element) and not pages.visible_text(element) for element in page.root.iter("*"))


def _is_mount(element: HtmlElement) -> bool:
    tag = element.tag if isinstance(element.tag, str) else ""
    return (element.get("id") or "") in _MOUNTS or ("-" in tag and _CUSTOM_MOUNT.fullmatch(tag) is not None)
