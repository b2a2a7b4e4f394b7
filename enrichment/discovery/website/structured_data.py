"""People stated in data: JSON-LD, microdata, RDFa with schema.org, h-card/hCard, and the state that scripts work on.

Somebody counts as staff where the data says so: with a job title, or as employee, member or founder of an
organisation. Authors, reviewers, performers and the like are other people.
"""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from enrichment.discovery.website import embedded_state, microformats, profiles
from enrichment.discovery.website.pages import Page, squeeze
from enrichment.discovery.website.stated import Stated, is_others, is_staff, stated
from enrichment.discovery.website.work import NODE, Work

MAX_SCRIPT = 500_000
MAX_NODES = 5_000
MAX_PEOPLE = 500

_LAST_COMMA = re.compile(r",\s*([}\]])")
_LOOSE_ENDS = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$")


def find(page: Page, work: Work | None = None) -> list[Stated]:
    """Everybody whom the page's structured data states as staff, at most MAX_PEOPLE. `work` counts what that costs."""
    found: list[Stated] = []
    work = work or Work()
    for item in (*_of_scripts(page, work), *microformats.find(page.root, work), *embedded_state.people(page)):
        found.append(item)
        if len(found) >= MAX_PEOPLE:
            break
    return found


def texts(page: Page) -> str:
    """Return the JSON-LD of a page as it is written, one script a line."""
    scripts = (script for script in page.root.iter("script") if "ld+json" in (script.get("type") or "").lower())
    return "\n".join(script.text[:MAX_SCRIPT] for script in scripts if script.text)


def _of_scripts(page: Page, work: Work) -> Iterator[Stated]:
    for script in page.root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            if not work.spend(min(len(script.text), MAX_SCRIPT) // 50):
                return
            data = _loaded(script.text)
            if data is not None:
                yield from _people(data, work)


def _loaded(text: str) -> Any:
    """The script's data; None when it is broken, as one script of several often is."""
    bare = _LOOSE_ENDS.sub("", _LOOSE_ENDS.sub("", text[:MAX_SCRIPT]))
    for attempt in (text, bare, _LAST_COMMA.sub(r"\1", bare), unescape(bare)):
        try:
            return json.loads(attempt[:MAX_SCRIPT], strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _people(data: Any, work: Work) -> Iterator[Stated]:
    authors, staff = _ids_under(data, is_others), _ids_under(data, is_staff)
    roles = _roles(data)
    for node, key in _nodes(data):
        if not work.spend(NODE):
            return
        id_ = _text(node.get("@id"))
        if "person" not in _types(node) or is_others(key) or id_ in authors - staff:
            continue
        person = _of_node(node, roles.get(id(node)) or roles.get(id_) or "")
        if person and (person.title or is_staff(key) or id_ in staff or "worksFor" in node) and not _is_gone(node):
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


def _ids_under(data: Any, is_wanted: Callable[[str], bool]) -> set[str]:
    """The `@id`s of what stands under properties of a kind: an article's authors, an organisation's employees."""
    return {_text(node.get("@id")) for node, key in _nodes(data) if is_wanted(key)} - {""}


def _roles(data: Any) -> dict[int | str, str]:
    """What an OrganizationRole around a person calls the role, by the person's `@id` and object."""
    found: dict[int | str, str] = {}
    for node, _key in _nodes(data):
        title = _text(node.get("roleName")) or _text(node.get("namedPosition"))
        inner = [node.get(name) for name in ("member", "employee", "founder")] if title else []
        for person in inner:
            if isinstance(person, dict):
                found[id(person)] = title
                found[_text(person.get("@id"))] = title
    found.pop("", None)
    return found


def _types(node: dict[str, Any]) -> set[str]:
    types = node.get("@type")
    listed = types if isinstance(types, list) else [types]
    return {str(item).rsplit("/", 1)[-1].lower() for item in listed[:20]}


def _of_node(node: dict[str, Any], role: str) -> Stated | None:
    name = _text(node.get("name")) or f"{_text(node.get('givenName'))} {_text(node.get('familyName'))}"
    title = _text(node.get("jobTitle")) or _text(node.get("roleName")) or role
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
