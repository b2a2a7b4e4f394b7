"""One page of the list of found contacts: counted, found, read and decrypted, in four queries however long it is.

First the ids, off an index alone wherever there is one for the order; then the rows of these ids, without model
instances, and all that is encrypted of them at once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import orjson
from django.db.models import QuerySet

from core.encryption import decrypt_many
from core.fields import raw
from enrichment import compliance
from enrichment.models import ContactEmail, EnrichedContact
from enrichment.templatetags.review import days_left

from . import cells
from .columns import SORTS
from .filters import narrowed
from .list_state import ListState

Row = dict[str, Any]
Rows = QuerySet[EnrichedContact]

FEW = 1000
DEEP = 2000  # rows before a page
FILTERS_INDEX = ("confidence_score", "best_probability", "discovered_at")  # columns that idx_contact_filters ends with

# Made once: putting so many columns together takes the ORM as long as the database takes to read a page.
ROWS = EnrichedContact.objects.order_by().values(
    "pk", "first_name", "last_name", "job_title", "company", "seniority", "department", "decision_maker",
    "confidence_score", "source", "linked_brand_id", "linked_brand__name", "linked_contact_id", "discovered_at",
    "region_code", "review_status",
    url_token=raw("linkedin_url"), evidence_token=raw("evidence"),
)  # fmt: skip
ADDRESSES: QuerySet[Any, Any] = ContactEmail.objects.values(
    "enriched_contact_id", "verification_status", "probability", "generation_method", "last_checked_at",
    token=raw("email"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page's rows, its number, and how many rows and pages there are."""

    rows: list[Row]
    number: int
    total: int
    pages: int
    first: int  # the number of its first row in the list, from 1

    @property
    def last(self) -> int:
        """The number of its last row in the list."""
        return self.first + len(self.rows) - 1


def page(state: ListState) -> ListPage:
    """Return the page that the address asks for, or the last one that there is."""
    matching = narrowed(state.filters)
    # Words of one or two letters have no index: few finds are read, and counted, in one pass.
    few = _keys(matching, state.sort, 0, FEW + 1) if "q" in state.filters else None
    known = few is not None and len(few) <= FEW
    total = len(few) if few is not None and known else matching.count()
    pages = max(1, -(-total // state.per))
    number = min(state.page, pages)
    start = (number - 1) * state.per
    if few is not None and (known or start + state.per <= FEW):
        keys = few[start : start + state.per]
    else:
        keys = _nearest(matching, state.sort, start, min(state.per, total - start), total)
    return ListPage(_rows(keys, state.columns), number, total, pages, start + 1)


def _nearest(rows: Rows, sort: str, start: int, count: int, total: int) -> list[Any]:
    """Return the ids of a page, counted from the end of the list that is nearer."""
    behind = total - start - count
    if behind < start:
        return _keys(rows, sort, behind, count, backwards=True)[::-1]
    return _keys(rows, sort, start, count)


def _keys(rows: Rows, sort: str, start: int, count: int, *, backwards: bool = False) -> list[Any]:
    """Return so many ids from a place on in their order, or in the reverse of it."""
    name = SORTS[sort.removeprefix("-")]
    if start >= DEEP and rows.query.where and name not in FILTERS_INDEX:
        # Those that match by one index alone, sorted by another: far quicker than reading so many whole rows.
        rows = EnrichedContact.objects.filter(pk__in=rows.values("pk")).order_by()
    keys: list[Any] = []
    parts = _parts(rows, name, "-" if sort.startswith("-") != backwards else "")
    for part, order in reversed(parts) if backwards else parts:
        if len(keys) < count:
            found = part.order_by(*order).values_list("pk", flat=True)
            keys += found[start : start + count - len(keys)]
            start = max(0, start - part.count()) if start and not keys else 0
    return keys


def _parts(rows: Rows, name: str, sign: str) -> list[tuple[Rows, tuple[str, ...]]]:
    """Return the parts of a sorted list: contacts without a value come last, whichever way it is sorted.

    They are read by themselves: an index keeps them at one end, which is the wrong one for one of the two ways.
    """
    order = (f"{sign}{name}", f"{sign}pk")
    if not EnrichedContact._meta.get_field(name).null:
        return [(rows, order)]
    return [
        (rows.filter(**{f"{name}__isnull": False}), order),
        (rows.filter(**{f"{name}__isnull": True}), order[1:]),
    ]


def _rows(keys: Sequence[Any], shown: Sequence[str]) -> list[Row]:
    """Return what the list shows of these contacts, in their order."""
    if not keys:
        return []
    rows = {row["pk"]: row for row in ROWS.filter(pk__in=keys)}
    addresses: defaultdict[Any, list[Row]] = defaultdict(list)
    for address in ADDRESSES.filter(enriched_contact__in=keys):
        addresses[address["enriched_contact_id"]].append(address)
    found = [rows[key] for key in keys if key in rows]  # one may have been deleted meanwhile
    tokens = [row["url_token"] for row in found if row["url_token"]]
    tokens += [known[0]["token"] for known in addresses.values()]  # of addresses only the best
    if "sources" in shown:
        tokens += [row["evidence_token"] for row in found]
    texts = dict(zip(tokens, decrypt_many(tokens), strict=True))
    return [_row(row, addresses[row["pk"]], texts) for row in found]


def _row(row: Row, addresses: Sequence[Row], texts: Mapping[str, str]) -> Row:
    best = _best(addresses[0], texts) if addresses else None
    claims = orjson.loads(texts.get(row["evidence_token"], "[]"))
    contact, address = SimpleNamespace(**row), SimpleNamespace(**best) if best else None
    decision = compliance.decision(contact, address)  # type: ignore[arg-type]
    url = texts.get(row["url_token"], "")
    row |= {
        "id": str(row["pk"]),
        "name": f"{row['first_name']} {row['last_name']}".strip(),
        "job_title": row["job_title"] or "",
        "company": row["company"] or row["linked_brand__name"] or "",
        "linkedin": url if url.startswith(("https://", "http://")) else "",
        "best": best,
        "further": len(addresses) - 1,
        "sources": _sources(row["source"], claims),
        "gate": decision.action if decision else None,
        "days_left": days_left(contact),
    }
    return row | {"cells": cells.of(row)}


def _best(address: Row, texts: Mapping[str, str]) -> Row:
    """Return an address with its text, in two parts between which a narrow column may break it."""
    local, at, domain = texts[address["token"]].rpartition("@")
    return address | {"local": local, "at_domain": at + domain}


def _sources(source: str, claims: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return where a contact comes from: its own source first, then those of its evidence."""
    return list(dict.fromkeys([source, *(str(claim.get("source", "")) for claim in claims if claim.get("source"))]))
