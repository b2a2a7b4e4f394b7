"""RSS 2.0, RDF and Atom feeds: their items, from whatever bytes a site sends. Entities and DTDs are not read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree, html

MAX_ITEMS = 100
MAX_TEXT = 4_000
_ENTRIES = frozenset({"item", "entry"})
_TEXTS = frozenset({"description", "summary", "encoded", "content"})
_DATES = frozenset({"pubdate", "published", "updated", "date"})
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `title` and `text` without markup, "" where there is none; `url` as the feed has it."""

    title: str
    text: str
    url: str
    dated: datetime | None


def items(content: bytes) -> list[Item]:
    """Return a feed's items, at most MAX_ITEMS; none for anything that is no feed."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return []
    if root is None:
        return []
    found = []
    for element in root.iter():
        if _local(element) in _ENTRIES:
            found.append(_item(element))
            if len(found) == MAX_ITEMS:
                break
    return found


def _item(element: etree._Element) -> Item:
    title = url = text = ""
    dated: datetime | None = None
    for child in element:
        name, value = _local(child), "".join(map(str, child.itertext()))[: 2 * MAX_TEXT].strip()
        if name == "title" and not title:
            title = _plain(value)
        elif name in _TEXTS and len(value) > len(text):
            text = value
        elif name == "link" and not url:
            url = (child.get("href") or value)[:500]
        elif name in _DATES and dated is None:
            dated = _moment(value)
    return Item(title, _plain(text), url, dated)


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _plain(text: str) -> str:
    """Return the text of what may be HTML, a line for each block."""
    if "<" not in text and "&" not in text:
        return text[:MAX_TEXT]
    try:
        parts: Iterator[str] = html.fragment_fromstring(text, create_parent="div").itertext()
        return "\n".join(part.strip() for part in parts if part.strip())[:MAX_TEXT]
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        day = _DAY.match(text)
        try:
            return datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC) if day else None
        except ValueError:
            return None
