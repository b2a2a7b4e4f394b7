"""People stated in structured data: JSON-LD, microdata, RDFa with schema.org, and h-card/hCard.

Somebody counts as staff where the data says so: with a job title, or as employee, member or founder of an
organisation. Authors, reviewers, performers and the like are other people.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from enrichment.discovery.website import addresses, profiles, role_text
from enrichment.discovery.website.names_on_page import read
from enrichment.discovery.website.pages import Page, squeeze, visible_text
from enrichment.discovery.website.profiles import Profile

MAX_SCRIPT = 500_000
MAX_NODES = 5_000
MAX_PEOPLE = 500
MAX_ELEMENTS = 60_000
MAX_ITEMS = 500  # marked-up items that are looked at
MAX_PARTS = 120  # elements of one item that are looked at

_STAFF_KEYS = frozenset(
    {"employee", "employees", "member", "members", "founder", "founders", "worksfor", "contactpoint"}
)
_OTHERS_KEYS = frozenset(
    {
        "author",
        "creator",
        "contributor",
        "editor",
        "reviewer",
        "review",
        "reviews",
        "actor",
        "actors",
        "performer",
        "performers",
        "director",
    }
    | {
        "musicby",
        "character",
        "about",
        "mentions",
        "customer",
        "spouse",
        "parent",
        "children",
        "knows",
        "sponsor",
        "funder",
        "alumni",
        "publisher",
    }
    | {
        "accountableperson",
        "copyrightholder",
        "translator",
        "illustrator",
        "attendee",
        "attendees",
        "competitor",
        "byartist",
        "organizer",
    }
)
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
_LOOSE_ENDS = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$")


@dataclass(frozen=True, slots=True)
class Stated:
    """A person as structured data states them. `element` holds them on the page, None for a script."""

    name: str
    title: str = ""
    email: str | None = None
    profile: Profile | None = None
    element: HtmlElement | None = None


def find(page: Page) -> list[Stated]:
    """Everybody whom the page's structured data states as staff, at most MAX_PEOPLE."""
    found: list[Stated] = []
    for stated in (*_of_scripts(page), *_of_attributes(page.root), *_of_cards(page.root)):
        found.append(stated)
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
        if "person" not in _types(node) or key in _OTHERS_KEYS or _text(node.get("@id")) in authors:
            continue
        stated = _of_node(node)
        if stated and (stated.title or key in _STAFF_KEYS or "worksFor" in node) and not _is_gone(node):
            yield stated


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
                    stack.append((value, key if key in _OTHERS_KEYS else below))


def _ids_of_others(data: Any) -> set[str]:
    """The `@id`s that articles and reviews refer to as their authors."""
    return {_text(node.get("@id")) for node, key in _nodes(data) if key in _OTHERS_KEYS} - {""}


def _types(node: dict[str, Any]) -> set[str]:
    types = node.get("@type")
    listed = types if isinstance(types, list) else [types]
    return {str(item).rsplit("/", 1)[-1].lower() for item in listed[:20]}


def _of_node(node: dict[str, Any]) -> Stated | None:
    name = _text(node.get("name")) or f"{_text(node.get('givenName'))} {_text(node.get('familyName'))}"
    title = role_text.clean(_text(node.get("jobTitle")) or _text(node.get("roleName")))
    emails = (addresses.clean(_MAILTO.sub("", text)) for text in _texts(node.get("email")))
    links = (profiles.parse(text) for key in ("sameAs", "url", "@id") for text in _texts(node.get(key)))
    return _stated(name, title, next(filter(None, emails), None), next(filter(None, links), None), None)


def _is_gone(node: dict[str, Any]) -> bool:
    return bool(node.get("deathDate")) or bool(node.get("alumniOf") and not node.get("jobTitle"))


def _stated(
    name: str, title: str, email: str | None, profile: Profile | None, element: HtmlElement | None
) -> Stated | None:
    reading = read(squeeze(unescape(name))[:200])
    if not reading:
        return None
    return Stated(reading.text, title[: role_text.MAX_TITLE], email, profile, element)


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [text for item in listed[:20] if (text := _text(item))]


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return squeeze(unescape(value))[:1000] if isinstance(value, str) else ""


def _of_attributes(root: HtmlElement) -> Iterator[Stated]:
    """Microdata (`itemprop`) and RDFa (`property`)."""
    for kind, prop in (("itemtype", "itemprop"), ("typeof", "property")):
        for element in _marked(root, kind):
            type_ = (element.get(kind) or "").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
            if type_.lower() == "person" and not _is_others(element, prop):
                values = _properties(element, prop)
                stated = _of_values(values, element)
                if stated and (stated.title or _key(element, prop) in _STAFF_KEYS or values.get("worksfor")):
                    yield stated


def _marked(root: HtmlElement, attribute: str) -> Iterator[HtmlElement]:
    """The elements that carry an attribute, at most MAX_ITEMS."""
    carrying = (element for element in islice(root.iter("*"), MAX_ELEMENTS) if element.get(attribute))
    return islice(carrying, MAX_ITEMS)


def _of_values(values: dict[str, str], element: HtmlElement) -> Stated | None:
    name = values.get("name") or f"{values.get('givenname', '')} {values.get('familyname', '')}"
    email = addresses.clean(_MAILTO.sub("", values.get("email", "")))
    profile = profiles.parse(values.get("sameas", "") or values.get("url", ""))
    return _stated(name, role_text.clean(values.get("jobtitle", "")), email, profile, element)


def _key(element: HtmlElement, prop: str) -> str:
    return (element.get(prop) or "").rsplit(":", 1)[-1].lower()


def _is_others(element: HtmlElement, prop: str) -> bool:
    return any(_key(ancestor, prop) in _OTHERS_KEYS for ancestor in (element, *element.iterancestors()))


def _properties(element: HtmlElement, prop: str) -> dict[str, str]:
    """The first value of each property of an item: its content, the target of a link, or the text."""
    values: dict[str, str] = {}
    for part in islice(element.iterdescendants("*"), MAX_PARTS):
        key = _key(part, prop)
        if key and key not in values:
            target = part.get("href") if key in {"email", "sameas", "url"} else None
            values[key] = (part.get("content") or target or _text_of(part))[:1000]
    return values


def _text_of(element: HtmlElement) -> str:
    """The visible text of a property; nothing where an element holds more than a property would."""
    return visible_text(element) if sum(1 for _part in islice(element.iter(), MAX_PARTS)) < MAX_PARTS else ""


def _of_cards(root: HtmlElement) -> Iterator[Stated]:
    """h-card and its forerunner hCard: https://microformats.org/wiki/h-card."""
    cards = (element for element in islice(root.iter("*"), MAX_ELEMENTS) if _classes(element) & {"h-card", "vcard"})
    for element in islice(cards, MAX_ITEMS):
        if _classes(element) & {"author", "byline"} or _in_entry(element):
            continue
        parts = {name: part for part in reversed([element, *_parts(element)]) for name in _classes(part)}
        name = _value(parts, "p-name", "fn")
        email = _MAILTO.sub("", _value(parts, "u-email", "email", link=True)).partition("?")[0]
        title = role_text.clean(_value(parts, "p-job-title", "title", "p-role", "role"))
        profile = profiles.parse(_value(parts, "u-url", "url", link=True))
        stated = _stated(name, title, addresses.clean(email), profile, element)
        if stated and stated.title and name != _value(parts, "p-org", "org"):
            yield stated


def _classes(element: HtmlElement) -> set[str]:
    names = element.get("class")
    return set(names.split()) if names else set()


def _parts(card: HtmlElement) -> Iterator[HtmlElement]:
    return islice(card.iterdescendants("*"), MAX_PARTS)


def _in_entry(element: HtmlElement) -> bool:
    entries = {"h-entry", "hentry", "hreview", "h-review", "comment"}
    return any(_classes(ancestor) & entries for ancestor in element.iterancestors() if ancestor.tag != "body")


def _value(parts: dict[str, HtmlElement], *names: str, link: bool = False) -> str:
    for name in names:
        part = parts.get(name)
        if part is not None:
            return ((part.get("href") if link else None) or _text_of(part))[:1000]
    return ""
