"""People in the data that pages built by scripts bring along: Next.js, Nuxt, Apollo, Wix, Inertia and their like.

The data is JSON in a script of a JSON type, in an attribute, or assigned to a variable in a script; what is not
plain JSON is left alone, and nothing is run. Which objects are people is state_people.py's question.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from enrichment.discovery.website import page_kinds, state_people
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.stated import Stated

MAX_BYTES = 3_000_000  # characters of JSON read of one page, failed attempts among them
MAX_SCRIPTS = 200
MAX_PARTS = 30  # attributes, and assignments in scripts
MAX_TABLE = 100_000

_ASSIGNMENT = re.compile(
    r"(?:(?:window|self|globalThis|Static)\s?(?:\.\s?[\w$]{1,60}|\[\s?[\"'][\w$.-]{1,60}[\"']\s?\])"
    r"|(?:var|let|const)\s[\w$]{1,60})\s?=\s?(?=[{\[])"
)
_ATTRIBUTES = "//@data-page | //@data-props | //@data-react-props | //@data-initial-state"
_NOT_DATA = ("ld+json", "importmap", "speculationrules")
# How Nuxt 3 says that a value is a reactive one (github.com/nuxt/devalue): the place of the value follows.
_REACTIVE = frozenset({"Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "EmptyShallowRef"})
_MAX_HOPS = 5


def people(page: Page) -> list[Stated]:
    """Everybody whom the page's data shows as staff, at most state_people.MAX_PEOPLE. Never raises."""
    is_team_page = page_kinds.is_team_page(page)
    found: dict[str, Stated] = {}
    for data in _values(page):
        for person in state_people.find(data, is_team_page=is_team_page):
            found.setdefault(person.name, person)
    return list(found.values())[: state_people.MAX_PEOPLE]


def _values(page: Page) -> Iterator[Any]:
    """Yield the data, as long as there is no more than MAX_BYTES of it."""
    left = MAX_BYTES
    for text, start, is_table in _texts(page):
        left -= len(text) - start
        if left < 0:
            return
        try:
            data, _end = json.JSONDecoder(strict=False).raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        yield _unfolded(data) if is_table else data


def _texts(page: Page) -> Iterator[tuple[str, int, bool]]:
    """Yield the texts that hold JSON with the place where it begins, and whether it is a table of Nuxt 3."""
    for script in islice(page.root.iter("script"), MAX_SCRIPTS):
        text, kind = script.text or "", (script.get("type") or "").lower()
        if "json" in kind and not any(other in kind for other in _NOT_DATA):
            yield text, len(text) - len(text.lstrip()), script.get("id") == "__NUXT_DATA__"
        elif text and (not kind or "javascript" in kind or kind == "module"):
            for match in islice(_ASSIGNMENT.finditer(text), MAX_PARTS):
                yield text, match.end(), False
    for value in page.root.xpath(_ATTRIBUTES)[:MAX_PARTS]:
        if value.startswith(("{", "[")):
            yield str(value), 0, False


def _unfolded(table: Any) -> Any:
    """Return the data of a table in which each value is the place of another; None where it is no such table.

    What stands in several places, be it inside itself, is one object.
    """
    if not isinstance(table, list) or len(table) > MAX_TABLE:
        return None
    whole: list[Any] = [type(item)() if isinstance(item, (dict, list)) else item for item in table]

    def at(place: Any) -> Any:
        for _hop in range(_MAX_HOPS):
            if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(table):
                return None
            item = table[place]
            if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and item[0] in _REACTIVE):
                return whole[place]
            place = item[1]
        return None

    for item, full in zip(table, whole, strict=True):
        if isinstance(item, dict):
            full.update((name, at(place)) for name, place in item.items())
        elif isinstance(item, list):
            full.extend(map(at, item))
    return at(0)
