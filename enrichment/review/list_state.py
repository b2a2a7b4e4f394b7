"""What the address of the list says: filters, sort order, page, rows a page and columns; and the addresses beside it.

Every address made here names its sort order, so that none is bare: a bare one opens the reader's default view.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from . import columns, filters

PER_PAGE = (50, 100, 200)
LAST_PAGE = 1_000_000
EVERYTHING = f"sort={columns.NEWEST_FIRST}"


@dataclass(frozen=True, slots=True)
class ListState:
    """A list as its address describes it: whatever was not valid is gone."""

    filters: dict[str, Any]
    sort: str
    per: int
    page: int
    columns: tuple[str, ...]

    def query(self) -> str:
        """Return the address's query string in its one form, without the page."""
        return urlencode([*self._narrowing(), ("sort", self.sort), *self._look()])

    def narrowing(self) -> str:
        """Return the query string of the filters alone: what "all that match" stands for."""
        return urlencode([*self._narrowing()])

    def on_page(self, page: int) -> str:
        """Return the query string of another page."""
        return f"{self.query()}&page={page}" if page > 1 else self.query()

    def sorted_by(self, sort: str) -> str:
        """Return the query string of another sort order, which begins anew on its first page."""
        return urlencode([*self._narrowing(), ("sort", sort), *self._look()])

    def with_rows(self, per: int) -> str:
        """Return the query string for another number of rows a page."""
        return ListState(self.filters, self.sort, per, 1, self.columns).query()

    def pairs(self) -> list[tuple[str, str]]:
        """Return what a form of the columns repeats: all but the page and the columns."""
        return [*self._narrowing(), ("sort", self.sort), *(pair for pair in self._look() if pair[0] != "columns")]

    def look(self) -> list[tuple[str, str]]:
        """Return what the form of the filters repeats: order, rows a page and columns."""
        return [("sort", self.sort), *self._look()]

    def without(self, name: str) -> str:
        """Return the query string without one of the filters."""
        rest = {key: value for key, value in self.filters.items() if key != name}
        return ListState(rest, self.sort, self.per, 1, self.columns).query()

    def without_filters(self) -> str:
        """Return the query string without any filter."""
        return urlencode([("sort", self.sort), *self._look()])

    def _narrowing(self) -> Iterator[tuple[str, str]]:
        for name, value in self.filters.items():
            for text in filters.as_text(value):
                yield name, text

    def _look(self) -> Iterator[tuple[str, str]]:
        if self.per != PER_PAGE[0]:
            yield "per", str(self.per)
        if self.columns != columns.DEFAULT:
            yield "columns", ",".join(self.columns) or columns.PERSON.name


def read(data: QueryDict) -> ListState:
    """Return what a query string says, with what the list does by itself wherever it says nothing that there is."""
    per = _number(data.get("per", ""))
    return ListState(
        filters=filters.chosen(data),
        sort=columns.known_sort(data.get("sort", "")),
        per=per if per in PER_PAGE else PER_PAGE[0],
        page=min(max(1, _number(data.get("page", ""))), LAST_PAGE),
        columns=columns.known(data.getlist("columns")),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LAST_PAGE)) else 0
