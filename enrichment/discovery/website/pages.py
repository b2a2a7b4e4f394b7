"""A page as bytes -> a tree to read. Whatever the bytes, reading them raises nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from enrichment.discovery.website.encodings import decode

MAX_BYTES = 4_000_000
MAX_LINKS = 2_000
MAX_ATTRIBUTES = 300


_LONG_TAG = re.compile(r"<([a-zA-Z]+)[^<>]{4000,}>?")
_SPACE = re.compile(r"\s+")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
UNSEEN_TAGS = frozenset(
    {"script", "style", "template", "noscript", "head", "title", "meta", "link", "svg", "math", "iframe", "object"}
    | {"embed", "canvas", "audio", "video", "select", "option", "datalist", "textarea", "map"}
)


@dataclass(frozen=True, slots=True)
class Link:
    """An `<a href>` to a web page: absolute URL without fragment, and the text (or the image's alt text) on it."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page. `root` is the `<html>` element, also of an empty page. `language` is "de", "pt" … or "".

    `base_url` is what relative links are relative to. Nothing deeper than libxml2's limit of 256 levels is in the tree.
    """

    root: HtmlElement
    url: str
    base_url: str
    language: str
    title: str
    links: tuple[Link, ...]


def parse(content: bytes, charset: str | None = None, url: str = "") -> Page:
    """Read a page. `charset` is the HTTP header's, if any; `url` the page's address. Never raises on any bytes.

    Bytes that are no text at all (a PDF, an image) give an empty page.
    """
    root = _tree(decode(content[:MAX_BYTES], charset))
    base_url = _base_url(root, url)
    return Page(
        root=root,
        url=url,
        base_url=base_url,
        language=_language(root),
        title=squeeze("".join(root.xpath("string(//title)"))),
        links=tuple(_links(root, base_url)),
    )


def squeeze(text: str) -> str:
    """`text` on one line, its white space (no-break spaces too) shrunk to single spaces."""
    return _SPACE.sub(" ", text).strip()


def is_unseen(element: HtmlElement) -> bool:
    """Whether a reader never sees this element's content: a script, a form field, or hidden in the markup itself."""
    if element.tag in UNSEEN_TAGS or element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


def visible_text(element: HtmlElement) -> str:
    """The text under `element` that a reader sees, on one line."""
    pieces: list[str] = []
    stack: list[HtmlElement | str] = [element]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        if is_unseen(item):
            continue
        for child in reversed(item):
            if child.tail:
                stack.append(child.tail)
            stack.append(child)
        pieces.append(item.text or "")
    return squeeze(" ".join(pieces))


def absolute(base_url: str, href: str) -> str:
    """`href` as an absolute URL, or "" where it is no URL at all."""
    try:
        return urljoin(base_url, href.strip())
    except ValueError:  # urllib rejects some malformed hosts ("http://[x")
        return ""


def _bare(tag: re.Match[str]) -> str:
    """A tag without its attributes where these are very many: libxml2's time grows with their square."""
    return f"<{tag.group(1)}>" if len(tag.group().split()) > MAX_ATTRIBUTES else tag.group()


def _tree(text: str) -> HtmlElement:
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(_LONG_TAG.sub(_bare, text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        root = etree.fromstring("<html><body></body></html>", HTMLParser())
    return root


def _base_url(root: HtmlElement, url: str) -> str:
    base = root.find(".//base[@href]")
    target = absolute(url, base.get("href", "")) if base is not None else ""
    return target if target.startswith(("http://", "https://")) else url


def _language(root: HtmlElement) -> str:
    declared = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    if not declared:
        meta = root.xpath("//meta[translate(@http-equiv,'CONTENTLAG','contentlag')='content-language']/@content")
        declared = meta[0] if meta else ""
    return re.split(r"[-_,;\s]", declared.strip().lower(), maxsplit=1)[0][:3]


def _links(root: HtmlElement, base_url: str) -> Iterator[Link]:
    count = 0
    for anchor in root.iter("a"):
        href = anchor.get("href")
        if not href or href.startswith(("#", "mailto:", "tel:", "javascript:", "data:")):
            continue
        target = absolute(base_url, href)
        if not target.startswith(("http://", "https://")) or not _has_host(target):
            continue
        yield Link(target.partition("#")[0], _link_text(anchor))
        count += 1
        if count == MAX_LINKS:
            return


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _link_text(anchor: HtmlElement) -> str:
    text = visible_text(anchor)
    if text:
        return text[:200]
    image = anchor.find(".//img[@alt]")
    return squeeze((image.get("alt") if image is not None else anchor.get("title")) or "")[:200]
