"""News feeds: RSS 2.0, RSS 1.0 (RDF), Atom, and news sitemaps, well-formed or not. What comes is a stranger's.

Entities, document types and the network are off. Whatever the bytes, reading them raises nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from html.entities import name2codepoint
from typing import Any

from lxml import etree

from enrichment.discovery.website import pages

MAX_BYTES = 2_000_000
MAX_ITEMS = 200
MAX_TITLE = 300
MAX_LEAD = 20_000  # characters of markup
MAX_LINK = 500

_ITEMS = frozenset({"item", "entry", "url"})
_DATES = ("pubDate", "published", "date", "updated", "publication_date", "lastmod")
_LEADS = ("description", "summary", "encoded", "content")
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_TAG = re.compile(r"<[a-zA-Z/!]")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news. `lead`: its text without markup; `link` as written; `published`: aware, None if not stated."""

    title: str
    lead: str
    link: str
    published: datetime | None


def read(content: bytes) -> list[Item] | None:
    """Return the items of a feed, in its order, at most MAX_ITEMS; None for what is no feed."""
    root = _root(content[:MAX_BYTES])
    if root is None or _local(root).lower() not in {"rss", "rdf", "feed", "urlset"}:
        return None
    items: list[Item] = []
    for element in root.iter():
        if _local(element) in _ITEMS:
            items.append(_item(element))
        if len(items) >= MAX_ITEMS:
            break
    return [item for item in items if item.title]


def _root(content: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_NAMED.sub(_numbered, content.strip()), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    dtd: Any = None if root is None else root.getroottree().docinfo.internalDTD
    # RSS 0.91 names a document type; one that defines entities is a bomb.
    return None if dtd is not None and any(True for _ in dtd.iterentities()) else root


def _numbered(entity: re.Match[bytes]) -> bytes:
    """Write HTML's named characters, which XML does not know, as numbers."""
    name = entity[1].decode("ascii")
    code = None if name in _XML_NAMES else name2codepoint.get(name)
    return entity[0] if code is None else b"&#%d;" % code


def _item(element: Any) -> Item:
    values = dict(_values(element))
    dates = (_date(values[name]) for name in _DATES if name in values)
    lead = next((values[name] for name in _LEADS if values.get(name)), "")
    return Item(
        title=_plain(values.get("title", "")[: MAX_TITLE * 4])[:MAX_TITLE],
        lead=_plain(lead[:MAX_LEAD]),
        link=values.get("link", values.get("loc", ""))[:MAX_LINK],
        published=next((date for date in dates if date is not None), None),
    )


def _values(element: Any) -> Iterator[tuple[str, str]]:
    """Yield what the item's own elements and those of its `news:news` say, by local name, the last first."""
    children = [child for child in list(element)[:200] if isinstance(child.tag, str)]
    children += [inner for child in children if _local(child) == "news" for inner in list(child)[:50]]
    for child in reversed(children):
        name = _local(child)
        text = "".join(child.itertext()).strip()
        if name == "link" and not text:
            text = child.get("href", "") if child.get("rel", "alternate") == "alternate" else ""
        # Media extensions have titles and descriptions of pictures.
        if text and not _namespace(child).startswith("http://search.yahoo.com/mrss"):
            yield name, text


def _plain(text: str) -> str:
    """A text that may be markup, as a reader sees it."""
    if _TAG.search(text):
        text = re.sub(r"</(?:p|div|li|h\d)>|<br\s*/?>", "\n", text, flags=re.IGNORECASE)
        lines = (
            pages.visible_text(pages.parse(line.encode("utf-8", "replace"), "utf-8").root)
            for line in text.split("\n")[:40]
        )
        return "\n".join(filter(None, lines))
    return pages.squeeze(unescape(text))


def _date(text: str) -> datetime | None:
    """Read an RFC 5322 or ISO 8601 date; one without a zone is UTC."""
    for reader in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = reader(text[:60])
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _namespace(element: Any) -> str:
    return etree.QName(element).namespace or ""
