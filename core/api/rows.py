"""What the lists have in common: a page of rows by cursor, their models read at once, and ids in the query string."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from core.api import cursors
from core.api.errors import NotFound
from core.api.schema import path_id
from core.ids import parse_id
from core.refusals import InputError, Refusal

Json = dict[str, Any]
_M = TypeVar("_M", bound=Model)


def page(
    name: str,
    listing: cursors.Listing,
    rows: QuerySet[_M],
    query: Mapping[str, Any],
    represent: Callable[[_M], Json],
) -> Json:
    """Return the answer to a list's `query`: the page under `name`, and its place in the list.

    `rows` has filters and what is to be joined, no order. Raises InputError for a cursor that cannot be used.
    """
    columns = {"pk", *listing.columns.values()}
    found = cursors.page(listing, rows.order_by().select_related(None).prefetch_related(None).values(*columns), query)
    models = rows.in_bulk([row["pk"] for row in found.rows])
    shown = [represent(models[row["pk"]]) for row in found.rows if row["pk"] in models]
    return {"success": True, name: shown, "pagination": found.pagination}


def one(rows: QuerySet[_M], text: str, what: str) -> _M:
    """Return the row whose id stands in a path. Raises NotFound."""
    row = rows.filter(pk=path_id(text, what)).first()
    if row is None:
        raise NotFound(what)
    return row


def wanted(query: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, UUID | None]:
    """Return the filters for the ids in a query, by column; None for one of another shape, which nothing has."""
    return {column: parse_id(query[name]) for name, column in columns.items() if name in query}


def filtered(rows: QuerySet[_M], query: Mapping[str, Any], columns: Mapping[str, str]) -> QuerySet[_M]:
    """Return the rows that the ids in a query leave."""
    conditions = wanted(query, columns)
    return rows.none() if None in conditions.values() else rows.filter(**conditions)


@contextmanager
def refusing(error: str) -> Iterator[None]:
    """Turn a rule's ValueError, whose message is a sentence, into the API's answer with this code."""
    try:
        yield
    except Refusal:
        raise
    except ValueError as refusal:
        raise InputError(error, str(refusal)) from refusal
