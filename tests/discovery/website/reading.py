"""Pages for the tests of what is read off them."""

from pathlib import Path

from enrichment.discovery.base import Person
from enrichment.discovery.website.pages import Page, parse
from enrichment.discovery.website.people import Extraction, extract

URL = "https://www.example.com/page"
STORED = Path(__file__).parent / "pages"


def page(body: str, *, title: str = "", language: str = "en", url: str = URL) -> Page:
    """Return the page with this body."""
    html = f'<!DOCTYPE html><html lang="{language}"><head><title>{title}</title></head><body>{body}</body></html>'
    return parse(html.encode(), "utf-8", url)


def read(body: str, *, title: str = "", language: str = "en", url: str = URL) -> Extraction:
    """Return what a page with this body tells."""
    return extract(page(body, title=title, language=language, url=url))


def stored(name: str) -> Extraction:
    """Return what the stored page `name`.html tells."""
    return extract(parse((STORED / f"{name}.html").read_bytes(), None, URL))


def titles(extraction: Extraction) -> dict[str, str | None]:
    """Return the people found: name -> title."""
    return {person.name: person.title for person in extraction.people}


def person(extraction: Extraction, name: str) -> Person:
    """Return the one person of that name."""
    (found,) = [person for person in extraction.people if person.name == name]
    return found
