"""What is held of a person as a page that they can read: every item, with its name in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from enrichment.privacy.words import ENGLISH, WORDS

TITLES = {
    "enrichment": "What we found",
    "crm": "Whom we keep in our address book",
    "outreach": "What was written, and what came back",
    "core": "Accounts, and who did what with your data",
    "information": "Who we are, why we do it, and your rights",
}


@dataclass(frozen=True, slots=True)
class Node:
    """An item: a label with either a text or what belongs to it."""

    label: str
    text: str = ""
    nodes: Sequence["Node"] = field(default_factory=list)


def sections(data: Mapping[str, Any]) -> list[Node]:
    """Return the parts of what subject_rights.access returned, without what is empty."""
    parts = [Node(title, nodes=_nodes(data.get(name))) for name, title in TITLES.items()]
    return [part for part in parts if part.nodes]


def html(data: Mapping[str, Any]) -> str:
    """Return a whole HTML document that needs nothing beside it."""
    style = (settings.BASE_DIR / "core/static/core/public.css").read_text(encoding="utf-8")
    context = {"language": ENGLISH, "words": WORDS[ENGLISH], "style": style, **context_of(data)}
    return render_to_string("privacy/data.html", context)


def context_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template needs to know of the data."""
    return {"data": data, "sections": sections(data)}


def _nodes(value: Any) -> list[Node]:
    if isinstance(value, Mapping):
        items = [(_words(str(name)), item) for name, item in value.items()]
    elif isinstance(value, list):
        texts = not any(isinstance(item, Mapping | list) for item in value)
        items = [("" if texts else f"{number}.", item) for number, item in enumerate(value, 1)]
    else:
        return []
    return [_node(label, item) for label, item in items if item not in (None, "", [], {})]


def _node(label: str, value: Any) -> Node:
    if isinstance(value, Mapping | list):
        return Node(label, nodes=_nodes(value))
    return Node(label, {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value))


def _words(name: str) -> str:
    """Return `seenAt` as “Seen at”."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("_", " ")).lower()
    return text[:1].upper() + text[1:]
