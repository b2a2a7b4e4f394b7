"""Pages of a list, by offset or from a cursor on.

A cursor says after which row the next page begins. So a page far down the list costs what the first one does, and a row
inserted or deleted meanwhile makes no other row appear twice. It is encrypted: opaque to clients, proof against
tampering, and without a readable name in a URL.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import orjson
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from core.encryption import DecryptionError, decrypt, encrypt
from core.refusals import InputError

Row = dict[str, Any]
Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that is paged through: its name, and the columns that it may be sorted by under their names in the API.

    The database reads a page off an index that has such a column, and the id behind it.
    """

    name: str
    columns: Mapping[str, str]
    default: str

    @property
    def orderings(self) -> list[str]:
        """What `ordering` takes; `-` is the other way round."""
        return [f"{sign}{name}" for name in self.columns for sign in ("", "-")]


@dataclass(frozen=True, slots=True)
class Page:
    """A page's rows, as `values()` gives them, and what the answer says of its place in the list."""

    rows: list[Row]
    pagination: Row


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The last row before a page by its value and id, how many rows are before the page, and how many there are."""

    listing: str
    ordering: str
    value: Any
    last: str
    offset: int
    total: int


def page(listing: Listing, rows: Rows, query: Mapping[str, Any]) -> Page:
    """Return the page of `rows` that `query` asks for by `limit`, `ordering`, and `offset` or `cursor`.

    `rows` has filters, no order, and `pk` and the columns of the listing among its values. Its length is counted
    once, without a cursor. Raises InputError for a cursor that cannot be used.
    """
    limit, start = query["limit"], _start(listing, query)
    ordering = start.ordering if start else query.get("ordering", listing.default)
    column, descending = listing.columns[ordering.removeprefix("-")], ordering.startswith("-")
    offset = start.offset if start else query.get("offset", 0)
    if start or not offset:
        found = _from(start, rows, column, descending, limit + 1)
    else:
        found = list(_sorted(rows, column, descending)[offset : offset + limit + 1])
    total = start.total if start else _length(rows, offset, limit, len(found))
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        cursor = _Cursor(listing.name, ordering, last[column], str(last["pk"]), offset + limit, total)
        following = encrypt(orjson.dumps(astuple(cursor)).decode())
    return Page(found[:limit], {"total": total, "limit": limit, "offset": offset, "nextCursor": following})


def _length(rows: Rows, offset: int, limit: int, found: int) -> int:
    """Return how many rows there are; on a last page that is plain without counting them."""
    if found > limit or (offset and not found):
        return rows.count()
    return offset + found


def _sorted(rows: Rows, column: str, descending: bool) -> Rows:
    """Return `rows` by the column, then the id; those without a value are last either way."""
    last = True if rows.model._meta.get_field(column).null else None
    if descending:
        return rows.order_by(F(column).desc(nulls_last=last), "-pk")
    return rows.order_by(F(column).asc(nulls_last=last), "pk")


def _from(start: _Cursor | None, rows: Rows, column: str, descending: bool, count: int) -> list[Row]:
    """Return the first `count` of the sorted rows, or those after `start`.

    Those with a value and those without are read by themselves, and both columns compared at once: only so does an
    index lead to the place, whichever end it keeps its nulls at.
    """
    field, key = rows.model._meta.get_field(column), rows.model._meta.pk
    sign, beyond = ("-", LessThan) if descending else ("", GreaterThan)
    empty = rows.filter(**{f"{column}__isnull": True}) if field.null else rows.none()
    filled = rows.filter(**{f"{column}__isnull": False}) if field.null else rows
    if start:
        last = Value(key.to_python(start.last), key)
        if start.value is None:
            filled, empty = rows.none(), empty.filter(beyond(F("pk"), last))
        else:
            place = _pair(Value(field.to_python(start.value), field), last)
            filled = rows.filter(beyond(_pair(F(column), F("pk")), place))
    found = list(filled.order_by(sign + column, f"{sign}pk")[:count])
    if len(found) < count:
        found += empty.order_by(f"{sign}pk")[: count - len(found)]
    return found


def _pair(column: F | Value, key: F | Value) -> Func:
    """Return the row value `(column, key)`, which sorts by the first, then by the second."""
    return Func(column, key, template="(%(expressions)s)", output_field=BooleanField())


def _start(listing: Listing, query: Mapping[str, Any]) -> _Cursor | None:
    """Return the cursor of `query`, None without one. Raises InputError for one that cannot be used."""
    if "cursor" not in query:
        return None
    cursor = _read(query["cursor"])
    if cursor is None or cursor.listing != listing.name or cursor.ordering not in listing.orderings:
        raise InputError(
            "invalid_cursor",
            "cursor is none of this list: send nextCursor of an answer as it is, or leave cursor out to begin anew.",
        )
    if query.get("ordering", cursor.ordering) != cursor.ordering:
        raise InputError(
            "invalid_cursor",
            f"cursor goes on in the ordering {cursor.ordering}: leave ordering out, or leave cursor out to begin anew.",
        )
    return cursor


def _read(token: str) -> _Cursor | None:
    try:
        return _Cursor(*orjson.loads(decrypt(token)))
    except (DecryptionError, ValueError, TypeError):
        return None
