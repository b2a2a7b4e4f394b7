"""sitemap.xml (sitemaps.org): the addresses of a site's pages, for sites whose home page links to few of them."""

import re
import zlib
from collections.abc import Callable, Iterable

from lxml import etree

from core.http import Client, FetchError
from enrichment.discovery.website import links
from enrichment.discovery.website.links import WEIGHTS, site_of

MAX_BYTES = 2_000_000  # unpacked; the format allows 50 MB, the beginning will do
MAX_FILES = 4
MAX_ADDRESSES = 5_000
MAX_WAITING = 1_000

_WORD = re.compile(r"[a-z]+")
_OF_EVERY_NAME = frozenset({"sitemap", "sitemaps", "xml", "gz", "index", "wp", "page", "pages", "posts"})
_OF_MANY = frozenset({"image", "images", "video", "videos", "post", "posts", "attachment", "taxonomy", "taxonomies"})

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
    *,
    language: str = "",
) -> list[str]:
    """Return the page addresses in a site's sitemaps, those of other sites left out.

    `declared`: the sitemaps that robots.txt names, else `/sitemap.xml` beside `home` is tried; `allowed` says which
    addresses robots.txt lets us fetch; `timeout` gives the seconds for the next request; `language` is the one wanted
    where there is one file for each ("de"; "" when unknown). The rest is skipped.
    """
    site = site_of(home)
    waiting = _best_first([url for url in declared if site_of(url) == site], language) or [_beside(home)]
    found: dict[str, None] = {}
    fetched: set[str] = set()
    while waiting and len(fetched) < MAX_FILES:
        url = waiting.pop(0)
        if url in fetched or not allowed(url):
            continue
        fetched.add(url)
        pages, files = read(_fetch(client, url, timeout()))
        found.update(dict.fromkeys(page for page in pages if site_of(page) == site))
        waiting = _best_first([*waiting, *(file for file in files if site_of(file) == site)], language)
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


def _best_first(files: list[str], language: str) -> list[str]:
    """Sort sitemaps: blogs and shops split theirs by kind, others by language."""

    def promise(file: str) -> tuple[bool, int]:
        words = _WORD.findall(file.rpartition("/")[2].lower())
        spoken = {code for code in map(links.language_of, words) if code}
        kind = links.kind_of(" ".join(word for word in words if word not in _OF_EVERY_NAME))
        last = kind == "skip" or not _OF_MANY.isdisjoint(words)
        rank = 0 if kind in WEIGHTS else 1 if "page" in words or "pages" in words else 3 if last else 2
        return bool(language and spoken and language not in spoken), rank

    return sorted(files, key=promise)[:MAX_WAITING]


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
