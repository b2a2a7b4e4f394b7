"""People in the attributes of a page: microdata, RDFa with schema.org, and h-card or its forerunner hCard."""

from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from enrichment.discovery.website import profiles
from enrichment.discovery.website.pages import visible_text
from enrichment.discovery.website.stated import Stated, is_others, is_staff, stated
from enrichment.discovery.website.work import ITEM, Work

MAX_CLASS = 1_000  # characters
MAX_ITEMS = 500  # marked-up items that are looked at
MAX_PARTS = 120  # elements of one item that are looked at

_CARDS = frozenset({"h-card", "vcard"})
_MAY_BE_CARD = "//*[contains(@class, 'vcard') or contains(@class, 'h-card')]"
_ENTRIES = frozenset({"h-entry", "hentry", "hreview", "h-review", "comment"})


def find(root: HtmlElement, work: Work) -> Iterator[Stated]:
    """Everybody whom the attributes under `root` state as staff."""
    yield from _of_attributes(root, work)
    yield from _of_cards(root, work)


def _of_attributes(root: HtmlElement, work: Work) -> Iterator[Stated]:
    """Microdata (`itemprop`) and RDFa (`property`)."""
    for kind, prop in (("itemtype", "itemprop"), ("typeof", "property")):
        for element in root.xpath(f"//*[@{kind}]")[:MAX_ITEMS]:
            if not work.spend(ITEM):
                return
            type_ = (element.get(kind) or "").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
            if type_.lower() == "person" and not _is_others(element, prop):
                values = _properties(element, prop)
                found = _of_values(values, element)
                if found and (found.title or is_staff(_key(element, prop)) or values.get("worksfor")):
                    yield found


def _of_values(values: dict[str, str], element: HtmlElement) -> Stated | None:
    name = values.get("name") or f"{values.get('givenname', '')} {values.get('familyname', '')}"
    profile = profiles.parse(values.get("sameas", "") or values.get("url", ""))
    return stated(name, values.get("jobtitle", ""), values.get("email", ""), profile, element)


def _key(element: HtmlElement, prop: str) -> str:
    return (element.get(prop) or "").rsplit(":", 1)[-1].lower()


def _is_others(element: HtmlElement, prop: str) -> bool:
    return any(is_others(_key(ancestor, prop)) for ancestor in (element, *element.iterancestors()))


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


def _of_cards(root: HtmlElement, work: Work) -> Iterator[Stated]:
    """h-card and its forerunner hCard: https://microformats.org/wiki/h-card."""
    for element in [element for element in root.xpath(_MAY_BE_CARD) if _classes(element) & _CARDS][:MAX_ITEMS]:
        if not work.spend(ITEM):
            return
        if _classes(element) & {"author", "byline"} or _in_entry(element):
            continue
        parts = {name: part for part in reversed([element, *_parts(element)]) for name in _classes(part)}
        name, email = _value(parts, "p-name", "fn"), _value(parts, "u-email", "email", link=True)
        title = _value(parts, "p-job-title", "title", "p-role", "role")
        profile = profiles.parse(_value(parts, "u-url", "url", link=True))
        found = stated(name, title, email, profile, element)
        if found and found.title and name != _value(parts, "p-org", "org"):
            yield found


def _classes(element: HtmlElement) -> set[str]:
    names = (element.get("class") or "")[:MAX_CLASS]
    return set(names.split()) if names else set()


def _parts(card: HtmlElement) -> Iterator[HtmlElement]:
    return islice(card.iterdescendants("*"), MAX_PARTS)


def _in_entry(element: HtmlElement) -> bool:
    return any(_classes(ancestor) & _ENTRIES for ancestor in element.iterancestors() if ancestor.tag != "body")


def _value(parts: dict[str, HtmlElement], *names: str, link: bool = False) -> str:
    for name in names:
        part = parts.get(name)
        if part is not None:
            return ((part.get("href") if link else None) or _text_of(part))[:1000]
    return ""
