"""What a table's rows and columns say: its header row, and a row of titles under a row of names."""

import re
from itertools import islice

from lxml.html import HtmlElement

from enrichment.discovery.website.pages import visible_text
from enrichment.discovery.website.vocabulary import fold

MAX_COLUMNS = 40

_TITLE_HEADER = re.compile(
    r"^(?:job )?(?:title|position|role|function|designation|funktion|stelle|aufgabe|zustandigkeit|poste|fonction"
    r"|qualite|cargo|puesto|funcion"
    r"|funcao|ruolo|qualifica|carica|functie|stanowisko|funkcja|должность|длъжност|役職|職名|职务|職務|职位|職位|직위|직책)\b"
)


def cell_of(block: HtmlElement) -> HtmlElement | None:
    """The table cell that `block` is or stands in."""
    for element in (block, *block.iterancestors()):
        if element.tag in {"td", "th"}:
            return element
        if element.tag in {"table", "body"}:
            return None
    return None


def column(block: HtmlElement) -> int:
    """The number of the column that `block` stands in, from 0; -1 outside tables."""
    cell = cell_of(block)
    row = cell.getparent() if cell is not None else None
    if row is None:
        return -1
    for place, other in enumerate(row):
        if other is cell:
            return place
        if place == MAX_COLUMNS:
            break
    return -1


def is_title_column(block: HtmlElement) -> bool:
    """Whether the header of the column, or of the row, that `block` stands in says "Position"."""
    place = column(block)
    if place < 0:
        return False
    cell = cell_of(block)
    table = next(cell.iterancestors("table"), None) if cell is not None else None
    header = next(table.iter("tr"), None) if table is not None else None
    cells = list(islice(header, MAX_COLUMNS)) if header is not None else []
    if place >= len(cells) or cells[place] is cell:
        return False
    return _TITLE_HEADER.search(fold(visible_text(cells[place])[:60])) is not None


def cell_below(block: HtmlElement) -> HtmlElement | None:
    """The cell under the one that `block` stands in, where both rows have as many cells."""
    cell = cell_of(block)
    row = cell.getparent() if cell is not None else None
    below = row.getnext() if row is not None else None
    if row is None or below is None or below.tag != "tr":
        return None
    cells = list(islice(below, MAX_COLUMNS + 1))
    if not 2 <= len(cells) == sum(1 for _cell in islice(row, MAX_COLUMNS + 1)):
        return None
    place = column(block)
    return cells[place] if place >= 0 else None
