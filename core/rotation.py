"""Encrypting every stored value anew under the first key, while the rest of the system runs.

Each table is read in batches by primary key. A value that the first key wrote is left alone, so that it can be
stopped and run again at any time. A new value is written only where the old one still stands, in a row that nobody
holds: what others save meanwhile is theirs, and seen again in the next pass. See docs/adr/0004-encryption.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from core import audit
from core.encryption import renew_many, signers
from core.fields import EncryptedTextField, raw
from core.models import KeyCheck

BATCH = 500  # rows
FIRST_BATCH = 20
BATCH_LENGTH = 8_000_000  # characters, roughly: kept pages are long
PASSES = 5
NAMED = 5  # unreadable values of a model that are named one by one
Row = tuple[Any, ...]


@dataclass(slots=True)
class Count:
    """What there is in one model: values, those written anew, those of older keys that are left, those unreadable.

    `named` says where the first of the unreadable are: the row's key and the column, no content.
    """

    model: str
    values: int = 0
    rotated: int = 0
    older: int = 0
    unreadable: int = 0
    named: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rotation did. `older`: how many values an older key still has to read."""

    counts: list[Count]
    keys: int

    @property
    def values(self) -> int:
        return sum(count.values for count in self.counts)

    @property
    def rotated(self) -> int:
        return sum(count.rotated for count in self.counts)

    @property
    def older(self) -> int:
        return sum(count.older for count in self.counts)

    @property
    def unreadable(self) -> int:
        return sum(count.unreadable for count in self.counts)

    @property
    def is_complete(self) -> bool:
        """Whether the first key alone reads every value."""
        return not self.older and not self.unreadable


def encrypted() -> list[tuple[type[models.Model], list[str]]]:
    """Return every model with encrypted columns, and their names.

    KeyCheck comes last: until all else is done, no process starts without the older key.
    """
    found = [(model, _columns(model)) for model in apps.get_models(include_auto_created=True)]
    known = [(model, names) for model, names in found if names and model._meta.managed and not model._meta.proxy]
    return sorted(known, key=lambda entry: entry[0] is KeyCheck)


def look() -> Outcome:
    """Count what there is, and change nothing."""
    return Outcome([_looked(model, names) for model, names in encrypted()], len(settings.FIELD_ENCRYPTION_KEYS))


def rotate(batch: int = BATCH) -> Outcome:
    """Encrypt every value anew that the first key did not write, and write it to the audit trail.

    It goes over a table until a pass finds nothing left to do. After PASSES something keeps writing under an older
    key, or holds rows; then the outcome is not complete.
    """
    counts: list[Count] = []
    for model, names in encrypted():
        wait = model is KeyCheck and any(count.older for count in counts)
        counts.append(_looked(model, names) if wait else _rotated(model, names, batch))
    outcome = Outcome(counts, len(settings.FIELD_ENCRYPTION_KEYS))
    audit.record(
        "keys.rotated",
        keys=outcome.keys,
        rotated={count.model: count.rotated for count in counts if count.rotated},
        older=outcome.older,
        unreadable=outcome.unreadable,
    )
    return outcome


def _columns(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.local_concrete_fields if isinstance(field, EncryptedTextField)]


def _looked(model: type[models.Model], names: list[str]) -> Count:
    count = Count(model._meta.label)
    for rows in _batches(model, names, BATCH):
        _sorted(count, names, rows)
    return count


def _rotated(model: type[models.Model], names: list[str], batch: int) -> Count:
    total = 0
    for _ in range(PASSES):
        count, written = Count(model._meta.label), 0
        for rows in _batches(model, names, batch):
            todo = _sorted(count, names, rows)
            written += _renew(model, names, todo) if todo else 0
        total += written
        if not count.older:
            break
        count.older -= written
    count.rotated = total
    return count


def _batches(model: type[models.Model], names: list[str], size: int) -> Iterator[list[Row]]:
    """Yield the rows of a table in the order of their keys: the key, then the encrypted columns as they are stored."""
    rows = model._base_manager.order_by("pk").values_list("pk", *map(raw, names))
    batch, longest = list(rows[:FIRST_BATCH]), 1
    while batch:
        yield batch
        longest = max(longest, *(sum(len(value or "") for value in row[1:]) for row in batch))
        batch = list(rows.filter(pk__gt=batch[-1][0])[: max(1, min(size, BATCH_LENGTH // longest))])


def _sorted(count: Count, names: list[str], rows: list[Row]) -> list[Row]:
    """Count the values of `rows`; return the rows in which a key other than the first wrote one, with these alone."""
    places = [(row, number) for row in rows for number in range(1, len(row)) if row[number] is not None]
    older: dict[Any, list[Any]] = {}
    for (row, number), signer in zip(places, signers([row[number] for row, number in places]), strict=True):
        if signer is None:
            count.unreadable += 1
            if len(count.named) < NAMED:
                count.named.append((str(row[0]), names[number - 1]))
        elif signer:
            older.setdefault(row[0], [row[0], *[None] * len(names)])[number] = row[number]
            count.older += 1
    count.values += len(places)
    return [tuple(row) for row in older.values()]


def _renew(model: type[models.Model], names: list[str], rows: list[Row]) -> int:
    """Write the values of `rows` anew, and return how many were written. Rows that differ in what is set go apart."""
    groups: dict[tuple[int, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(n for n in range(1, len(row)) if row[n] is not None), []).append(row)
    return sum(_write(model, [names[n - 1] for n in places], _pairs(group, places)) for places, group in groups.items())


def _pairs(rows: list[Row], places: tuple[int, ...]) -> list[Row]:
    """Return for each row its key, and for each of `places` the old value and the new."""
    old = [row[n] for row in rows for n in places]
    new = renew_many(old)
    values = iter(zip(old, new, strict=True))
    pairs = [(row[0], *[value for _ in places for value in next(values)]) for row in rows]
    return [pair for pair in pairs if None not in pair]


def _write(model: type[models.Model], names: Sequence[str], pairs: list[Row]) -> int:
    """Replace values by others where they still stand; return how many columns were written.

    Only rows that nobody holds: nothing ever waits for us, or we for others, so that there is no deadlock.
    """
    with transaction.atomic():
        wanted = model._base_manager.filter(pk__in=[pair[0] for pair in pairs])
        free = set(wanted.select_for_update(skip_locked=True, no_key=True).order_by().values_list("pk", flat=True))
        pairs = [pair for pair in pairs if pair[0] in free]
        if not pairs:
            return 0
        written = 0
        most = (connection.features.max_query_params or len(pairs) * len(pairs[0])) // len(pairs[0])
        for start in range(0, len(pairs), most):
            written += _update(model, names, pairs[start : start + most])
        return written * len(names)


def _update(model: type[models.Model], names: Sequence[str], pairs: list[Row]) -> int:
    """Compare and set in one statement, which bypasses the fields: they would encrypt what is a token already."""
    meta, quote = model._meta, connection.ops.quote_name
    key: Any = meta.pk
    fields: list[Any] = [meta.get_field(name) for name in names]
    columns = [quote(field.column) for field in fields]
    # Both databases call the columns of VALUES column1, column2, and so on.
    sets = ", ".join(f"{column} = v.column{3 + 2 * n}" for n, column in enumerate(columns))
    same = " AND ".join(f"t.{column} = v.column{2 + 2 * n}" for n, column in enumerate(columns))
    row = f"({', '.join([_placeholder(key), *['%s'] * (2 * len(names))])})"
    table = quote(meta.db_table)
    statement = (
        f"UPDATE {table} AS t SET {sets} FROM (VALUES {', '.join([row] * len(pairs))}) AS v "  # noqa: S608 - our names
        f"WHERE t.{quote(key.column)} = v.column1 AND {same}"
    )
    values = [v for pair in pairs for v in (key.get_db_prep_value(pair[0], connection), *pair[1:])]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _placeholder(key: Any) -> str:
    """Return how a primary key stands in VALUES: PostgreSQL takes what it is not told of for text."""
    if connection.vendor != "postgresql":
        return "%s"
    return f"%s::{key.rel_db_type(connection)}"
