"""Where a page leads: links and frames, redirects, its other languages, its next pages, its proper address."""

from collections.abc import Iterator
from itertools import islice

from enrichment.discovery.website import links, page_numbers, pages
from enrichment.discovery.website.pages import Page

MAX_ALTERNATES = 50
MAX_NEXT = 20


def offered(page: Page) -> Iterator[tuple[str, str]]:
    """Yield a page's links with their texts, frames among them."""
    for link in page.links:
        yield link.url, link.text
    for frame in page.root.iter("frame"):
        yield pages.absolute(page.base_url, frame.get("src") or ""), frame.get("name") or ""


def redirects(page: Page) -> Iterator[str]:
    """Yield the addresses to which a page sends browsers at once."""
    for content in page.root.xpath("//meta[translate(@http-equiv,'REFSH','refsh')='refresh']/@content"):
        _, _, target = str(content).partition("=")
        yield from _cleaned(page, target.strip(" '\""))


def canonical(page: Page) -> Iterator[str]:
    """Yield the address that a page calls its proper one, if it does."""
    yield from _cleaned(
        page, str(page.root.xpath("string(//link[translate(@rel,'CANONIL','canonil')='canonical']/@href)"))
    )


def alternates(page: Page) -> Iterator[tuple[str, str]]:
    """Yield (language, address) for the page in other languages, as `hreflang` has them; languages as in "de"."""
    for link in islice(page.root.xpath("//link[@hreflang][@href]"), MAX_ALTERNATES):
        language = links.language_of(link.get("hreflang") or "")
        if language and language != page.language:
            for url in _cleaned(page, link.get("href") or ""):
                yield language, url


def following(page: Page) -> Iterator[str]:
    """Yield the addresses of a listing's next pages: those it calls so, and those of its address with a number."""
    for href in islice(page_numbers.following(page), MAX_NEXT):
        yield from _cleaned(page, href)
    listing = links.series(page.url) or links.key(page.url)
    cleaned = (url for link in page.links if (url := links.clean(link.url)))
    yield from islice((url for url in cleaned if links.series(url) == listing), MAX_NEXT)


def _cleaned(page: Page, href: str) -> Iterator[str]:
    url = links.clean(pages.absolute(page.base_url, href)) if href else None
    if url:
        yield url
