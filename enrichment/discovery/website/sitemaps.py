"""sitemap.xml (sitemaps.org): the addresses of a site's pages, for sites whose home page links to few of them."""

import zlib
from collections.abc import Callable, Iterable

from lxml import etree

from core.http import Client, FetchError
from enrichment.discovery.website.links import site_of

MAX_BYTES = 2_000_000  # unpacked; the format allows 50 MB, the beginning will do
MAX_FILES = 4
MAX_ADDRESSES = 5_000

_XML = (
    "application/xml",
    "text/xml",
    "application/gzip",
    "application/x-gzip",
    "text/plain",
    "application/octet-stream",
)


def addresses(
    client: Client,
    declared: Iterable[str],
    home: str,
    allowed: Callable[[str], bool],
    timeout: Callable[[], float | None],
) -> list[str]:
    """Return the page addresses in a site's sitemaps, those of other sites left out.

    `declared`: the sitemaps that robots.txt names, else `/sitemap.xml` beside `home` is tried; `allowed` says which
    addresses robots.txt lets us fetch; `timeout` gives the seconds for the next request. The rest is skipped.
    """
    site = site_of(home)
    waiting = [url for url in declared if site_of(url) == site][:MAX_FILES] or [_beside(home)]
    found: dict[str, None] = {}
    fetched: set[str] = set()
    while waiting and len(fetched) < MAX_FILES:
        url = waiting.pop(0)
        if url in fetched or not allowed(url):
            continue
        fetched.add(url)
        pages, files = read(_fetch(client, url, timeout()))
        found.update(dict.fromkeys(page for page in pages if site_of(page) == site))
        # Blogs and shops split theirs by kind; the pages come first.
        waiting += sorted((file for file in files if site_of(file) == site), key=lambda file: "page" not in file)
    return list(found)[:MAX_ADDRESSES]


def read(content: bytes) -> tuple[list[str], list[str]]:
    """Return the addresses of pages and of further sitemaps in a sitemap's XML; none in anything else.

    Entities are left alone and a document type is refused: the format has neither, bombs have both.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return [], []
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        return [], []
    pages: list[str] = []
    files: list[str] = []
    for element in root.iter("{*}loc"):
        parent = element.getparent()
        target = files if parent is not None and etree.QName(parent).localname == "sitemap" else pages
        if element.text and len(target) < MAX_ADDRESSES:
            target.append(element.text.strip())
    return pages, files


def _beside(home: str) -> str:
    scheme, _, rest = home.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/sitemap.xml"


def _fetch(client: Client, url: str, timeout: float | None) -> bytes:
    try:
        response = client.get(url, accept=_XML, max_bytes=MAX_BYTES, timeout=timeout)
    except FetchError:
        return b""
    if response.status != 200:
        return b""
    if not response.content.startswith(b"\x1f\x8b"):
        return response.content
    try:
        return zlib.decompressobj(wbits=31).decompress(response.content, MAX_BYTES)
    except zlib.error:
        return b""
