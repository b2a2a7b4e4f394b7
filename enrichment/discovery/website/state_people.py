"""Which objects in a page's data are the organisation's own people.

An object with a name and a job title, in one of many languages' keys, whose way from the root (keys, types and
headings) leads through something about staff and nothing about writers, customers, guests or accounts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Any, NamedTuple

from enrichment.discovery.website import names_on_page, profiles, role_text
from enrichment.discovery.website.pages import squeeze
from enrichment.discovery.website.section_words import about_others, about_staff, is_former
from enrichment.discovery.website.stated import Stated, stated
from enrichment.discovery.website.vocabulary import fold, words

MAX_NODES = 30_000
MAX_DEPTH = 60
MAX_PEOPLE = 500
MAX_CANDIDATES = 2_000
MAX_TEXT = 300
MAX_VALUES = 60  # texts within one object that are looked at
MAX_LEVELS = 3  # how deep within it

_TYPE_KEYS = (
    "__typename",
    "_type",
    "type",
    "component",
    "blockType",
    "slice_type",
    "acf_fc_layout",
    "layout",
    "_model",
)
_HEADING_KEYS = ("heading", "headline", "title", "header", "label")
_WRAPPERS = ("fields", "attributes", "node", "acf", "meta", "data", "content", "properties")
_TEXT_KEYS = ("rendered", "value", "text", "raw", "name", "title", "label", "html")
_LOOSE_TITLES = frozenset({"title", "titles", "subtitle", "subheading", "tagline", "titel", "titre", "tittel", "tytul"})
_SAID_BY_OTHERS = frozenset({"quote", "testimonial", "rating", "stars", "review", "company", "companyname", "client"})
_TAG = re.compile(r"<[^<>]{0,300}>")
_SEPARATORS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SLUG = re.compile(r"[a-z0-9_-]+")
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2})?")


class _Way(NamedTuple):
    """What the way to an object says: it is about staff, it is about other people."""

    staff: bool = False
    others: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An object with a name. `key`: under which it stands, as `Person:12` in Apollo's cache."""

    node: dict[str, Any]
    key: str
    way: _Way


def find(data: Any, *, is_team_page: bool = False) -> Iterator[Stated]:
    """Yield the people in JSON `data` who are shown as staff. `is_team_page`: the page's title or address says so.

    Looks at MAX_NODES objects and lists at most; `data` may contain itself.
    """
    candidates, references = _walk(data)
    for candidate in candidates:
        to_staff, to_others = (way in references.get(candidate.key, ()) for way in (_Way(True), _Way(False, True)))
        is_staff = candidate.way.staff or to_staff
        if not (candidate.way.others or (to_others and not to_staff)):
            person = _person(candidate.node, is_staff=is_staff, is_team_page=is_team_page)
            if person is not None:
                yield person


def _walk(data: Any) -> tuple[list[_Candidate], dict[str, set[_Way]]]:
    """Return the objects with names, and by what ways other objects refer to them (Apollo's `__ref`)."""
    candidates: list[_Candidate] = []
    references: dict[str, set[_Way]] = {}
    seen: set[tuple[int, _Way]] = set()
    stack: list[tuple[Any, str, _Way, int]] = [(data, "", _Way(), 0)]
    for _step in range(MAX_NODES):
        if not stack or len(candidates) >= MAX_CANDIDATES:
            break
        item, key, way, depth = stack.pop()
        if (id(item), way) in seen or depth > MAX_DEPTH:
            continue
        seen.add((id(item), way))
        if isinstance(item, list):
            stack.extend((part, key, way, depth + 1) for part in reversed(item) if isinstance(part, (dict, list)))
            continue
        if not isinstance(item, dict):
            continue
        way = _joined(way, *(_words(item[name]) for name in _TYPE_KEYS if isinstance(item.get(name), str)))
        if isinstance(item.get("__ref"), str):
            references.setdefault(item["__ref"], set()).add(way)
        if _has_name(item):
            candidates.append(_Candidate(item, key, way))
        below = _under_headings(way, item)
        for name, value in reversed(item.items()):
            if isinstance(value, (dict, list)):
                stack.append((value, name, _joined(below, _words(name)), depth + 1))
    return candidates, references


def _joined(way: _Way, *labels: frozenset[str]) -> _Way:
    staff, others = words("state_staff"), words("state_others")
    return _Way(
        way.staff or any(not label.isdisjoint(staff) for label in labels),
        way.others or any(not label.isdisjoint(others) for label in labels),
    )


def _words(key: str) -> frozenset[str]:
    """The words of a key or type: "ourTeamMembers" -> our, team, members; and all of them as one."""
    parts = _SEPARATORS.split(fold(_CAMEL.sub(" ", key[:80])))
    return frozenset([*parts, "".join(parts)])


def _under_headings(way: _Way, node: dict[str, Any]) -> _Way:
    headings = [text for name in _HEADING_KEYS if (text := _text(node.get(name)))]
    return _Way(way.staff or any(map(about_staff, headings)), way.others or any(map(about_others, headings)))


def _plain(key: str) -> str:
    return _SEPARATORS.sub("", fold(key[:60]))


def _has_name(node: dict[str, Any]) -> bool:
    keys = {_plain(key) for key in islice(node, MAX_VALUES)}
    return "title" in keys or not keys.isdisjoint(words("state_names") | words("state_family"))


def _person(node: dict[str, Any], *, is_staff: bool, is_team_page: bool) -> Stated | None:
    fields = _fields(node)
    if not is_staff and (not is_team_page or not _SAID_BY_OTHERS.isdisjoint(fields)):
        return None
    name, used = _name(fields, is_staff)
    if not name:
        return None
    title = _title(fields, used, is_staff)
    inside = list(islice(_inside(node), MAX_VALUES))
    email = next((text for key, text in inside if "mail" in key.lower() and "@" in text), "")
    linked = (profiles.parse(text) for _key, text in inside if "linkedin.com/" in text.lower())
    profile = next(filter(None, linked), None)
    if is_former(title) or not (title or (is_staff and (email or profile))):
        return None
    return stated(name, title, email, profile)


def _fields(node: dict[str, Any]) -> dict[str, str]:
    """The texts of an object and of what a CMS wraps its fields in, by plain key."""
    parts = [node, *(node[wrapper] for wrapper in _WRAPPERS if isinstance(node.get(wrapper), dict))]
    fields: dict[str, str] = {}
    for part in parts:
        for key, value in islice(part.items(), MAX_VALUES):
            if text := _text(value):
                fields.setdefault(_plain(key), text)
    return fields


def _name(fields: dict[str, str], is_staff: bool) -> tuple[str, str]:
    """The name in these fields and the key that it stands under, if it is one; ("", "") otherwise."""
    family = next((fields[key] for key in fields if key in words("state_family")), "")
    # "nom" is a family name beside "prenom", and a whole name otherwise.
    given_key = next((key for key in fields if key in words("state_given")), "")
    given = fields.get(given_key) or fields.get("nombre") or fields.get("nome") or ""
    family = family or (fields.get("nom", "") if given_key == "prenom" else "")
    possible = [(f"{given} {family}", given_key)] if given and family else []
    possible += [(text, key) for key, text in fields.items() if key in words("state_names")]
    possible += [(fields["title"], "title")] if "title" in fields else []
    least = names_on_page.BY_SHAPE if is_staff else names_on_page.KNOWN
    for text, key in possible:
        reading = names_on_page.read(text)
        if reading is not None and not reading.single and reading.likelihood >= least:
            return text, key
    return "", ""


def _title(fields: dict[str, str], used: str, is_staff: bool) -> str:
    """The job title in these fields, "" for none. A key that may mean anything must hold what reads like a title."""
    possible = [(key, text) for key, text in fields.items() if key in words("state_roles") and key != used]
    for key, text in sorted(possible, key=lambda item: item[0] in _LOOSE_TITLES):
        title = role_text.clean(text)
        strength = role_text.strength(title)
        is_stated = is_staff and key not in _LOOSE_TITLES and not _SLUG.fullmatch(title)
        if (
            strength == role_text.ROLE
            or (is_staff and strength)
            or (is_stated and 0 < len(title) <= role_text.MAX_TITLE)
        ):
            return title
    return ""


def _inside(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (key, text) of what stands in an object, MAX_LEVELS deep."""
    stack: list[tuple[str, Any, int]] = [("", node, 0)]
    for _step in range(MAX_VALUES * 2):
        if not stack:
            return
        key, value, level = stack.pop()
        if isinstance(value, str):
            yield key, value[:MAX_TEXT]
        elif level < MAX_LEVELS and isinstance(value, dict):
            stack.extend((name, part, level + 1) for name, part in islice(value.items(), MAX_VALUES))
        elif level < MAX_LEVELS and isinstance(value, list):
            stack.extend((key, part, level + 1) for part in value[:MAX_VALUES])


def _text(value: Any, level: int = 0) -> str:
    """The text of a value: plain, HTML, one of several languages, a CMS's wrapping of it; "" for anything else."""
    if isinstance(value, str):
        return squeeze(unescape(_TAG.sub(" ", unescape(value[: MAX_TEXT * 4]))))[:MAX_TEXT]
    if level > 1 or not value:
        return ""
    if isinstance(value, list):
        return _text(value[0], level + 1)
    if isinstance(value, dict) and len(value) <= MAX_VALUES:
        known = next((value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str)), None)
        languages = [value[key] for key in value if _LOCALE.fullmatch(key)]
        first = known if known is not None else languages[0] if len(languages) == len(value) else None
        return _text(first, level + 1)
    return ""
