"""People stated in structured data: JSON-LD, microdata, RDFa with schema.org, and h-card/hCard.

Somebody counts as staff where the data says so: with a job title, or as employee, member or founder of an
organisation. Authors, reviewers, performers and the like are other people.
"""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from enrichment.discovery.website import microformats, profiles
from enrichment.discovery.website.pages import Page, squeeze
from enrichment.discovery.website.stated import Stated, is_others, is_staff, stated

MAX_SCRIPT = 500_000
MAX_NODES = 5_000
MAX_PEOPLE = 500

_LOOSE_ENDS = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$")


def find(page: Page) -> list[Stated]:
    """Everybody whom the page's structured data states as staff, at most MAX_PEOPLE."""
    found: list[Stated] = []
    for item in (*_of_scripts(page), *microformats.find(page.root)):
        found.append(item)
        if len(found) >= MAX_PEOPLE:
            break
    return found


def _of_scripts(page: Page) -> Iterator[Stated]:
    for script in page.root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            data = _loaded(script.text)
            if data is not None:
                yield from _people(data)


def _loaded(text: str) -> Any:
    """The script's data; None when it is broken, as one script of several often is."""
    for attempt in (text, _LOOSE_ENDS.sub("", _LOOSE_ENDS.sub("", text))):
        try:
            return json.loads(attempt[:MAX_SCRIPT], strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _people(data: Any) -> Iterator[Stated]:
    authors = _ids_of_others(data)
    for node, key in _nodes(data):
        if "person" not in _types(node) or is_others(key) or _text(node.get("@id")) in authors:
            continue
        person = _of_node(node)
        if person and (person.title or is_staff(key) or "worksFor" in node) and not _is_gone(node):
            yield person


def _nodes(data: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every object in the data with the key under which it stands, outermost first, without recursion."""
    stack: list[tuple[Any, str]] = [(data, "")]
    for _step in range(MAX_NODES):
        if not stack:
            return
        item, key = stack.pop()
        if isinstance(item, list):
            stack.extend((part, key) for part in reversed(item))
        elif isinstance(item, dict):
            yield item, key
            for name, value in reversed(item.items()):
                below = name.lower() if name != "@graph" else ""
                if isinstance(value, (dict, list)):
                    stack.append((value, key if is_others(key) else below))


def _ids_of_others(data: Any) -> set[str]:
    """The `@id`s that articles and reviews refer to as their authors."""
    return {_text(node.get("@id")) for node, key in _nodes(data) if is_others(key)} - {""}


def _types(node: dict[str, Any]) -> set[str]:
    types = node.get("@type")
    listed = types if isinstance(types, list) else [types]
    return {str(item).rsplit("/", 1)[-1].lower() for item in listed[:20]}


def _of_node(node: dict[str, Any]) -> Stated | None:
    name = _text(node.get("name")) or f"{_text(node.get('givenName'))} {_text(node.get('familyName'))}"
    title = _text(node.get("jobTitle")) or _text(node.get("roleName"))
    email = next(iter(_texts(node.get("email"))), "")
    links = (profiles.parse(text) for key in ("sameAs", "url", "@id") for text in _texts(node.get(key)))
    return stated(name, title, email, next(filter(None, links), None))


def _is_gone(node: dict[str, Any]) -> bool:
    return bool(node.get("deathDate")) or bool(node.get("alumniOf") and not node.get("jobTitle"))


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [text for item in listed[:20] if (text := _text(item))]


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return squeeze(unescape(value))[:1000] if isinstance(value, str) else ""
