"""A person as structured data states them, whatever the format."""

from dataclasses import dataclass
from html import unescape

from lxml.html import HtmlElement

from enrichment.discovery.website import addresses, role_text
from enrichment.discovery.website.names_on_page import read
from enrichment.discovery.website.pages import squeeze
from enrichment.discovery.website.profiles import Profile
from enrichment.discovery.website.vocabulary import words


@dataclass(frozen=True, slots=True)
class Stated:
    """A person as structured data states them. `element` holds them on the page, None for a script."""

    name: str
    title: str = ""
    email: str | None = None
    profile: Profile | None = None
    element: HtmlElement | None = None


def stated(
    name: str, title: str, email: str, profile: Profile | None, element: HtmlElement | None = None
) -> Stated | None:
    """The person of these values, None when `name` is none. `email` may be a "mailto:" link."""
    reading = read(squeeze(unescape(name))[:200])
    if not reading:
        return None
    address = addresses.clean(email.lower().removeprefix("mailto:").partition("?")[0])
    return Stated(reading.text, role_text.clean(title)[: role_text.MAX_TITLE], address, profile, element)


def is_staff(key: str) -> bool:
    """Whether a schema.org property (lower case) leads to the organisation's own people."""
    return key in words("schema_staff")


def is_others(key: str) -> bool:
    """Whether a schema.org property (lower case) leads to other people: authors, reviewers, kin."""
    return key in words("schema_others")
