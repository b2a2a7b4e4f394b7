"""Every address that changes something leaves an entry in the audit trail: none is without a line in the table."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import get_resolver

from core.audit.in_admin import Audited
from tests.project.audit_table import ADMIN, API, EXCEPTIONS, FALLBACK, PAGES, WEBHOOKS

TABLE = PAGES | API | ADMIN
WRITING = {"post", "put", "patch", "delete"}
OF_EVERY_MODEL = re.compile(r"admin:(?!auth_user_password)\w+_(changelist|add|history|delete|change)$|admin:$")
PACKAGES = ("core", "crm", "outreach", "enrichment", "enrichment_project")
NAME = re.compile(r"[a-z_*]+\.[a-z_*]+")


def routes(resolver: Any, path: str = "", namespace: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the name of every address, or its path where it has none, with its view."""
    for entry in resolver.url_patterns:
        below = path + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from routes(entry, below, namespace + (f"{entry.namespace}:" if entry.namespace else ""))
        else:
            yield (f"{namespace}{entry.name}" if entry.name else namespace or below), entry.callback


def writes(view: Any) -> bool:
    """Whether a view takes a method that changes something. One that does not say takes all."""
    if hasattr(view, "actions"):  # of a set of views in the API
        return bool(WRITING & set(view.actions))
    if hasattr(view, "methods"):  # core.pages.allowed
        return "POST" in view.methods
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return kind is None or any(hasattr(kind, method) for method in WRITING)


def test_every_address_that_changes_something_is_in_the_table_and_no_other() -> None:
    found = {name for name, view in routes(get_resolver()) if writes(view)}
    found = {name for name in found if not (OF_EVERY_MODEL.match(name) or name.startswith(WEBHOOKS[0]))}
    assert found - set(TABLE) - set(EXCEPTIONS) == set(), "say in audit_table.py what these leave in the trail"
    assert set(TABLE) - found == set(), "there is no such address any more"
    assert set(EXCEPTIONS) & set(TABLE) == set()


def test_whatever_is_registered_in_the_admin_is_audited() -> None:
    assert [model for model, own in admin.site._registry.items() if not isinstance(own, Audited)] == []


@cache
def written() -> list[re.Pattern[str]]:
    """Return the names of actions in our code, wherever they stand; a part that a variable has may be any word."""
    names = set()
    for package in PACKAGES:
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py"):
            text = path.read_text()
            if "audit" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    names.add(node.value)
                elif isinstance(node, ast.JoinedStr):
                    names.add("".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values))
    return [re.compile(re.escape(name).replace(r"\*", "[a-z_]+")) for name in names if NAME.fullmatch(name)]


@pytest.mark.parametrize("where", [PAGES, API, ADMIN], ids=["pages", "api", "admin"])
def test_the_actions_of_the_table_are_recorded_somewhere(where: dict[str, str]) -> None:
    actions = {action for line in where.values() for action in line.split()} | {WEBHOOKS[1], FALLBACK}
    missing = {action for action in actions if not any(pattern.fullmatch(action) for pattern in written())}
    assert missing == set()
