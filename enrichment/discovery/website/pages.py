"""A page as bytes -> a tree to read. Whatever the bytes, reading them raises nothing.

Encodings follow the HTML standard's order (byte order mark, HTTP header, `<meta>`), except that bytes which
are valid UTF-8 are read as UTF-8 whatever the page declares: declarations are wrong more often than that test.
https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4.dammit import EncodingDetector
from lxml import etree
from lxml.html import HtmlElement, HTMLParser

MAX_BYTES = 4_000_000
MAX_LINKS = 2_000
MAX_ATTRIBUTES = 300
GUESS_BYTES = 20_000  # charset-normalizer's time grows with its input; a few kilobytes decide as well

_BINARY_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x7fELF",
    b"Rar!",
    b"RIFF",
)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LONG_TAG = re.compile(r"<([a-zA-Z]+)[^<>]{4000,}>?")
_SPACE = re.compile(r"\s+")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_UNSEEN_TAGS = frozenset(
    {"script", "style", "template", "noscript", "head", "title", "meta", "link", "svg", "math", "iframe", "object"}
    | {"embed", "canvas", "audio", "video", "select", "option", "datalist", "textarea", "button", "map"}
)
# Labels under which pages really send a superset (WHATWG Encoding Standard).
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_SEVEN_BIT = ("iso2022_jp", "hz")
_NO_PAGE_IS_IN = re.compile(r"escape|idna|punycode|utf-7")  # Python codecs that browsers do not have, for good reason


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
    root = _tree(_decode(content[:MAX_BYTES], charset))
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
    if element.tag in _UNSEEN_TAGS or element.get("hidden") is not None:
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


def _decode(content: bytes, charset: str | None) -> str:
    if content.startswith(_BINARY_MAGIC):
        return ""
    for bom, codec in _BYTE_ORDER_MARKS:
        if content.startswith(bom):
            return _clean(content[len(bom) :].decode(codec, "replace"))
    return _clean(_decode_without_mark(content, charset))


def _decode_without_mark(content: bytes, charset: str | None) -> str:
    declared = [codec for codec in (_codec(charset), _codec(_declared_in_markup(content))) if codec]
    if len(content) > 1 and content[:400].count(0) * 3 > len(content[:400]):
        declared.insert(0, "utf-16-be" if content[0] == 0 else "utf-16-le")
    elif not any(codec in _SEVEN_BIT for codec in declared):
        declared.insert(0, "utf-8")
    for codec in declared:
        try:
            return content.decode(codec)
        except UnicodeError:
            continue
    as_utf8 = content.decode("utf-8", "replace")
    if as_utf8.count("\ufffd") * 20 < sum(byte > 127 for byte in content):
        return as_utf8  # a few broken bytes in a UTF-8 page
    return content.decode(_guess(content) or (declared[-1] if declared else "cp1252"), "replace")


def _codec(label: str | None) -> str | None:
    """The Python codec for an encoding label of the web, None when there is none for text."""
    name = (label or "").strip().strip("\"'")
    try:
        b"".decode(name)  # unlike codecs.lookup, refuses codecs that yield no text (base64, zip …)
        name = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if _NO_PAGE_IS_IN.search(name) else _SUPERSETS.get(name, name)


def _declared_in_markup(content: bytes) -> str | None:
    return EncodingDetector.find_declared_encoding(content[:4096], is_html=True, search_entire_document=True)


def _guess(content: bytes) -> str | None:
    """The likeliest encoding by charset-normalizer (through Beautiful Soup), looking where the non-ASCII bytes are."""
    first = next((index for index, byte in enumerate(content) if byte > 127), 0)
    sample = content[max(0, first - 200) :][:GUESS_BYTES]
    codecs_in_order = (_codec(label) for label in EncodingDetector(sample).encodings)
    return next((codec for codec in codecs_in_order if codec not in (None, "utf-8")), None)


def _clean(text: str) -> str:
    """Without NUL and other control characters; "" when there are so many that this is no text."""
    clean, found = _CONTROL.subn("", text)
    return "" if found * 20 > len(text) else clean


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
        yield Link(urldefrag(target).url, _link_text(anchor))
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
