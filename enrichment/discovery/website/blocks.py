"""Candidates -> records: which lines around a name tell about that person.

A page lists people in blocks of one make: cards, table rows, list items, headings with paragraphs. A block is the
largest element around one name that holds no other; where names and titles are siblings in one flat sequence, it is
the stretch between two names. What is marked up alike is judged together.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from lxml.html import HtmlElement

from enrichment.discovery.website.candidates import Candidate
from enrichment.discovery.website.lines import Outline

REACH = 12  # lines of a flat sequence that can belong to one name
LOOK = 60  # lines of a block that are looked at


@dataclass(slots=True)
class Record:
    """One name with the lines around it.

    `start`/`end` is the half-open range of lines that are this person's. `above` and `below` are the lines before and
    after the name in which a title may stand. `flat` records have no block of their own, so their neighbours share
    these lines. `strong` says that the title names a role.
    """

    candidate: Candidate
    start: int
    end: int
    above: range
    below: range
    flat: bool
    title: str = ""
    title_line: int = -1
    strong: bool = False


def groups(outline: Outline, candidates: list[Candidate]) -> list[list[Record]]:
    """The records of the candidates, those marked up alike together."""
    alike: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        alike[candidate.path].append(candidate)
    firm = {c.line for c in candidates if not c.image and not c.reading.single and (c.likelihood >= 0.6 or c.title)}
    found: list[list[Record]] = []
    for members in alike.values():
        borders = sorted(firm | {member.line for member in members})
        found.append([_record(outline, member, borders) for member in members])
    return found


def _record(outline: Outline, candidate: Candidate, borders: list[int]) -> Record:
    """The record of one candidate. `borders` are the lines with names, sorted."""
    at = candidate.line
    box = _box(outline, candidate.block, at, borders)
    start, end = outline.span[box]
    place = bisect_left(borders, at)
    before = borders[place - 1] if place else -1
    after = borders[place + 1] if place + 1 < len(borders) else len(outline.lines)
    if _tells_more(outline, candidate, start, end):
        above, below = range(max(before + 1, start), at), range(candidate.after, min(after, end))
        return Record(candidate, start, end, above, below, flat=False)
    parent = next((element for element in box.iterancestors() if element in outline.span), None)
    first, last = outline.span[parent] if parent is not None else (start, end)
    above = range(_stop_above(outline, at, max(before + 1, first, at - REACH)), at)
    below = range(candidate.after, _stop_below(outline, at, min(after, last, at + 1 + REACH)))
    return Record(candidate, start, max(end, below.stop), above, below, flat=True)


def _box(outline: Outline, block: HtmlElement, at: int, borders: list[int]) -> HtmlElement:
    """The largest element around line `at` that holds no other name."""
    box = block
    for element in (block, *block.iterancestors()):
        outline.work.spend(1)
        if element.tag in {"body", "html"}:
            break
        span = outline.span.get(element)
        if span is None:
            continue  # a link around a whole card
        first = bisect_left(borders, span[0])
        if bisect_left(borders, span[1]) - first != 1 or borders[first] != at:
            break
        box = element
    return box


def _tells_more(outline: Outline, candidate: Candidate, start: int, end: int) -> bool:
    lines = outline.lines[start : min(end, start + LOOK)]
    return any(
        line.index not in range(candidate.line, candidate.after) and line.text and not line.image for line in lines
    )


def _stop_below(outline: Outline, at: int, limit: int) -> int:
    """Where a flat stretch ends: before a heading higher than the name's own."""
    own = outline.lines[at].heading or 7
    higher = (index for index in range(at + 1, limit) if 0 < outline.lines[index].heading < own)
    return next(higher, limit)


def _stop_above(outline: Outline, at: int, limit: int) -> int:
    """Where a flat stretch begins: after the last heading that is no part of it."""
    own = outline.lines[at].heading or 7
    higher = (index + 1 for index in range(at - 1, limit - 1, -1) if 0 < outline.lines[index].heading < own)
    return next(higher, limit)
