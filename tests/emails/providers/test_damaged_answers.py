"""Any part of any answer may be missing, null or of another type: what comes of it is a result or a SourceError."""

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from enrichment.discovery.base import SourceError
from enrichment.emails.checks import Check, Result
from enrichment.emails.providers.base import DomainFindings, Found, Provider, Quota
from enrichment.emails.providers.reading import address
from tests.emails.providers.conftest import Asked
from tests.kit.providers import BODIES, DOMAIN, EMAIL

ODD = [None, True, -1, 1.5, 10**400, "", "x", "\ud800", "9" * 5_000, "2026-13-45", [], [None], {"x": {}}]
MISSING = object()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each part of a document, the whole included."""
    yield path
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, part in steps:
            yield from places(part, (*path, step))


def damaged(body: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """Return the document with `odd` at the end of the way."""
    if not path:
        return odd
    made = copy.deepcopy(body)
    parent = made
    for step in path[:-1]:
        parent = parent[step]
    if odd is MISSING:
        del parent[path[-1]]
    else:
        parent[path[-1]] = odd
    return made


def is_in_order(outcome: Any) -> bool:
    """Whether what came back is of the types that are promised, and can be kept."""
    if isinstance(outcome, Found):
        claims = json.dumps([claim.as_json() for claim in outcome.evidence])
        checked = outcome.check is None or is_in_order(outcome.check)
        return (
            address(outcome.email) == outcome.email and 0 <= (outcome.confidence or 0) <= 1 and checked and bool(claims)
        )
    if isinstance(outcome, Check):
        kept = json.loads(json.dumps(outcome.as_json()))
        same = Check.from_json(outcome.email, kept) == outcome
        return same and isinstance(outcome.result, Result) and 0 <= (outcome.confidence or 0) <= 1
    if isinstance(outcome, DomainFindings):
        return all(address(pair.email) == pair.email and pair.at and pair.at.tzinfo for pair in outcome.known)
    return outcome is None or (isinstance(outcome, Quota) and outcome.available >= 0)


@pytest.mark.parametrize("name", BODIES)
def test_no_damage_to_an_answer_is_more_than_an_error(asking, name: str) -> None:
    asked = asking(name)
    questions: list[Callable[[Provider], Any]] = [
        lambda provider: provider.find(asked.context, "Ines", "Fontana", DOMAIN),
        lambda provider: provider.verify(asked.context, EMAIL),
        lambda provider: provider.domain(asked.context, DOMAIN),
        lambda provider: provider.quota(asked.context),
    ]
    asks = {}
    for ask in questions:
        before = len(asked.paths)
        ask(asked.provider)
        asks |= dict.fromkeys(asked.paths[before:], ask)
    assert set(asks) == set(BODIES[name])
    outcomes = [
        outcome_of(asked, ask, path, damaged(BODIES[name][path], way, odd))
        for path, ask in asks.items()
        for way in places(BODIES[name][path])
        for odd in [*ODD, *([MISSING] if way else [])]
    ]
    assert all(map(is_in_order, outcomes))
    assert len([outcome for outcome in outcomes if outcome]) > 100


def outcome_of(asked: Asked, ask: Callable[[Provider], Any], path: str, body: Any) -> Any:
    """Return what comes of a question when `body` is at `path`, None for an error."""
    asked.say(path, body)
    provider = asked.make() if path.endswith("access_token") else asked.provider  # tokens are remembered
    with contextlib.suppress(SourceError):
        return ask(provider)
    return None
