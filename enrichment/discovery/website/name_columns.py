"""Tables that print the family name and the given name in columns of their own."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from enrichment.discovery.website import tables
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.pages import visible_text
from enrichment.discovery.website.vocabulary import fold

_GIVEN = re.compile(
    r"(?:first|given)[ -]?names?|forenames?|vornamen?|prenoms?|nombres?|nome|voornaam|imie|jmeno|fornamn|fornavn"
    r"|etunimi|keresztnev|prenume|ad|имя|име|名"
)
_FAMILY = re.compile(
    r"(?:last|family|sur)[ -]?names?|surnames?|nachnamen?|familiennamen?|names?|noms?|apellidos?|cognome|sobrenome"
    r"|apelido|achternaam|nazwisko|prijmeni|efternamn|etternavn|sukunimi|vezeteknev|nume|soyad|фамилия|姓"
)


def pairs_of_cells(outline: Outline) -> Iterator[tuple[Line, Line, str]]:
    """(the first line, the second, the name in its usual order) of every row with both names in neighbouring cells."""
    columns: dict[HtmlElement, tuple[int, int] | None] = {}
    for line, following in zip(outline.lines, outline.lines[1:], strict=False):
        if line.block.tag != "td" or following.block.tag != "td" or line.image or following.image:
            continue
        row = line.block.getparent()
        if row is None or following.block.getparent() is not row or line.block.getnext() is not following.block:
            continue
        table = next(row.iterancestors("table"), None)
        if table is None:
            continue
        if table not in columns:
            columns[table] = _columns(table)
        found, at = columns[table], tables.column(line.block)
        if found == (at, at + 1):
            yield line, following, f"{line.text} {following.text}"
        elif found == (at + 1, at):
            yield line, following, f"{following.text} {line.text}"


def _columns(table: HtmlElement) -> tuple[int, int] | None:
    """The columns of given and family names by the table's header row."""
    header = next(table.iter("tr"), None)
    cells = islice(header, tables.MAX_COLUMNS) if header is not None else ()
    texts = [fold(visible_text(cell)[:60]).strip(" :*") for cell in cells]
    given = next((place for place, text in enumerate(texts) if _GIVEN.fullmatch(text)), None)
    family = next((place for place, text in enumerate(texts) if _FAMILY.fullmatch(text) and place != given), None)
    return None if given is None or family is None else (given, family)
