"""Who holds an office of a company, and who held one, by what its item says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from enrichment.discovery.public_index.wikidata_api import OFFICES
from enrichment.discovery.public_index.wikidata_statements import Statement, all_statements, item, statements

CHIEF = "P169"
FOUNDER = "P112"  # a founder stays one, wherever they work today
RECENT = 5  # years


@dataclass(slots=True)
class Office:
    """What the company's item says about one person: pairs of property and statement. `ended`: the latest end first."""

    held: list[tuple[str, Statement]] = field(default_factory=list)
    ended: list[tuple[str, Statement]] = field(default_factory=list)
    doubtful: bool = False  # said without an end, but another holds the office, or it has not begun


def offices_of(company: dict[str, Any], now: datetime) -> dict[str, Office]:
    """Return who holds or held an office, by item: those who hold one first, then those who left, the latest first.

    Somebody of whom it is doubtful whether they hold an office has not left.
    """
    found: dict[str, Office] = {}
    for name in OFFICES:
        holding = [one for one in statements(company, name, now) if not one.ended or name == FOUNDER]
        if name == CHIEF:
            holding = _latest(holding)
        for one in holding:
            if key := item(one.value):
                found.setdefault(key, Office()).held.append((name, one))
        # The one who holds it is often marked as preferred: those who did stand beside, with an end.
        for one in all_statements(company, name, now):
            office = found.setdefault(item(one.value), Office())
            if one.ended and name != FOUNDER:
                office.ended.append((name, one))
            elif one not in holding:
                office.doubtful = True
    found.pop("", None)
    for office in found.values():
        office.ended.sort(key=_end, reverse=True)
    left = [(key, office) for key, office in found.items() if office.ended and not office.held and not office.doubtful]
    left.sort(key=lambda pair: _end(pair[1].ended[0]), reverse=True)
    return {**{key: office for key, office in found.items() if office.held}, **dict(left)}


def certainty(name: str, statement: Statement, now: datetime) -> float:
    """Return how sure it is, 0-1, that the office is held now, by what the statement says of itself."""
    if name == FOUNDER:
        return 0.0
    recent = statement.started is not None and now.year - statement.started[0] <= RECENT
    sure = 0.2 + 0.25 * (statement.started is not None) + 0.2 * statement.referenced
    return sure + 0.15 * (statement.preferred and recent) + 0.1 * statement.current


def _latest(holding: Sequence[Statement]) -> list[Statement]:
    """Of several who are said to lead a company, the last to begin does; the others' ends were not written down."""
    latest = max((one.started or (0, 0, 0) for one in holding), default=None)
    return [one for one in holding if (one.started or (0, 0, 0)) == latest]


def _end(ended: tuple[str, Statement]) -> tuple[int, int, int]:
    return ended[1].until or (0, 0, 0)
