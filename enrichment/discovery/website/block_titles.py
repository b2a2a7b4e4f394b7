"""Which line of a block is the job title? Decided for all blocks of one make together."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from enrichment.discovery.website import names_on_page, role_text, tables
from enrichment.discovery.website.blocks import Record
from enrichment.discovery.website.line_parts import leading_title
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.role_text import DEPARTMENT, NONE, ROLE

NEAR = 5  # lines between a name and its title at most
MAX_UNKNOWN_WORDS = 10  # of a title that only its place gives away

_LABELLED = re.compile(
    r"(?:^|[-_ ])(?:job-?)?(?:title|position|role|job|function|designation|occupation|funktion|poste|fonction|cargo"
    r"|puesto|ruolo|functie|stanowisko|sub-?title|sub-?heading)(?:$|[-_ \d])",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"(?:[,&/]|\b(?:and|und|et|y|e|of|for|für|de|da|do|di|del|della|des|du|van|the|to))$", re.IGNORECASE
)

_Place = tuple[int, int, bool]  # path, table columns from the name's, below the name or above it


def fill(outline: Outline, group: list[Record], headings: list[str]) -> None:
    """Give the records of one make their titles. `headings` are those above each record, for roles that stand there."""
    for record in group:
        if record.candidate.title:
            _set(record, record.candidate.line, record.candidate.title)
    missing = [record for record in group if not record.title]
    if len(missing) * 2 >= len(group):
        above_first = _stand_above(outline, missing)
        for record in missing:
            _take_nearest(outline, record, above_first=above_first, alone=len(group) == 1)
    _take_same_place(outline, group)
    _take_plural(group)
    _take_heading(group, headings)


def _stand_above(outline: Outline, group: list[Record]) -> bool:
    """Whether the titles of these records stand before the names."""
    above = [_first(outline, reversed(record.above[-NEAR:]), ROLE) is not None for record in group]
    below = [_first(outline, record.below[:NEAR], ROLE) is not None for record in group]
    if group and group[0].flat and sum(above) == sum(below):
        return above[0] and not below[-1]
    return sum(above) > sum(below)


def _first(outline: Outline, indexes: Iterable[int], least: int) -> Line | None:
    lines = (outline.lines[index] for index in indexes)
    return next((line for line in lines if _quality(line) >= least), None)


def _quality(line: Line) -> int:
    """How much a line looks like a title: as its words do, or as its class or table column says."""
    if not line.text or line.image:
        return NONE
    strength = role_text.strength(leading_title(line.text))
    if strength < ROLE and _is_plain(line) and (_is_labelled(line) or tables.is_title_column(line.block)):
        return ROLE
    return strength


def _is_labelled(line: Line) -> bool:
    elements = (line.block, *(run.element for run in line.runs[:1]))
    return any(_LABELLED.search(element.get("class") or "") for element in elements) and not line.heading


def _is_plain(line: Line) -> bool:
    """Whether a line is short and no name, address or sentence: it may be a title whatever its words."""
    text = role_text.clean(line.text)
    is_short = 2 <= len(text) <= role_text.MAX_TITLE and len(text.split()) <= MAX_UNKNOWN_WORDS
    if not is_short or role_text.is_sentence(text) or text[-1] in ".!?":
        return False
    reading = names_on_page.read(text)
    return reading is None or reading.likelihood < names_on_page.KNOWN


def _take_nearest(outline: Outline, record: Record, *, above_first: bool, alone: bool) -> None:
    above, below = list(reversed(record.above[-NEAR:])), list(record.below[:NEAR])
    if record.flat and record.candidate.block.tag == "li":
        return  # the neighbours are list items of their own
    sides = [above, below] if above_first else [below, above]
    if record.flat and not alone:
        sides = sides[:1]  # what stands on the other side is the neighbour's
    for side in sides:
        line = _first(outline, side, ROLE) or _first(outline, side[:2], DEPARTMENT)
        if line is not None:
            _set(record, line.index, _whole(outline, line, record))
            return
    cell = tables.cell_below(record.candidate.block) if record.flat else None
    if cell is not None and cell in outline.span:
        start, end = outline.span[cell]
        below_it = range(start, min(end, start + 3))
        line = _first(outline, below_it, DEPARTMENT) or next(
            (outline.lines[index] for index in below_it if _is_plain(outline.lines[index])), None
        )
        if line is not None:
            _set(record, line.index, _whole(outline, line, record))


def _whole(outline: Outline, line: Line, record: Record) -> str:
    """The title of a line, with the next line where it breaks off: "Vice President," / "Client Services"."""
    title = leading_title(line.text) or role_text.clean(line.text)
    following = line.index + 1
    if _UNFINISHED.search(line.text) and following < record.end and _is_plain(outline.lines[following]):
        return f"{line.text} {outline.lines[following].text}"
    return title


def _place(line: Line, record: Record) -> _Place:
    columns = tables.column(line.block) - tables.column(record.candidate.block)
    return line.path, columns, line.index > record.candidate.line


def _take_same_place(outline: Outline, group: list[Record]) -> None:
    """Where most records of a make have their title in one place, what stands there in the others is a title too."""
    places = Counter(
        _place(outline.lines[record.title_line], record)
        for record in group
        if record.title_line >= 0 and record.title_line != record.candidate.line
    )
    place, count = places.most_common(1)[0] if places else ((0, 0, False), 0)
    is_pair = count == 1 and len(group) == 2 and not group[0].flat
    if (count < 2 and not is_pair) or count * 5 < len(group) * 2:
        return
    for record in group:
        if record.title:
            continue
        near = [*record.below[:NEAR], *reversed(record.above[-NEAR:])]
        lines = (outline.lines[index] for index in near)
        line = next((line for line in lines if _place(line, record) == place and _is_plain(line)), None)
        if line is not None:
            _set(record, line.index, _whole(outline, line, record))


def _take_plural(group: list[Record]) -> None:
    """A line "Professors" above the first of several names is the role of those after it too."""
    shared: set[int] = set()
    for before, record in pairwise(group):
        is_above = 0 <= before.title_line < before.candidate.line
        if record.flat and not record.title and is_above and role_text.singular(before.title) != before.title:
            _set(record, before.title_line, before.title)
            shared.add(before.title_line)
    for record in group:
        if record.title_line in shared:
            record.title = role_text.singular(record.title)


def _take_heading(group: list[Record], headings: list[str]) -> None:
    """Under "Partners" or "Steering Council" the heading is the role of those who have none of their own.

    A role that one card in many seems to state is then a word from its text.
    """
    roles = [role_text.of_heading(heading) for heading in headings]
    titled = sum(bool(record.title) for record in group)
    if len(group) >= 4 and titled * 10 < len(group) * 4:
        for record, role in zip(group, roles, strict=True):
            if role and record.title_line != record.candidate.line:
                _set(record, -1, "")
    for record, role in zip(group, roles, strict=True):
        if not record.title and role:
            _set(record, -1, role)


def _set(record: Record, line: int, title: str) -> None:
    record.title, record.title_line = title, line
    record.strong = role_text.strength(title) == ROLE
